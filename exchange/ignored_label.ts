/** What label maps hold where no class is: mmseg's 255, of more than 255 classes, which take 16 bits, 65535. */
export function ignoredLabel(classes: number): number {
  return classes > 255 ? 65535 : 255;
}

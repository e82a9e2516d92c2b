/** Whether the dotted `name` is `part` or lies under it. */
export function isPartOf(name: string, part: string): boolean {
  return name === part || name.startsWith(`${part}.`);
}

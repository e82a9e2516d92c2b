import { LowformerError } from '../core/errors.js';

/** `day1/a.jpg` as `day1/a`. */
export function withoutEnding(name: string): string {
  return name.replace(/\.[^./]*$/, '');
}

/**
 * That a file for each picture, called as the picture without its ending, is one for each.
 * @throws {LowformerError} `invalid-argument`, naming two pictures that would share one.
 */
export function checkOwnFiles(names: readonly string[], title: string): void {
  const taken = new Map<string, string>();
  for (const name of names) {
    // Not every disk tells capitals from small letters.
    const key = withoutEnding(name).toLowerCase();
    const other = taken.get(key);
    if (other !== undefined) {
      const expected = `pictures whose names differ before the ending, for ${title} has a file of that name for each,`;
      const hint = 'Rename one, leave it out, or choose a format of one file, such as coco.';
      throw new LowformerError({ code: 'invalid-argument', where: name, expected, received: other, hint });
    }
    taken.set(key, name);
  }
}

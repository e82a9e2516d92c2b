import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * Where a reference file lies: in the repository's fixtures, else beside the checkout (larger files are not kept here).
 * Undefined where neither is there: the test that needs it is skipped, visibly.
 */
export function parityFile(path: string): string | undefined {
  const places = [
    new URL(`./fixtures/${path}`, import.meta.url),
    new URL(`../../shared/parity/${path}`, import.meta.url),
  ];
  return places.map((place) => fileURLToPath(place)).find((place) => existsSync(place));
}

import type { PictureId } from './dataset.js';

/** The same id as a number or as a text, where the known ones have it so: tools differ in what they write. */
export function samePictureId(
  id: PictureId,
  known: { readonly has: (id: PictureId) => boolean },
): PictureId | undefined {
  if (typeof id !== 'string') return known.has(String(id)) ? String(id) : undefined;
  if (!/^-?\d+$/.test(id)) return undefined;
  const whole = Number.isSafeInteger(Number(id)) ? Number(id) : BigInt(id);
  return known.has(whole) ? whole : undefined;
}

export const SAME_ID_NOTE = {
  kind: 'text-id',
  message: 'Ids of pictures are numbers in one place and texts in the other, and taken for the same',
} as const;

/** Numbers by size, then texts by code unit. */
export function comparePictureIds(a: PictureId, b: PictureId): number {
  if (typeof a !== 'string' && typeof b !== 'string') return a < b ? -1 : +(a > b);
  if (typeof a !== 'string') return -1;
  if (typeof b !== 'string') return 1;
  return a < b ? -1 : +(a > b);
}

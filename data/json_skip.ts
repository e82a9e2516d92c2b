/** Passing over JSON by its bytes: of objects and arrays only brackets and strings are looked at. */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** Where the string that begins at `at` ends; -1 where it does not. */
export function stringEnd(bytes: Uint8Array, at: number): number {
  for (let place = at + 1; place < bytes.length; place++) {
    const byte = bytes[place] ?? 0;
    if (byte === QUOTE) return place + 1;
    if (byte === BACKSLASH) place++;
  }
  return -1;
}

/** The same of a string of ASCII without escapes; -1 for any other. */
export function plainStringEnd(bytes: Uint8Array, at: number): number {
  if (bytes[at] !== QUOTE) return -1;
  for (let place = at + 1; place < bytes.length; place++) {
    const byte = bytes[place] ?? 0;
    if (byte === QUOTE) return place + 1;
    if (byte === BACKSLASH || byte > 0x7f) return -1;
  }
  return -1;
}

/** Where the object or array that begins at `at` ends; -1 where it does not. */
export function nestedEnd(bytes: Uint8Array, at: number): number {
  let depth = 0;
  let place = at;
  while (place >= 0 && place < bytes.length) {
    const byte = bytes[place] ?? 0;
    if (byte === QUOTE) {
      place = stringEnd(bytes, place);
      continue;
    }
    place++;
    // '[' and '{', ']' and '}' differ from each other in this bit alone.
    if ((byte | 0x20) === OPEN_OBJECT) depth++;
    else if ((byte | 0x20) === CLOSE_OBJECT && --depth === 0) return place;
  }
  return -1;
}

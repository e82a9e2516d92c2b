/** JPEG files that lack their end marker alone: a camera or a transfer left out the last two bytes, and no pixel is missing. */

const END = [0xff, 0xd9];

/**
 * What may follow the last bit that is there: nothing, or bits of several patterns. One pattern alone could read as the
 * end of a block, which is what a decoder takes missing bits for.
 */
const CONTINUATIONS: readonly Uint8Array[] = [
  new Uint8Array(0),
  ...[0b01010101, 0b00110110, 0b10010010, 0b01100111, 0b11101000].map((pattern) => new Uint8Array(64).fill(pattern)),
];

/**
 * The file with the end marker that it lacks, as it could have gone on: a decoder that has all bits that it needs gives
 * the same pixels for each. (Its warning that bits are missing comes too late for libvips, where it is of the last rows.)
 * undefined where scans are missing.
 */
export function possibleEnds(bytes: Uint8Array): readonly Uint8Array[] | undefined {
  if (!hasAllScans(bytes)) return undefined;
  // The first half of the marker may be there.
  const kept = bytes.at(-1) === 0xff ? bytes.subarray(0, -1) : bytes;
  return CONTINUATIONS.map((continuation) => {
    const file = new Uint8Array(kept.length + continuation.length + END.length);
    file.set(kept);
    file.set(continuation, kept.length);
    file.set(END, kept.length + continuation.length);
    return file;
  });
}

/**
 * Whether every coefficient of every component is there to its last bit. A progressive file that was cut between two of
 * its scans (ITU-T T.81, annex G) would else decode into a blurred picture without a word.
 */
function hasAllScans(bytes: Uint8Array): boolean {
  /** By component: bits of each of the 64 coefficients that are still to come; more than any at first. */
  const missing = new Map<number, Uint8Array>();
  for (let at = 2; at + 4 <= bytes.length; ) {
    if (bytes[at] !== 0xff) return false;
    const marker = bytes[at + 1] ?? 0;
    if (marker === 0xff) {
      at++;
      continue;
    }
    const length = ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
    const segment = bytes.subarray(at + 4, at + 2 + length);
    at += 2 + length;
    if (isFrame(marker)) {
      for (let i = 0; i < (segment[5] ?? 0); i++) missing.set(segment[6 + i * 3] ?? 0, new Uint8Array(64).fill(255));
    } else if (marker === 0xda) {
      const count = segment[0] ?? 0;
      const [first = 0, last = 0, approximation = 0] = segment.subarray(1 + count * 2);
      for (let i = 0; i < count; i++) missing.get(segment[1 + i * 2] ?? 0)?.fill(approximation & 15, first, last + 1);
      at = entropyEnd(bytes, at);
    }
  }
  return missing.size > 0 && [...missing.values()].every((bits) => bits.every((left) => left === 0));
}

/** Start of frame, of any process; C4, C8 and CC are other segments. */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
}

/** Where the next segment begins, or the file ends. */
function entropyEnd(bytes: Uint8Array, from: number): number {
  for (let at = from; at + 1 < bytes.length; at++) {
    if (bytes[at] !== 0xff) continue;
    const next = bytes[at + 1] ?? 0;
    // A stuffed zero, a restart marker, a fill byte.
    if (next !== 0 && next !== 0xff && !(next >= 0xd0 && next <= 0xd7)) return at;
  }
  return bytes.length;
}

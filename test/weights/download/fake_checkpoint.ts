import { seededRandom } from '../../random.js';

/** What opens as a torch archive does, and is a file of its own for each seed. */
export function fakeCheckpoint(size: number, seed = 1): Uint8Array {
  const random = seededRandom(seed);
  const bytes = Uint8Array.from({ length: size }, () => Math.floor(random() * 256));
  bytes.set([0x50, 0x4b, 3, 4, 0, 0, 0, 8, 0, 0]);
  return bytes;
}

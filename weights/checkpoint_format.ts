/**
 * What a checkpoint's first bytes say it is. No single byte decides: a safetensors file opens with a length, and a length
 * can begin with the very byte that opens a pickle (0x80), or with the letters that open an archive (PK).
 */
import { opcodes } from './pickle_opcodes.js';
import { headerLengthOf, longestHeader, shortestHeader } from './safetensors_header.js';

export type CheckpointFormat = 'torch-zip' | 'torch-legacy' | 'safetensors';

/** Bytes that are looked at; fewer where the file is shorter. */
export const BEGINNING = 512;

/**
 * The format of a file by its beginning; undefined for none of them.
 *
 * safetensors: a length of 8 bytes that a header can have, and `{`. An archive: a local header whose compression method
 * exists. A pickle: a protocol and an instruction, or the digits that protocols 0 and 1 open with. The three exclude one
 * another: where `{` stands an archive has its method, which has no such number, and the length that a pickle's first
 * bytes make is beyond any header's but for pickles that no torch writes.
 * @param start the first `BEGINNING` bytes.
 */
export function checkpointFormat(start: Uint8Array): CheckpointFormat | undefined {
  const length = headerLengthOf(start);
  if (length !== undefined && length >= shortestHeader && length <= longestHeader) return 'safetensors';
  if (isArchive(start)) return 'torch-zip';
  if (isPickle(start)) return 'torch-legacy';
  // Whoever reads the header says what is wrong with its length.
  return length === undefined ? undefined : 'safetensors';
}

/** `PK\3\4`, and a compression method by PKWARE's APPNOTE 4.4.5, of which the highest is 99. */
function isArchive(start: Uint8Array): boolean {
  const signature = [0x50, 0x4b, 0x03, 0x04];
  if (!signature.every((byte, i) => start[i] === byte)) return false;
  return start.length < 10 || ((start[8] ?? 0) <= 99 && start[9] === 0);
}

const INSTRUCTIONS: ReadonlySet<number> = new Set(Object.values(opcodes));

function isPickle(start: Uint8Array): boolean {
  const [first, protocol = 0, instruction] = start;
  if (first === opcodes.PROTO) return protocol < 16 && (instruction === undefined || INSTRUCTIONS.has(instruction));
  // Protocols 0 and 1: torch's magic number in digits. Latin-1: one letter a byte.
  return /^L\d{20,}L?\n/.test(String.fromCharCode(...start));
}

import { expect, test } from 'vitest';
import { matroskaFrame, matroskaHeader } from '../../video/matroska.js';

/** Identifiers and lengths of EBML elements in a row, written with eight bytes each. */
function elementsOf(bytes: Buffer): readonly (readonly [id: string, length: number])[] {
  const found: [string, number][] = [];
  for (let at = 0; at < bytes.length; ) {
    const width = Math.clz32(bytes[at] ?? 0) - 24 + 1;
    const id = bytes.subarray(at, at + width).toString('hex');
    const length = bytes.readBigUInt64BE(at + width) & 0xffffffffffffffn;
    found.push([id, Number(length)]);
    at += width + 8 + (length === 0xffffffffffffffn ? 0 : Number(length));
  }
  return found;
}

test('a stream of clusters, one a frame, whose lengths fit', () => {
  const frame = Buffer.alloc(4 * 2 * 3);
  const header = Buffer.from(matroskaHeader({ width: 4, height: 2 }, 25));
  const stream = Buffer.concat([
    header,
    matroskaFrame(0, frame.length),
    frame,
    matroskaFrame(0.033367, frame.length),
    frame,
  ]);
  expect(elementsOf(stream).map(([id]) => id)).toEqual([
    '1a45dfa3',
    '18538067',
    '1549a966',
    '1654ae6b',
    '1f43b675',
    '1f43b675',
  ]);
});

test('a time stamp is microseconds', () => {
  const cluster = Buffer.from(matroskaFrame(33.367001, 6));
  // The cluster's identifier and length, then those of the stamp.
  expect(cluster.readBigUInt64BE(4 + 8 + 1 + 8)).toBe(33_367_001n);
});

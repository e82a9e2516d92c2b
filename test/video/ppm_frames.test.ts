import { describe, expect, test } from 'vitest';
import { ppmCutter } from '../../video/ppm_frames.js';

const frame = (width: number, height: number, first: number) =>
  Buffer.concat([
    Buffer.from(`P6\n${width} ${height}\n255\n`),
    Buffer.from(Array.from({ length: width * height * 3 }, (_, i) => (first + i) % 256)),
  ]);

describe('frames cut from PPM files in a row', () => {
  const stream = Buffer.concat([frame(3, 2, 0), frame(3, 2, 100), frame(1, 4, 10)]);

  test.each([1, 2, 7, 13, 31, stream.length])('in pieces of %i bytes', (length) => {
    const cutter = ppmCutter();
    const frames = [];
    for (let at = 0; at < stream.length; at += length) frames.push(...cutter.push(stream.subarray(at, at + length)));
    expect(frames.map(({ width, height, data }) => [width, height, data[0], data.at(-1)])).toEqual([
      [3, 2, 0, 17],
      [3, 2, 100, 117],
      [1, 4, 10, 21],
    ]);
    expect(cutter.begun).toBe(0);
  });

  test('a frame has memory of its own', () => {
    const piece = frame(2, 1, 5);
    const [cut] = ppmCutter().push(piece);
    piece.fill(0);
    expect([...(cut?.data ?? [])]).toEqual([5, 6, 7, 8, 9, 10]);
  });

  test('what is begun and not complete is known', () => {
    const cutter = ppmCutter();
    expect(cutter.push(stream.subarray(0, 31 + 14)).length).toBe(1);
    expect(cutter.begun).toBeGreaterThan(0);
  });

  test('anything else is no PPM', () => {
    expect(() => ppmCutter().push(Buffer.from('P5\n3 2\n255\n and more than a header has'))).toThrow('no PPM');
  });
});

/** Strips of a picture in parts: the pixels of the whole, each row read once. */
import { expect, test } from 'vitest';
import type { PartedPicture, Region } from '../../core/frame.js';
import { pictureStrips } from '../../images/picture_strips.js';
import { cutPicture } from '../../images/region.js';
import { drawPicture } from '../tools/tiny_models.js';

const whole = drawPicture(23, 60);

function parted(read: (region: Region) => void): PartedPicture {
  return {
    width: whole.width,
    height: whole.height,
    read: async (region) => {
      read(region);
      return cutPicture(whole, region);
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

test.each([
  ['that share rows', [0, 15, 30, 40]],
  ['that touch', [0, 20, 40]],
  ['with a gap', [0, 35]],
  ['of one place', [7]],
])('strips %s', async (_, tops) => {
  const read: number[] = [];
  const strips = pictureStrips(
    parted(({ top, height }) => read.push(...Array.from({ length: height }, (_, i) => top + i))),
    tops,
    20,
  );
  for (const top of tops) {
    const own = { left: 0, top, width: whole.width, height: 20 };
    expect(await strips.at(top)).toEqual(cutPicture(whole, own));
    expect(await strips.at(top)).toEqual(cutPicture(whole, own));
  }
  expect(new Set(read).size).toBe(read.length);
});

test('the next is read ahead, and its failure is told when it is asked for', async () => {
  let reads = 0;
  const strips = pictureStrips(
    parted(() => {
      if (++reads === 2) throw new Error('damaged');
    }),
    [0, 20, 40],
    20,
  );
  await strips.at(0);
  expect(reads).toBe(2);
  await expect(strips.at(20)).rejects.toThrow('damaged');
});

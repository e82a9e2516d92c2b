import { expect, it } from 'vitest';
import {
  classPicture,
  differencePicture,
  predictedClasses,
  truthClasses,
} from '../../../analysis/segmentation/label_picture.js';
import { classColour } from '../../../drawing/palette.js';

const map = (...labels: number[]) => ({ width: labels.length, height: 1, labels: Uint8Array.from(labels) });
const pixel = (data: Uint8Array | Uint8ClampedArray, at: number) => Array.from(data.subarray(at * 3, at * 3 + 3));

it('shows classes in their colours, and what is not scored dark', () => {
  const truth = truthClasses(map(0, 1, 2, 255), { ignoreIndex: 255, reduceZeroLabel: true });
  expect([0, 1, 2, 3].map(truth)).toEqual([undefined, 0, 1, undefined]);
  const { data } = classPicture({ width: 4, height: 1, picture: undefined }, truth);
  expect(pixel(data, 0)).toEqual([37, 37, 37]);
  expect(pixel(data, 1)).toEqual([...classColour(0)]);
  expect(pixel(data, 2)).toEqual([...classColour(1)]);
});

it('shows in red what differs, but for what is not scored', () => {
  const truth = truthClasses(map(0, 1, 255), { ignoreIndex: 255, reduceZeroLabel: false });
  const ground = { width: 3, height: 1, picture: undefined };
  const { data } = differencePicture(ground, truth, predictedClasses(map(0, 0, 0)));
  expect(pixel(data, 0)).toEqual([150, 150, 150]);
  expect(pixel(data, 1)[0]).toBeGreaterThan(200);
  expect(pixel(data, 1)[1]).toBeLessThan(90);
  expect(pixel(data, 2)).toEqual([37, 37, 37]);
});

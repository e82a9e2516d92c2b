/** A label map of class scores, made where the scores are: one number a pixel in place of one a class. */
import { invalid, mapShape, type Operation } from './operation.js';
import type { BilinearAttributes } from './resampling.js';

/**
 * What mmseg makes of scores [N, C, h, w]: bilinear to the size that the network saw, what was padded at the right and bottom cut off,
 * bilinear to the picture's size, and of each pixel the class with the best score, the first of equal ones: [N, 1, H, W]. Pictures that have
 * NaN or an infinite score have NaN everywhere. Sizes are told by inputs of which nothing but the shape counts, in this order: what the
 * network saw, [N, any, h, w]; what of it was the picture, rows [N, 1, h, 1] and columns [N, 1, 1, w]; the picture, rows and columns. In
 * float32 in every precision: outputs alone read it. Passes alone make it.
 */
export const bestClasses: Operation<BilinearAttributes> = {
  inputs: 6,
  result: (inputs) => {
    const [scores, ...sizes] = inputs;
    if (inputs.some(({ kind }) => kind !== 'map'))
      throw invalid(
        'maps',
        sizes.map(({ kind }) => kind),
      );
    if (scores === undefined || scores.channels < 2) throw invalid('scores of two classes or more', scores?.channels);
    return { kind: 'map', channels: 1 };
  },
  shape: ([scores = [], , , , rows = [], columns = []]) => {
    const [n] = mapShape(scores);
    return [n, 1, mapShape(rows)[2], mapShape(columns)[3]];
  },
};

import type * as tfjs from '@tensorflow/tfjs-core';
import { first } from '../../../graph/operations/operation.js';
import { ofSquares, PIXELS, READ, RESULT, TILE } from '../../../graph/operations/winograd.js';
import { keptBias, mapInput, type TfjsKernel } from '../kernel.js';

/** As in ONNX, with channels last: what is multiplied for itself, pixel of a tile by pixel, becomes the first axis meanwhile. */
export const winogradConv: TfjsKernel<'winogradConv'> = (context) => {
  const { tf, attributes, node, parameter, keep } = context;
  const { out } = attributes;
  const { channels } = first(node.inputs);
  const squares = READ ** 2;
  const filter = keep(() => {
    const pixels = tf.tensor4d([...ofSquares(PIXELS)], [squares, READ, READ, 1]);
    return tf.tile(tf.transpose(pixels, [1, 2, 3, 0]), [1, 1, channels, 1]);
  });
  // [36, out, in] as [36, in, out].
  const weight = keep(() => tf.transpose(tf.reshape(parameter('weight'), [squares, out, channels]), [0, 2, 1]));
  const result = keep(() => tf.tensor2d([...ofSquares(RESULT)], [TILE ** 2, squares]));
  const bias = keptBias(context);
  return (inputs) => {
    const x = mapInput(inputs);
    const [n, h, w] = x.shape;
    const [down, across] = [Math.ceil(h / TILE), Math.ceil(w / TILE)];
    const behind = (size: number, tiles: number): [number, number] => [1, tiles * TILE + 1 - size];
    const padded = tf.pad(x, [[0, 0], behind(h, down), behind(w, across), [0, 0]]);
    const transformed = tf.depthwiseConv2d(padded, filter, TILE, 'valid');
    const tiles = n * down * across;
    const apart = tf.transpose(tf.reshape(transformed, [tiles, channels, squares]), [2, 0, 1]);
    const product = tf.reshape<tfjs.Rank.R2>(tf.matMul(apart, weight), [squares, tiles * out]);
    const rows = tf.reshape(tf.matMul(result, product), [TILE, TILE, n, down, across, out]);
    const turned = tf.transpose(rows, [2, 3, 0, 4, 1, 5]);
    const whole = tf.reshape<tfjs.Rank.R4>(turned, [n, down * TILE, across * TILE, out]);
    const y = tf.slice4d(whole, [0, 0, 0, 0], [n, h, w, out]);
    return bias === undefined ? y : tf.add(y, bias);
  };
};

import type * as tfjs from '@tensorflow/tfjs-core';
import { mapInput, type TfjsKernel } from '../kernel.js';

export const padToMultiple: TfjsKernel<'padToMultiple'> =
  ({ tf, attributes: { divisor } }) =>
  (inputs) => {
    const x = mapInput(inputs);
    const [, h, w] = x.shape;
    const lacking = (size: number): [number, number] => [0, Math.ceil(size / divisor) * divisor - size];
    return tf.pad(x, [[0, 0], lacking(h), lacking(w), [0, 0]]);
  };

export const pixelUnshuffle: TfjsKernel<'pixelUnshuffle'> =
  ({ tf, attributes: { factor, order } }) =>
  (inputs) => {
    const x = mapInput(inputs);
    const [n, h, w, c] = x.shape;
    const [rows, columns] = [h / factor, w / factor];
    const apart = tf.reshape(x, [n * rows, factor, columns, factor, c]);
    const turned = tf.transpose(apart, order === 'channelFirst' ? [0, 2, 4, 1, 3] : [0, 2, 3, 1, 4]);
    return tf.reshape(turned, [n, rows, columns, c * factor ** 2]);
  };

export const depthToSpace: TfjsKernel<'depthToSpace'> =
  ({ tf, attributes: { factor, crop } }) =>
  (inputs) => {
    const [n, h, w, c] = mapInput(inputs).shape;
    const apart = tf.reshape(mapInput(inputs), [n * h, w, factor, (c / factor ** 2) * factor]);
    const turned = tf.transpose(apart, [0, 2, 1, 3]);
    const [height, width] = [h * factor, w * factor];
    const whole = tf.reshape<tfjs.Rank.R4>(turned, [n, height, width, c / factor ** 2]);
    const [before, after] = crop;
    const cropped = [-1, height - before - after, width - before - after, -1] as const;
    return before + after === 0 ? whole : tf.slice4d(whole, [0, before, before, 0], [...cropped]);
  };

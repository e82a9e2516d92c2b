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

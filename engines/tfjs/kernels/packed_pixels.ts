import { PACKED_VALUES } from '../../../graph/operations/packed_pixels.js';
import { mapInput, type TfjsKernel } from '../kernel.js';

export const unpackPixels: TfjsKernel<'unpackPixels'> = ({ tf, attributes: { values }, keep }) => {
  const tables = [0, 1, 2].map((channel) =>
    keep(() => tf.tensor1d(values.slice(channel * PACKED_VALUES, (channel + 1) * PACKED_VALUES))),
  );
  return (inputs) => {
    const pixels = mapInput(inputs);
    const padding = tf.greaterEqual(pixels, tf.scalar(2 ** 24));
    const channels = tables.map((table, i) => {
      const upper = tf.floor(tf.mul(pixels, tf.scalar(2 ** (-8 * i))));
      const rest = tf.mul(tf.floor(tf.mul(upper, tf.scalar(2 ** -8))), tf.scalar(256));
      const places = tf.where(padding, tf.scalar(256), tf.sub(upper, rest));
      return tf.gather(table, tf.cast(places, 'int32'));
    });
    return tf.concat(channels, 3);
  };
};

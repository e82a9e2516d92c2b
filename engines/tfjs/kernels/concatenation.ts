import { mapInput, type TfjsKernel } from '../kernel.js';

export const concatenate: TfjsKernel<'concatenate'> =
  ({ tf }) =>
  (inputs) =>
    tf.concat([mapInput(inputs), mapInput(inputs, 1)], 3);

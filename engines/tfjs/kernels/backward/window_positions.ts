import type * as tfjs from '@tensorflow/tfjs-core';
import { mapInput, type TfjsKernel, type TfTensor } from '../../kernel.js';
import { floats } from '../floats.js';
import { learnedTerm, positionRows, shiftedAttention } from '../window_attention.js';
import { registerGradients } from './primitives.js';

/** The term's gradient by TensorFlow.js; then each pair of pixels adds to the row that it read. */
export const shiftedWindowPositionsGradient: TfjsKernel<'shiftedWindowPositionsGradient'> = (context) => {
  const { tf, attributes, parameter, keep } = context;
  const { heads, window } = attributes;
  registerGradients(tf);
  const term = keep(() => learnedTerm(tf, attributes, parameter('positions')));
  const rows = [...positionRows(window)];
  return (inputs) => {
    const x = mapInput(inputs);
    const attend = (varied: TfTensor) => shiftedAttention(tf, x, attributes, mapInput([varied]));
    const gradient = tf.grad(attend)(term, mapInput(inputs, 1));
    const pairs = tf.reshape<tfjs.Rank.R2>(gradient, [heads, rows.length]);
    const places = floats(tf, tf.oneHot(tf.tensor1d(rows, 'int32'), (2 * window - 1) ** 2));
    return tf.matMul(tf.reshape<tfjs.Rank.R2>(places, [rows.length, -1]), pairs, true, true);
  };
};

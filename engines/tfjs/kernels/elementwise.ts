import { anyInput, type KernelContext, mapInput, type TfjsKernel, type TfTensor } from '../kernel.js';
import { floats } from './floats.js';

/** A function of one tensor, element by element. */
const unary =
  (apply: (tf: KernelContext<'relu'>['tf'], x: TfTensor) => TfTensor) =>
  ({ tf }: Pick<KernelContext<'relu'>, 'tf'>) =>
  (inputs: readonly TfTensor[]): TfTensor =>
    apply(tf, anyInput(inputs));

/** A function of two tensors, element by element. */
const binary =
  (apply: (tf: KernelContext<'add'>['tf'], a: TfTensor, b: TfTensor) => TfTensor) =>
  ({ tf }: Pick<KernelContext<'add'>, 'tf'>) =>
  (inputs: readonly TfTensor[]): TfTensor =>
    apply(tf, anyInput(inputs), anyInput(inputs, 1));

export const relu = unary((tf, x) => tf.relu(x));
export const relu6 = unary((tf, x) => tf.relu6(x));
export const hardswish = unary((tf, x) => tf.mul(x, tf.mul(tf.relu6(tf.add(x, 3)), 1 / 6)));
export const silu = unary((tf, x) => tf.mul(x, tf.sigmoid(x)));
export const sigmoid = unary((tf, x) => tf.sigmoid(x));
export const exp = unary((tf, x) => tf.exp(x));
export const log = unary((tf, x) => tf.log(x));
export const abs = unary((tf, x) => tf.abs(x));
export const sign = unary((tf, x) => tf.sign(x));
export const softplus = unary((tf, x) => tf.softplus(x));
export const add = binary((tf, a, b) => tf.add(a, b));
export const subtract = binary((tf, a, b) => tf.sub(a, b));
export const multiply = binary((tf, a, b) => tf.mul(a, b));
export const divide = binary((tf, a, b) => tf.div(a, b));
export const minimum = binary((tf, a, b) => tf.minimum(a, b));
export const maximum = binary((tf, a, b) => tf.maximum(a, b));

export const gelu: TfjsKernel<'gelu'> = ({ tf, attributes: { approximate } }) =>
  approximate === 'tanh'
    ? (inputs) => {
        const x = anyInput(inputs);
        const inner = tf.add(x, tf.mul(tf.mul(tf.square(x), x), 0.044715));
        return tf.mul(tf.mul(x, 0.5), tf.add(tf.tanh(tf.mul(inner, Math.sqrt(2 / Math.PI))), 1));
      }
    : (inputs) => {
        const x = anyInput(inputs);
        return tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));
      };

export const scale: TfjsKernel<'scale'> =
  ({ tf, attributes: { factor } }) =>
  (inputs) =>
    tf.mul(anyInput(inputs), factor);

export const shift: TfjsKernel<'shift'> =
  ({ tf, attributes: { by } }) =>
  (inputs) =>
    tf.add(anyInput(inputs), by);

export const power: TfjsKernel<'power'> =
  ({ tf, attributes: { exponent } }) =>
  (inputs) =>
    tf.pow(anyInput(inputs), exponent);

export const clip: TfjsKernel<'clip'> =
  ({ tf, attributes: { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } }) =>
  (inputs) =>
    tf.clipByValue(anyInput(inputs), min, max);

export const within: TfjsKernel<'within'> =
  ({ tf, attributes: { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } }) =>
  (inputs) => {
    const x = anyInput(inputs);
    return floats(tf, tf.logicalAnd(tf.greaterEqual(x, min), tf.lessEqual(x, max)));
  };

/** Channels come last, so that factors [C] meet them. */
export const channelScale: TfjsKernel<'channelScale'> = ({ tf, parameter, keep }) => {
  const gamma = keep(() => tf.reshape(parameter('gamma'), [-1]));
  return (inputs) => tf.mul(mapInput(inputs), gamma);
};

export const learnedScale: TfjsKernel<'learnedScale'> =
  ({ tf, parameter }) =>
  (inputs) =>
    tf.mul(anyInput(inputs), parameter('scale'));

export const gate: TfjsKernel<'gate'> =
  ({ tf }) =>
  (inputs) =>
    tf.mul(mapInput(inputs), mapInput(inputs, 1));

/**
 * Gradients of the functions of TensorFlow.js that the kernels are made of. Its packages register theirs where they are
 * bundled alone: from Node, tfjs-core has none. What is registered already stays.
 */
import type * as tfjs from '@tensorflow/tfjs-core';
import { LowformerError } from '../../../../core/errors.js';
import type { TensorFlow, TfTensor } from '../../kernel.js';

type Gradients = Record<string, () => TfTensor>;
interface Primitive {
  /** Inputs, or `output`, that the gradient reads. */
  readonly saves: readonly string[] | 'all';
  readonly gradient: (tf: TensorFlow, dy: TfTensor, saved: readonly TfTensor[], attributes: Attributes) => Gradients;
}
type Attributes = Readonly<Record<string, unknown>>;

const registered = new WeakSet<TensorFlow>();

/** Registers what is missing, once for a copy of TensorFlow.js. */
export function registerGradients(tf: TensorFlow): void {
  if (registered.has(tf)) return;
  registered.add(tf);
  for (const [kernelName, { saves, gradient }] of Object.entries(PRIMITIVES)) {
    if (tf.getGradient(kernelName) !== undefined) continue;
    tf.registerGradient({
      kernelName,
      ...(saves === 'all' ? { saveAllInputs: true } : { inputsToSave: saves.filter((name) => name !== 'output') }),
      ...(saves.includes('output') ? { outputsToSave: [true] } : {}),
      gradFunc: (dy, saved, attributes) =>
        gradient(tf, Array.isArray(dy) ? joined(tf, dy, attributes) : dy, saved, { ...attributes }),
    });
  }
}

/** What came apart, together again: the gradient of a split. */
function joined(tf: TensorFlow, parts: readonly TfTensor[], attributes: object): TfTensor {
  return tf.concat([...parts], numberOf({ ...attributes }, 'axis'));
}

const at = (saved: readonly TfTensor[], index = 0): TfTensor => {
  const tensor = saved[index];
  if (tensor === undefined) throw broken(`a saved tensor ${index}`);
  return tensor;
};

function numberOf(attributes: Attributes, name: string): number {
  const value = attributes[name];
  if (typeof value !== 'number') throw broken(`a number '${name}'`);
  return value;
}

function numbersOf(attributes: Attributes, name: string): readonly number[] {
  const value = attributes[name];
  if (typeof value === 'number') return [value];
  if (!Array.isArray(value)) throw broken(`numbers '${name}'`);
  return value.map(Number);
}

function broken(expected: string): LowformerError {
  return new LowformerError({ code: 'engine-failure', where: 'tfjs', expected: `${expected} of the kernel` });
}

/** The gradient of an operand that was repeated to the shape of the result. */
function unbroadcast(tf: TensorFlow, gradient: TfTensor, operand: TfTensor): TfTensor {
  const axes = tf.broadcast_util.getReductionAxes(operand.shape, gradient.shape);
  return tf.reshape(axes.length === 0 ? gradient : tf.sum(gradient, axes), operand.shape);
}

/** A sum's gradient at every element that went into it. */
function spread(tf: TensorFlow, dy: TfTensor, x: TfTensor, attributes: Attributes): TfTensor {
  const axes = tf.util.parseAxisParam([...numbersOf(attributes, 'axis')], x.shape);
  const kept = x.shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
  return tf.mul(tf.reshape(dy, kept), tf.onesLike(x));
}

function product(tf: TensorFlow, a: TfTensor, b: TfTensor, turnA: boolean, turnB: boolean): TfTensor {
  return tf.matMul<tfjs.Tensor>(a, b, turnA, turnB);
}

const PRIMITIVES: Readonly<Record<string, Primitive>> = {
  Identity: { saves: [], gradient: (_tf, dy) => ({ x: () => dy }) },
  Cast: { saves: [], gradient: (_tf, dy) => ({ x: () => dy }) },
  Add: {
    saves: ['a', 'b'],
    gradient: (tf, dy, saved) => ({
      a: () => unbroadcast(tf, dy, at(saved)),
      b: () => unbroadcast(tf, dy, at(saved, 1)),
    }),
  },
  Sub: {
    saves: ['a', 'b'],
    gradient: (tf, dy, saved) => ({
      a: () => unbroadcast(tf, dy, at(saved)),
      b: () => unbroadcast(tf, tf.neg(dy), at(saved, 1)),
    }),
  },
  Multiply: {
    saves: ['a', 'b'],
    gradient: (tf, dy, saved) => ({
      a: () => unbroadcast(tf, tf.mul(dy, at(saved, 1)), at(saved)),
      b: () => unbroadcast(tf, tf.mul(dy, at(saved)), at(saved, 1)),
    }),
  },
  RealDiv: {
    saves: ['a', 'b'],
    gradient: (tf, dy, saved) => ({
      a: () => unbroadcast(tf, tf.div(dy, at(saved, 1)), at(saved)),
      b: () => {
        const [a, b] = [at(saved), at(saved, 1)];
        return unbroadcast(tf, tf.neg(tf.div(tf.mul(dy, a), tf.square(b))), b);
      },
    }),
  },
  Square: { saves: ['x'], gradient: (tf, dy, saved) => ({ x: () => tf.mul(dy, tf.mul(at(saved), 2)) }) },
  Sqrt: { saves: ['x'], gradient: (tf, dy, saved) => ({ x: () => tf.div(dy, tf.mul(tf.sqrt(at(saved)), 2)) }) },
  Rsqrt: {
    saves: ['x'],
    gradient: (tf, dy, saved) => ({
      x: () => tf.mul(dy, tf.div(tf.mul(tf.rsqrt(at(saved)), -0.5), at(saved))),
    }),
  },
  Sum: { saves: ['x'], gradient: (tf, dy, saved, attributes) => ({ x: () => spread(tf, dy, at(saved), attributes) }) },
  Mean: {
    saves: ['x'],
    gradient: (tf, dy, saved, attributes) => ({
      x: () => {
        const x = at(saved);
        return tf.div(spread(tf, dy, x, attributes), x.size / dy.size);
      },
    }),
  },
  Reshape: { saves: ['x'], gradient: (tf, dy, saved) => ({ x: () => tf.reshape(dy, at(saved).shape) }) },
  ExpandDims: { saves: ['input'], gradient: (tf, dy, saved) => ({ input: () => tf.reshape(dy, at(saved).shape) }) },
  Transpose: {
    saves: [],
    gradient: (tf, dy, _saved, attributes) => ({
      x: () => {
        const perm = numbersOf(attributes, 'perm');
        return tf.transpose(
          dy,
          perm.map((_, axis) => perm.indexOf(axis)),
        );
      },
    }),
  },
  BatchMatMul: {
    saves: ['a', 'b'],
    gradient: (tf, dy, saved, { transposeA, transposeB }) => {
      const [a, b] = [at(saved), at(saved, 1)];
      const [turnedA, turnedB] = [transposeA === true, transposeB === true];
      return {
        a: () => (turnedA ? product(tf, b, dy, turnedB, true) : product(tf, dy, b, false, !turnedB)),
        b: () => (turnedB ? product(tf, dy, a, true, turnedA) : product(tf, a, dy, !turnedA, false)),
      };
    },
  },
  Softmax: {
    saves: ['output'],
    gradient: (tf, dy, saved, attributes) => ({
      logits: () => {
        const y = at(saved);
        const weighted = tf.mul(dy, y);
        return tf.sub(weighted, tf.mul(tf.sum(weighted, numberOf(attributes, 'dim'), true), y));
      },
    }),
  },
  SplitV: { saves: [], gradient: (_tf, dy) => ({ x: () => dy }) },
  Concat: {
    saves: 'all',
    gradient: (tf, dy, saved, attributes) => {
      const axis = numberOf(attributes, 'axis');
      const sizes = saved.map(({ shape }) => shape[axis] ?? 0);
      return Object.fromEntries(tf.split(dy, sizes, axis).map((part, i) => [i, () => part]));
    },
  },
  Slice: {
    saves: ['x'],
    gradient: (tf, dy, saved, attributes) => ({
      x: () => {
        const begin = numbersOf(attributes, 'begin');
        const { shape } = at(saved);
        const sides = shape.map((extent, axis): [number, number] => {
          const before = begin[axis] ?? 0;
          return [before, extent - before - (dy.shape[axis] ?? 0)];
        });
        return tf.pad(dy, sides);
      },
    }),
  },
  PadV2: {
    saves: ['x'],
    gradient: (tf, dy, saved, { paddings }) => ({
      x: () => {
        if (!Array.isArray(paddings)) throw broken('paddings');
        const begin = paddings.map((sides: unknown) => (Array.isArray(sides) ? Number(sides[0]) : 0));
        return tf.slice(dy, begin, at(saved).shape);
      },
    }),
  },
  Tile: {
    saves: ['x'],
    gradient: (tf, dy, saved, attributes) => ({
      x: () => {
        const reps = numbersOf(attributes, 'reps');
        return reps.reduce(
          (sum, count, axis) => {
            if (count === 1) return sum;
            const parts = tf.split(sum, count, axis);
            return parts.reduce((total, part) => tf.add(total, part));
          },
          tf.reshape(dy, dy.shape.length === at(saved).rank ? dy.shape : at(saved).shape),
        );
      },
    }),
  },
  Sigmoid: {
    saves: ['output'],
    gradient: (tf, dy, saved) => ({ x: () => tf.mul(dy, tf.mul(at(saved), tf.sub(1, at(saved)))) }),
  },
  Tanh: {
    saves: ['output'],
    gradient: (tf, dy, saved) => ({ x: () => tf.mul(dy, tf.sub(1, tf.square(at(saved)))) }),
  },
  Relu: {
    saves: ['x'],
    gradient: (tf, dy, saved) => ({ x: () => tf.mul(dy, tf.cast(tf.greater(at(saved), 0), 'float32')) }),
  },
  Relu6: {
    saves: ['x'],
    gradient: (tf, dy, saved) => ({
      x: () => {
        const inside = tf.logicalAnd(tf.greater(at(saved), 0), tf.less(at(saved), 6));
        return tf.mul(dy, tf.cast(inside, 'float32'));
      },
    }),
  },
  Erf: {
    saves: ['x'],
    gradient: (tf, dy, saved) => ({
      x: () => tf.mul(dy, tf.mul(tf.exp(tf.neg(tf.square(at(saved)))), 2 / Math.sqrt(Math.PI))),
    }),
  },
};

import { elements, type Shape } from '../core/tensor.js';

/**
 * The values with which the reference fixtures were made: every weight and every input follows from its name alone,
 * so no checkpoint has to be kept. Element `i` (row-major) is a hash of the name and of `i`, spread over [0, 1).
 */
export function formulaNumbers(name: string, count: number, value: (u: number) => number): Float32Array {
  const seed = fnv1a32(name);
  // A loop: `Float32Array.from` takes six times as long, and this fills every network that the tests run.
  const numbers = new Float32Array(count);
  for (let i = 0; i < count; i++) numbers[i] = value(spread(seed, i));
  return numbers;
}

/** Element `i` of the hash, in [0, 1). */
function spread(seed: number, i: number): number {
  let x = (seed + Math.imul(i, 0x9e3779b9)) >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  x ^= x >>> 16;
  return (x >>> 0) / 2 ** 32;
}

/** Weights of layers, which are most of all numbers: without a call for each. */
function layerWeights(name: string, count: number, bound: number): Float32Array {
  const seed = fnv1a32(name);
  const numbers = new Float32Array(count);
  for (let i = 0; i < count; i++) numbers[i] = (2 * spread(seed, i) - 1) * bound;
  return numbers;
}

/** 32-bit Fowler-Noll-Vo hash (1a) of the UTF-8 bytes. */
export function fnv1a32(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** The formula weight of the parameter `name` (its state_dict key), row-major. */
export function formulaValue(name: string, shape: Shape): Float32Array {
  const count = elements(shape);
  switch (name.slice(name.lastIndexOf('.') + 1)) {
    case 'num_batches_tracked':
      return new Float32Array(count);
    case 'running_var':
      return formulaNumbers(name, count, (u) => 0.5 + u);
    case 'running_mean':
    case 'bias':
      return formulaNumbers(name, count, (u) => (u - 0.5) * 0.2);
  }
  if (shape.length === 1) return formulaNumbers(name, count, (u) => 0.25 + 0.5 * u);
  const bound = Math.sqrt(3 / elements(shape.slice(1))) * (name.includes('.pwise.') ? 4 : 1);
  return layerWeights(name, count, bound);
}

/** The formula input called `name` (such as `input.64x96`): 4u - 2, row-major. */
export function formulaInput(name: string, shape: Shape): Float32Array {
  return formulaNumbers(name, elements(shape), (u) => 4 * u - 2);
}

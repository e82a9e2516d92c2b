import { splitMix } from '../core/random.js';
import { elements, type Shape } from '../core/tensor.js';

/** Share of the anchors taken for objects at first: Focal Loss (arXiv 1708.02002), section 4.1. */
const prior = 0.01;

/**
 * Values for a parameter that no checkpoint gives: as torch starts it, but the same in every run, since the random
 * numbers are seeded by the name. Norms start as the identity (weight 1, bias 0, mean 0, variance 1); weights of
 * convolutions and linear layers are uniform in ±1/sqrt(fan in), which is torch's `kaiming_uniform_(a=sqrt(5))`;
 * biases are 0, but that of RetinaHead's `retina_cls`, with which every class starts at a probability of 0.01.
 * @param name - the state_dict name
 * @param shape - [out, in / groups, ...kernel] for weights ([in, out / groups, ...kernel] if transposed)
 * @returns row-major values
 */
export function initialValue(name: string, shape: Shape): Float32Array {
  const values = new Float32Array(elements(shape));
  switch (name.slice(name.lastIndexOf('.') + 1)) {
    case 'running_mean':
    case 'num_batches_tracked':
      return values;
    case 'bias':
      return /(?:^|\.)retina_cls\.bias$/.test(name) ? values.fill(-Math.log((1 - prior) / prior)) : values;
  }
  if (shape.length < 2) return values.fill(1);
  const bound = 1 / Math.sqrt(Math.max(elements(shape.slice(1)), 1));
  const next = randomNumbers(name);
  for (let i = 0; i < values.length; i++) values[i] = (2 * next() - 1) * bound;
  return values;
}

/** Uniform in [0, 1), seeded by the FNV-1a hash of the name's UTF-16 units. */
function randomNumbers(name: string): () => number {
  let state = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) state = Math.imul(state ^ name.charCodeAt(i), 0x01000193);
  return splitMix(state);
}

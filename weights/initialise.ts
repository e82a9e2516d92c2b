import type { CheckpointFacts } from '../core/checkpoint_facts.js';
import { LowformerError } from '../core/errors.js';
import { splitMix } from '../core/random.js';
import { elements, type Shape } from '../core/tensor.js';

/** What says how a part's parameters start. */
export type PartStart = Pick<CheckpointFacts, 'prefix' | 'initial'>;

/**
 * Values for a parameter that no checkpoint gives: what its part says of it, else as torch starts it, but the same in
 * every run, since the random numbers are seeded by the name. Norms start as the identity (weight 1, bias 0, mean 0,
 * variance 1); weights of convolutions and linear layers are uniform in ±1/sqrt(fan in), which is torch's
 * `kaiming_uniform_(a=sqrt(5))`; biases are 0.
 * @param name - the state_dict name
 * @param shape - [out, in / groups, ...kernel] for weights ([in, out / groups, ...kernel] if transposed)
 * @param parts - what the network's parts know
 * @returns row-major values
 * @throws {LowformerError} `invalid-graph` when a part gives as many values as the parameter does not have.
 */
export function initialValue(name: string, shape: Shape, parts: readonly PartStart[] = []): Float32Array {
  const part = parts.find(({ prefix }) => name.startsWith(prefix));
  const own = part?.initial(name.slice(part.prefix.length), shape);
  if (own === undefined) return torchValue(name, shape);
  if (typeof own === 'number') return new Float32Array(elements(shape)).fill(own);
  if (own.length === elements(shape)) return own;
  const expected = `${elements(shape)} initial values for the shape [${shape.join(', ')}]`;
  throw new LowformerError({ code: 'invalid-graph', where: name, expected, received: own.length });
}

function torchValue(name: string, shape: Shape): Float32Array {
  const values = new Float32Array(elements(shape));
  switch (name.slice(name.lastIndexOf('.') + 1)) {
    case 'running_mean':
    case 'num_batches_tracked':
    case 'bias':
      return values;
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

/**
 * What the reference implementations compute, in the small form that `fixtures/reference/make.ts` makes of their whole
 * tensors. Where these lie beside the checkout, every element is compared as well.
 */
import { readFileSync } from 'node:fs';
import { endianness } from 'node:os';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import { elements, type Tensor, tensor } from '../core/tensor.js';
import { formulaInput } from './formula_weights.js';
import { parityFile } from './parity_file.js';
import { readSafetensors } from './read_safetensors.js';
import { relativeError } from './run_network.js';
import { type SampledTensor, sampledError } from './sampled_tensor.js';

const shape = z.array(z.int().min(0));
/** Base64 of little-endian float32. */
const floats = z.base64().transform((text) => new Float32Array(new Uint8Array(Buffer.from(text, 'base64')).buffer));

const outputSchema = z
  .object({
    shape,
    largest: z.number(),
    norm: z.number(),
    sums: z.array(floats),
    /** Distances of the indices, from 0 on; absent where every element is kept. */
    steps: z.array(z.int()).optional(),
    values: floats,
  })
  .transform(({ steps, ...output }): SampledTensor => {
    const indices = Int32Array.from(steps ?? output.values.keys());
    if (steps !== undefined)
      for (let i = 1; i < indices.length; i++) indices[i] = (indices[i - 1] ?? 0) + (steps[i] ?? 0);
    return { ...output, indices };
  });

const fileSchema = z.object({
  description: z.unknown(),
  inputs: z.record(z.string(), z.object({ formula: z.string(), shape })),
  outputs: z.record(z.string(), outputSchema),
  /** Base64, one byte a label. */
  labels: z.record(
    z.string(),
    z.base64().transform((text) => new Uint8Array(Buffer.from(text, 'base64'))),
  ),
});

export interface Reference {
  /** What stands beside the values: parameters, multiply-accumulates, state_dict, or a config. */
  readonly description: unknown;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** The input of that name, by its formula. */
  input(name: string): Tensor;
  /** An output that is kept whole. @throws {Error} where it is not. */
  whole(name: string): Tensor;
  /** A map or list of class indices, whole. */
  labels(name: string): Uint8Array;
  /** The largest difference as a share of the reference's largest absolute value. @throws {Error} on another shape. */
  error(name: string, actual: Tensor | undefined): number;
}

/** @param path such as `backbones/b0`, of `fixtures/reference/PATH.json.gz`. @throws {Error} where there is none. */
export function readReference(path: string): Reference {
  if (endianness() !== 'LE') throw new Error('the reference files are little-endian, and so must the machine be');
  const bytes = readFileSync(new URL(`./fixtures/reference/${path}.json.gz`, import.meta.url));
  const { description, inputs, outputs, labels } = fileSchema.parse(JSON.parse(gunzipSync(bytes).toString('utf8')));
  const beside = parityFile(`${path}.safetensors`);
  const everyElement = beside === undefined ? undefined : readSafetensors(beside);
  function named<T>(values: Readonly<Record<string, T>>, name: string): T {
    const value = values[name];
    if (value === undefined) throw new Error(`${path}: no such tensor: ${name}`);
    return value;
  }
  return {
    description,
    inputs: Object.keys(inputs),
    outputs: Object.keys(outputs),
    input(name) {
      const { formula, shape } = named(inputs, name);
      return tensor(shape, formulaInput(formula, shape));
    },
    whole(name) {
      const { shape, values } = named(outputs, name);
      if (values.length !== elements(shape)) throw new Error(`${path}: ${name} is not kept whole`);
      return tensor(shape, values);
    },
    labels: (name) => named(labels, name),
    error(name, actual) {
      const sampled = sampledError(actual, named(outputs, name));
      return Math.max(sampled, everyElement === undefined ? 0 : relativeError(actual, everyElement.float32(name)));
    },
  };
}

/** Weights that cannot be right, found while they are read: a network with a NaN in it finds nothing, without a word. */
import { LowformerError } from '../core/errors.js';
import { handful } from './load_description.js';
import type { StateDict, StoredTensor } from './state_dict.js';

interface Fault {
  readonly name: string;
  /** NaN or infinite, as float32. */
  readonly notFinite: number;
  /** Below zero, where the values are variances. */
  readonly negative: number;
  readonly total: number;
}

/** Reads the tensor of a name. */
export type ReadValues = (name: string, stored: StoredTensor, into?: Float32Array) => Float32Array;

/**
 * Reading that looks at what it has read. Costs nothing but a pass over values that are in the cache already; only where
 * one is wrong, all tensors of the network are looked at, so that the error names them all.
 * @param names of the tensors that the network uses: others may hold what they like.
 * @returns a function that throws {LowformerError} `checkpoint-values`.
 */
export function checkedValues(path: string, tensors: StateDict, names: readonly string[]): ReadValues {
  return (name, stored, into) => {
    const values = stored.read(into);
    if (faultOf(name, values) !== undefined) throw faulty(path, tensors, names);
    return values;
  };
}

function faulty(path: string, tensors: StateDict, names: readonly string[]): LowformerError {
  const faults = names.flatMap((name) => {
    const stored = tensors.get(name);
    const fault = stored === undefined ? undefined : faultOf(name, stored.read());
    return fault === undefined ? [] : [fault];
  });
  const notFinite = faults.filter((fault) => fault.notFinite > 0);
  const negative = faults.filter((fault) => fault.negative > 0);
  const told = [
    ...(notFinite.length === 0 ? [] : [`NaN or infinite: ${listed(notFinite, ({ notFinite: count }) => count)}`]),
    ...(negative.length === 0 ? [] : [`Below zero: ${listed(negative, ({ negative: count }) => count)}`]),
  ];
  return new LowformerError({
    code: 'checkpoint-values',
    where: path,
    expected: 'finite weights and variances from 0 up',
    received: `others in ${faults.length} of ${names.length} parameters`,
    hint: `${told.join('. ')}. Training has diverged, or the file is damaged: take an earlier checkpoint.`,
  });
}

function listed(faults: readonly Fault[], count: (fault: Fault) => number): string {
  return handful(faults.map((fault) => `${fault.name} (${count(fault)} of ${fault.total})`));
}

/** undefined for values that can be used. */
function faultOf(name: string, values: Float32Array): Fault | undefined {
  const notFinite = allFinite(values) ? 0 : countWhere(values, (value) => !Number.isFinite(value));
  const negative = name.endsWith('running_var') ? countWhere(values, (value) => value < 0) : 0;
  return notFinite + negative === 0 ? undefined : { name, notFinite, negative, total: values.length };
}

/**
 * Zero times a finite number is zero, and NaN otherwise, which no later sum takes back. Four sums of pairs, none of which
 * waits for another: this pass is over every weight of every network that is loaded.
 */
function allFinite(values: Float32Array): boolean {
  let [a, b, c, d] = [0, 0, 0, 0];
  const end = values.length - (values.length % 8);
  for (let i = 0; i < end; i += 8) {
    a += (values[i] ?? 0) * 0 + (values[i + 1] ?? 0) * 0;
    b += (values[i + 2] ?? 0) * 0 + (values[i + 3] ?? 0) * 0;
    c += (values[i + 4] ?? 0) * 0 + (values[i + 5] ?? 0) * 0;
    d += (values[i + 6] ?? 0) * 0 + (values[i + 7] ?? 0) * 0;
  }
  for (let i = end; i < values.length; i++) a += (values[i] ?? 0) * 0;
  return a + b + c + d === 0;
}

function countWhere(values: Float32Array, isWrong: (value: number) => boolean): number {
  return values.reduce((count, value) => (isWrong(value) ? count + 1 : count), 0);
}

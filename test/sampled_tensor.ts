/**
 * A reference tensor in a small form: some of its elements, sums along its axes, its norm and its largest absolute value.
 * What a whole tensor within a bound of the reference satisfies, its small form satisfies too; what a network gets wrong
 * at a border, in one channel or by a shift shows in it.
 */
import { elements, type Shape, type Tensor } from '../core/tensor.js';
import { seededRandom } from './random.js';

export interface SampledTensor {
  readonly shape: Shape;
  /** The largest absolute value, of which the bounds are a share. */
  readonly largest: number;
  /** The Euclidean norm. */
  readonly norm: number;
  /** For each axis, the sums over all other axes: `shape[axis]` numbers. None where every element is kept. */
  readonly sums: readonly Float32Array[];
  /** Flat, row-major, ascending. */
  readonly indices: Int32Array;
  readonly values: Float32Array;
}

/** Tensors of so many elements are kept whole. */
const WHOLE = 1600;
/** Of larger ones, so many are: a quarter in corners, a quarter along borders, spread over the channels. */
const SAMPLES = 1000;

/**
 * The small form of a tensor of up to four axes, of which the last two are rows and columns.
 * @param seed chooses the elements.
 */
export function sampleTensor({ shape, data }: Tensor, seed: number): SampledTensor {
  const count = elements(shape);
  const indices = count <= WHOLE ? Int32Array.from({ length: count }, (_, i) => i) : sampledIndices(shape, seed);
  return {
    shape,
    largest: largestOf(data),
    norm: normOf(data),
    sums: count <= WHOLE ? [] : shape.map((_, axis) => Float32Array.from(sumsAlong({ shape, data }, axis))),
    indices,
    values: Float32Array.from(indices, (i) => data[i] ?? Number.NaN),
  };
}

/**
 * How far a tensor is from the reference, as a share of the reference's largest absolute value: never more than the
 * largest difference of any element, so that a bound on that one holds here. Infinite where the tensor has NaN.
 * @throws {Error} on another shape.
 */
export function sampledError(actual: Tensor | undefined, reference: SampledTensor): number {
  if (actual === undefined || actual.shape.join() !== reference.shape.join()) {
    throw new Error(`shape [${actual?.shape.join()}] against the reference's [${reference.shape.join()}]`);
  }
  const { shape, data } = actual;
  const count = elements(shape);
  const differences = [
    largestOf(data) - reference.largest,
    (normOf(data) - reference.norm) / Math.sqrt(count),
    ...Array.from(reference.indices, (at, i) => (data[at] ?? Number.NaN) - (reference.values[i] ?? Number.NaN)),
    ...reference.sums.flatMap((sums, axis) => {
      const [own, summed] = [sumsAlong(actual, axis), count / (shape[axis] ?? 1)];
      return Array.from(sums, (sum, i) => ((own[i] ?? Number.NaN) - sum) / summed);
    }),
  ];
  let largest = 0;
  for (const difference of differences) {
    // NaN must not pass for a small difference.
    largest = Math.max(largest, Number.isNaN(difference) ? Number.POSITIVE_INFINITY : Math.abs(difference));
  }
  return largest / reference.largest;
}

/** Channels in turn; in each a corner, a place on a border, and two anywhere. */
function sampledIndices(shape: Shape, seed: number): Int32Array {
  const random = seededRandom(seed);
  const below = (end: number) => Math.floor(random() * end);
  const [height, width] = [shape.at(-2) ?? 1, shape.at(-1) ?? 1];
  const planes = elements(shape.slice(0, -2));
  const places: readonly ((i: number) => readonly [number, number])[] = [
    (i) => [i & 1 ? height - 1 : 0, i & 2 ? width - 1 : 0],
    (i) => (i & 1 ? [i & 2 ? height - 1 : 0, below(width)] : [below(height), i & 2 ? width - 1 : 0]),
    () => [below(height), below(width)],
    () => [below(height), below(width)],
  ];
  const chosen = new Set<number>();
  const first = below(planes);
  for (let i = 0; i < SAMPLES; i++) {
    // A share of the planes that no small number of planes divides: neighbours and all parts come in turn.
    const plane = (first + Math.floor(i * planes * 0.6180339887)) % planes;
    const [y, x] = places[i % places.length]?.(Math.floor(i / places.length)) ?? [0, 0];
    chosen.add((plane * height + y) * width + x);
  }
  return Int32Array.from(chosen).sort();
}

function sumsAlong({ shape, data }: Tensor, axis: number): Float64Array {
  const sums = new Float64Array(shape[axis] ?? 1);
  const inner = elements(shape.slice(axis + 1));
  for (let i = 0; i < data.length; i++) {
    const at = Math.floor(i / inner) % sums.length;
    sums[at] = (sums[at] ?? 0) + (data[i] ?? Number.NaN);
  }
  return sums;
}

/** NaN where there is one. */
function largestOf(data: Float32Array): number {
  return data.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
}

function normOf(data: Float32Array): number {
  return Math.sqrt(data.reduce((sum, value) => sum + value * value, 0));
}

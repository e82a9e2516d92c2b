import { elements, type Shape } from '../core/tensor.js';
import type { ByteSource } from './byte_source.js';
import { type DType, decoders, elementBytes, LITTLE_ENDIAN } from './dtype.js';
import type { Unread } from './unread_types.js';

/** A tensor that still lies in its file. */
export interface StoredTensor {
  readonly shape: Shape;
  /** As stored, by torch's name. */
  readonly dtype: string;
  /** What keeps its values from being read as float32; undefined for all others. */
  readonly unread?: Unread;
  /**
   * Reads the values now, as float32, row-major and contiguous; each call reads anew and gives its own array, or where
   * `into` is long enough a view of that.
   * @throws {LowformerError} `disposed` once the checkpoint is closed; `unreadable-checkpoint` where `unread` says why.
   */
  read(into?: Float32Array): Float32Array;
}

/** Tensors by name, in the file's order. */
export type StateDict = ReadonlyMap<string, StoredTensor>;

/** A parameter (or running statistic) of the network, by its state_dict name. */
export interface ParameterShape {
  readonly name: string;
  readonly shape: Shape;
}

/** Whether it is torch's count of batches behind a batch norm, which inference does not use. */
export function isCounter(name: string): boolean {
  return name === 'num_batches_tracked' || name.endsWith('.num_batches_tracked');
}

/** Where the elements of a tensor lie in the bytes of its storage; offset and strides count elements. */
export interface Layout {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly offset: number;
  readonly strides: readonly number[];
  readonly bigEndian: boolean;
}

/** Axes of the tensor with the most of them: torch and numpy count no further. */
export const MOST_AXES = 64;

/** A tensor of more elements (8 GB of float32) is no layer's; it is a damaged or hostile file. */
const MOST_ELEMENTS = 2 ** 31;

/** Elements of a shape that a file claims; undefined for more axes or elements than any tensor of a network has. */
export function elementCount(shape: Shape): number | undefined {
  if (shape.length > MOST_AXES) return undefined;
  // Without this, infinitely many elements in no rows would be NaN.
  const count = shape.includes(0) ? 0 : elements(shape);
  return count <= MOST_ELEMENTS ? count : undefined;
}

/** Strides of a row-major tensor without gaps. */
export function contiguousStrides(shape: Shape): readonly number[] {
  const strides: number[] = [];
  let step = 1;
  for (const extent of shape.toReversed()) {
    strides.unshift(step);
    step *= Math.max(extent, 1);
  }
  return strides;
}

/** First element beyond those that a layout reaches; `offset` for an empty tensor. Strides are 0 or more. */
export function layoutEnd({ shape, offset, strides }: Pick<Layout, 'shape' | 'offset' | 'strides'>): number {
  if (shape.includes(0)) return offset;
  return shape.reduce((last, extent, axis) => last + (extent - 1) * (strides[axis] ?? 0), offset) + 1;
}

/** A tensor of `storage` that is read when asked for. The layout must lie within the storage. */
export function storedTensor(storage: ByteSource, layout: Layout): StoredTensor {
  const { dtype, shape } = layout;
  return {
    shape,
    dtype,
    read: (into) => (isContiguous(layout) ? readContiguous(storage, layout, into) : readStrided(storage, layout)),
  };
}

/** Elements converted at a time, so that a double or half tensor needs little beside its result. */
const chunk = 1 << 16;

function readContiguous(
  storage: ByteSource,
  { dtype, shape, offset, bigEndian }: Layout,
  into?: Float32Array,
): Float32Array {
  const length = elementCount(shape) ?? 0;
  const out = into !== undefined && into.length >= length ? into.subarray(0, length) : new Float32Array(length);
  const size = elementBytes[dtype];
  if (dtype === 'float32' && bigEndian !== LITTLE_ENDIAN) {
    storage.readInto(new Uint8Array(out.buffer, out.byteOffset, out.byteLength), offset * size);
    return out;
  }
  const decode = decoders[dtype](!bigEndian);
  const bytes = new Uint8Array(Math.min(chunk, out.length) * size);
  const view = new DataView(bytes.buffer);
  for (let done = 0; done < out.length; done += chunk) {
    const count = Math.min(chunk, out.length - done);
    storage.readInto(bytes.subarray(0, count * size), (offset + done) * size);
    decode(view, 0, count, out, done);
  }
  return out;
}

/** Views (transposed, sliced, expanded): the span that they cover is read and picked from. */
function readStrided(storage: ByteSource, layout: Layout): Float32Array {
  const { dtype, shape, offset, strides, bigEndian } = layout;
  const span = readContiguous(storage, { dtype, shape: [layoutEnd(layout) - offset], offset, strides: [1], bigEndian });
  // The patterns are moved, not the numbers: a NaN keeps its payload.
  const from = new Uint32Array(span.buffer);
  const out = new Uint32Array(elements(shape));
  const index = new Array<number>(shape.length).fill(0);
  let at = 0;
  for (let i = 0; i < out.length; i++) {
    out[i] = from[at] ?? 0;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const step = strides[axis] ?? 0;
      const next = (index[axis] ?? 0) + 1;
      if (next < (shape[axis] ?? 0)) {
        index[axis] = next;
        at += step;
        break;
      }
      index[axis] = 0;
      at -= (next - 1) * step;
    }
  }
  return new Float32Array(out.buffer);
}

function isContiguous({ shape, strides }: Layout): boolean {
  if (shape.includes(0)) return true;
  const expected = contiguousStrides(shape);
  return shape.every((extent, axis) => extent === 1 || strides[axis] === expected[axis]);
}

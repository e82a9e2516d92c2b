/** Element types and forms of tensors that no network here is filled from: a file may hold them, and none is read. */
import type { Shape } from '../core/tensor.js';
import { unreadable } from './byte_source.js';
import type { StateDict, StoredTensor } from './state_dict.js';

/** Bytes of an element of torch's other types; of those that pack several into a byte, of the whole. */
export const unreadBytes = {
  complex32: 4,
  complex64: 8,
  complex128: 16,
  float8_e4m3fn: 1,
  float8_e5m2: 1,
  float8_e4m3fnuz: 1,
  float8_e5m2fnuz: 1,
  float8_e8m0fnu: 1,
  float4_e2m1fn_x2: 1,
  bits8: 1,
  bits16: 2,
  bits1x8: 1,
  bits2x4: 1,
  bits4x2: 1,
  qint8: 1,
  quint8: 1,
  qint32: 4,
  quint4x2: 1,
  quint2x4: 1,
} as const;

export type UnreadType = keyof typeof unreadBytes;

/** Why values cannot be read as float32, and what can be done about it in Python. */
export type Unread = keyof typeof WAYS;

const WAYS = {
  complex: 'no layer of this network is complex: it is of another model',
  float8: 'as they stand they are without their scale: save what torch computes with, tensor.float() times its scale',
  packed: 'save them as numbers, one an element',
  quantised: 'save tensor.dequantize()',
  sparse: 'save tensor.to_dense()',
  nested: 'save tensor.to_padded_tensor(0), or each part',
  meta: 'it has a shape and no values: the model was saved before it was filled',
  view: 'save tensor.resolve_conj().resolve_neg()',
  object: 'save its values as a plain tensor',
} as const;

/** The form of an element type that is not read. */
export function unreadForm(type: UnreadType): Unread {
  if (type.startsWith('complex')) return 'complex';
  if (type.startsWith('float8')) return 'float8';
  return /^qu?int/.test(type) ? 'quantised' : 'packed';
}

/**
 * A tensor whose values are not read. Which it is, is known to whoever made it, and not its name, which `namedRefusals` adds.
 * @param dtype as torch calls it.
 */
export function unreadTensor(shape: Shape, dtype: string, unread: Unread): StoredTensor {
  return {
    shape: [...shape],
    dtype,
    unread,
    read: () => {
      throw unreadable('a tensor', 'plain numbers', { received: describeUnread({ dtype, unread }) });
    },
  };
}

/** `complex64`, `sparse float32`. */
export function describeUnread({ dtype, unread }: Pick<StoredTensor, 'dtype' | 'unread'>): string {
  if (unread === undefined || unread === 'complex' || unread === 'float8' || unread === 'packed') return dtype;
  return unread === 'view' ? `${dtype}, conjugated or negated` : `${unread} ${dtype}`.trim();
}

/** Tensors that name themselves and the file when they are read and cannot be. */
export function namedRefusals(path: string, tensors: StateDict): StateDict {
  if (![...tensors.values()].some(({ unread }) => unread !== undefined)) return tensors;
  return new Map(
    [...tensors].map(([name, tensor]) => {
      const read = () => {
        throw notPlain(path, [{ ...tensor, name }]);
      };
      return [name, tensor.unread === undefined ? tensor : { ...tensor, read }];
    }),
  );
}

/** For tensors that are asked for and cannot be read. */
export function notPlain(
  path: string,
  tensors: readonly (Pick<StoredTensor, 'dtype' | 'unread'> & { name: string })[],
) {
  const [first] = tensors;
  const shown = tensors.slice(0, 5).map((tensor) => `${tensor.name} (${describeUnread(tensor)})`);
  const more = tensors.length > shown.length ? ` and ${tensors.length - shown.length} more` : '';
  const way = first?.unread === undefined ? '' : `: ${WAYS[first.unread]}`;
  return unreadable(path, 'real numbers, stored as such, in every tensor that is used', {
    received: first === undefined ? '' : describeUnread(first),
    hint: `${shown.join(', ')}${more}${way}.`,
  });
}

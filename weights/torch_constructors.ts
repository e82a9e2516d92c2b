import type { DType } from './dtype.js';
import {
  isCount,
  isCounts,
  isGlobal,
  isStorage,
  isTensor,
  type PickleGlobal,
  type PickleTensor,
  type PickleValue,
} from './pickle_value.js';
import { elementCount } from './state_dict.js';

type Construct = PickleGlobal['construct'];

/** Elements of each of torch's typed storages. */
const storageTypes: Readonly<Record<string, DType>> = {
  DoubleStorage: 'float64',
  FloatStorage: 'float32',
  HalfStorage: 'float16',
  BFloat16Storage: 'bfloat16',
  LongStorage: 'int64',
  IntStorage: 'int32',
  ShortStorage: 'int16',
  CharStorage: 'int8',
  ByteStorage: 'uint8',
  BoolStorage: 'bool',
};

/** Element type of `torch.FloatStorage`, `torch.cuda.HalfStorage`…; undefined for any other name. */
export function storageType(name: string): DType | undefined {
  const match = /^torch\.(?:cuda\.)?(\w+Storage)$/.exec(name);
  return match?.[1] === undefined ? undefined : storageTypes[match[1]];
}

/** Stand-ins for what `torch.save` writes of tensors and of values beside them; see torch/_utils.py. */
export const torchConstructors: readonly [string, Construct][] = [
  ['torch._utils._rebuild_tensor', rebuildTensor],
  ['torch._utils._rebuild_tensor_v2', rebuildTensor],
  ['torch._utils._rebuild_parameter', ([data]) => (isTensor(data) ? data : undefined)],
  ['torch._utils._rebuild_parameter_with_state', ([data]) => (isTensor(data) ? data : undefined)],
  ['torch._tensor._rebuild_from_type_v2', rebuildFromType],
  ...opaque(['Tensor', 'device', 'Size', 'strided', 'contiguous_format', 'preserve_format']),
  ...opaque(['nn.parameter.Parameter', 'nn.parameter.Buffer']),
  ...opaque(['float64', 'float32', 'float16', 'bfloat16', 'complex64', 'int64', 'int32', 'int16', 'int8']),
  ...opaque(['uint8', 'bool', 'serialization._get_layout']),
  ...Object.keys(storageTypes).flatMap((name) => opaque([name, `cuda.${name}`])),
];

function opaque(names: readonly string[]): [string, Construct][] {
  return names.map((name) => [`torch.${name}`, () => ({ kind: 'opaque', name: `torch.${name}` })]);
}

/**
 * `_rebuild_tensor_v2(storage, offset, size, stride, requires_grad, backward_hooks, metadata)`. Metadata holds the
 * conjugate and negative bits, under which the stored values are not the tensor's: such a tensor is not taken.
 */
function rebuildTensor(args: readonly PickleValue[]): PickleTensor | undefined {
  const [storage, offset, shape, strides, , , metadata] = args;
  if (!isStorage(storage) || !isCount(offset) || !isCounts(shape) || !isCounts(strides)) return undefined;
  if (shape.length !== strides.length || elementCount(shape) === undefined) return undefined;
  if (metadata instanceof Map && (metadata.get('neg') === true || metadata.get('conj') === true)) return undefined;
  return { kind: 'tensor', tensor: storage.tensor({ offset, shape, strides }) };
}

/** `_rebuild_from_type_v2(func, type, args, state)`: a tensor that was given attributes. */
function rebuildFromType([rebuild, , args]: readonly PickleValue[]): PickleValue | undefined {
  return isGlobal(rebuild) && rebuild.name !== 'torch._tensor._rebuild_from_type_v2' && Array.isArray(args)
    ? rebuild.construct(args)
    : undefined;
}

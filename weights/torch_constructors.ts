import { elementBytes } from './dtype.js';
import {
  isCount,
  isCounts,
  isGlobal,
  isStorage,
  isTensor,
  type PickleGlobal,
  type PickleTensor,
  type PickleValue,
  type StorageType,
} from './pickle_value.js';
import { elementCount } from './state_dict.js';
import { type Unread, unreadBytes, unreadTensor } from './unread_types.js';

type Construct = PickleGlobal['construct'];

/** Elements of each of torch's storages. */
const storageTypes: Readonly<Record<string, StorageType>> = {
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
  ComplexFloatStorage: 'complex64',
  ComplexDoubleStorage: 'complex128',
  QInt8Storage: 'qint8',
  QUInt8Storage: 'quint8',
  QInt32Storage: 'qint32',
  QUInt4x2Storage: 'quint4x2',
  QUInt2x4Storage: 'quint2x4',
  // Of bytes: their tensors say what they are.
  UntypedStorage: 'uint8',
};

/** Element type of `torch.FloatStorage`, `torch.cuda.HalfStorage`…; undefined for any other name. */
export function storageType(name: string): StorageType | undefined {
  const match = /^torch\.(?:\w+\.)?(\w+Storage)$/.exec(name);
  return match?.[1] === undefined ? undefined : storageTypes[match[1]];
}

/** Stand-ins for what `torch.save` writes of tensors and of values beside them; see torch/_utils.py. */
export const torchConstructors: readonly [string, Construct][] = [
  ['torch._utils._rebuild_tensor', rebuildTensor],
  ['torch._utils._rebuild_tensor_v2', rebuildTensor],
  ['torch._utils._rebuild_tensor_v3', rebuildTyped],
  ['torch._utils._rebuild_qtensor', rebuildTensor],
  ['torch._utils._rebuild_sparse_tensor', rebuildSparse],
  ['torch._utils._rebuild_meta_tensor_no_storage', ([dtype, shape]) => unread(shape, typeName(dtype), 'meta')],
  ['torch._utils._rebuild_nested_tensor', ([buffer]) => unread([], dtypeOf(buffer), 'nested')],
  ['torch.nested._internal.nested_tensor._rebuild_njt', () => unread([], '', 'nested')],
  ['torch._utils._rebuild_wrapper_subclass', ([, dtype, shape]) => unread(shape, typeName(dtype), 'object')],
  ['torch._utils._rebuild_mkldnn_tensor', () => unread([], '', 'object')],
  ['torch._utils._rebuild_device_tensor_from_cpu_tensor', ([data]) => (isTensor(data) ? data : undefined)],
  ['torch._utils._rebuild_device_tensor_from_numpy', ([, dtype]) => unread([], typeName(dtype), 'object')],
  ['torch._utils._rebuild_xla_tensor', ([, dtype]) => unread([], typeName(dtype), 'object')],
  ['torch._utils._rebuild_parameter', ([data]) => (isTensor(data) ? data : undefined)],
  ['torch._utils._rebuild_parameter_with_state', ([data]) => (isTensor(data) ? data : undefined)],
  ['torch._tensor._rebuild_from_type', rebuildFromType],
  ['torch._tensor._rebuild_from_type_v2', rebuildFromType],
  ['torch.Size', ([sizes]) => (isCounts(sizes) ? [...sizes] : undefined)],
  ...opaque(['Tensor', 'device', 'strided', 'contiguous_format', 'preserve_format']),
  ...opaque(['nn.parameter.Parameter', 'nn.parameter.Buffer']),
  ...opaque([...Object.keys(elementBytes), ...Object.keys(unreadBytes), 'serialization._get_layout']),
  ...Object.keys(storageTypes).flatMap((name) => opaque([name, `cuda.${name}`, `storage.${name}`])),
];

function opaque(names: readonly string[]): [string, Construct][] {
  return names.map((name) => [`torch.${name}`, () => ({ kind: 'opaque', name: `torch.${name}` })]);
}

/**
 * `_rebuild_tensor_v2(storage, offset, size, stride, requires_grad, backward_hooks, metadata)`, and the like of quantised
 * tensors. Metadata holds the conjugate and negative bits, under which the stored values are not the tensor's.
 */
function rebuildTensor(args: readonly PickleValue[]): PickleTensor | undefined {
  return rebuild(args, undefined, args[6]);
}

/** `_rebuild_tensor_v3(storage, offset, size, stride, requires_grad, backward_hooks, dtype, metadata)`, of a storage of bytes. */
function rebuildTyped(args: readonly PickleValue[]): PickleTensor | undefined {
  const name = typeName(args[6]);
  if (isStorageType(name)) return rebuild(args, name, args[7]);
  return isGlobal(args[6]) ? unread(args[2], name, 'packed') : undefined;
}

function rebuild(
  [storage, offset, shape, strides]: readonly PickleValue[],
  dtype: StorageType | undefined,
  metadata: PickleValue | undefined,
): PickleTensor | undefined {
  if (!isStorage(storage) || !isCount(offset) || !isCounts(shape) || !isCounts(strides)) return undefined;
  if (shape.length !== strides.length || elementCount(shape) === undefined) return undefined;
  // Copies: a pickle may go on changing its lists.
  const tensor = storage.tensor({ offset, shape: [...shape], strides: [...strides] }, dtype);
  const isView = metadata instanceof Map && (metadata.get('neg') === true || metadata.get('conj') === true);
  return isView ? unread(shape, tensor.dtype, 'view') : { kind: 'tensor', tensor };
}

/** `_rebuild_sparse_tensor(layout, (indices, values, size, …))`, or of the compressed layouts two kinds of indices first. */
function rebuildSparse([, data]: readonly PickleValue[]): PickleTensor | undefined {
  if (!Array.isArray(data)) return undefined;
  const at = isTensor(data[2]) ? 3 : 2;
  return unread(data[at], dtypeOf(data[at - 1]), 'sparse');
}

/** `_rebuild_from_type_v2(func, type, args, state)`: a tensor that was given attributes, or a class of its own. */
function rebuildFromType([make, , args]: readonly PickleValue[]): PickleValue | undefined {
  return isGlobal(make) && !make.name.startsWith('torch._tensor._rebuild_from_type') && Array.isArray(args)
    ? make.construct(args)
    : undefined;
}

function unread(shape: PickleValue | undefined, dtype: string, form: Unread): PickleTensor {
  const known = isCounts(shape) && elementCount(shape) !== undefined ? shape : [];
  return { kind: 'tensor', tensor: unreadTensor(known, dtype, form) };
}

/** `float32` of `torch.float32`. */
function typeName(dtype: PickleValue | undefined): string {
  return isGlobal(dtype) ? dtype.name.replace(/^torch\./, '') : '';
}

function dtypeOf(value: PickleValue | undefined): string {
  return isTensor(value) ? value.tensor.dtype : '';
}

function isStorageType(name: string): name is StorageType {
  return name in elementBytes || name in unreadBytes;
}

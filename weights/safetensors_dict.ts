import { type ByteSource, section } from './byte_source.js';
import { readHeader, type SafetensorsHeader } from './safetensors_header.js';
import { contiguousStrides, type StateDict, storedTensor } from './state_dict.js';
import { namedRefusals, unreadTensor } from './unread_types.js';

/** The tensors of a safetensors file, left in the file, in the order of their bytes; and its metadata. */
export function safetensorsDict(source: ByteSource): { tensors: StateDict; metadata: SafetensorsHeader['metadata'] } {
  const { entries, metadata } = readHeader(source);
  const tensors = entries.map(({ name, type, shape, start }) => {
    if (type.unread !== undefined) return [name, unreadTensor(shape, type.dtype, type.unread)] as const;
    const { dtype } = type;
    const layout = { dtype, shape, offset: 0, strides: contiguousStrides(shape), bigEndian: false };
    return [name, storedTensor(section(source, start, source.size - start), layout)] as const;
  });
  return { tensors: namedRefusals(source.path, new Map(tensors)), metadata };
}

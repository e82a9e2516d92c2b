/** Files as torch.save writes them, of plain values and tensors, made by hand: no Python is asked. */
import type { Tensor } from '../../core/tensor.js';
import { zip } from './zip_archive.js';

/** `tuple` makes a tuple of its items. */
export type Saved =
  | null
  | boolean
  | number
  | string
  | Tensor
  | readonly Saved[]
  | { readonly tuple: readonly Saved[] }
  | { readonly [key: string]: Saved };

/** The bytes of `torch.save(value, …)`. */
export function torchFile(value: Saved): Buffer {
  const storages: Buffer[] = [];
  const pickle = Buffer.concat([Buffer.from('\x80\x02', 'latin1'), pickled(value, storages), Buffer.from('.')]);
  return zip([
    { name: 'archive/data.pkl', content: pickle },
    { name: 'archive/byteorder', content: 'little' },
    ...storages.map((content, i) => ({ name: `archive/data/${i}`, content })),
    { name: 'archive/version', content: '3\n' },
  ]);
}

function pickled(value: Saved, storages: Buffer[]): Buffer {
  const all = (items: readonly Saved[]) => Buffer.concat(items.map((item) => pickled(item, storages)));
  const between = (open: string, content: Buffer, close: string) =>
    Buffer.concat([Buffer.from(open), content, Buffer.from(close)]);
  if (value === null) return Buffer.from('N');
  if (typeof value === 'boolean') return Buffer.of(value ? 0x88 : 0x89);
  if (typeof value === 'string') {
    const text = Buffer.from(value);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(text.length);
    return Buffer.concat([Buffer.from('X'), length, text]);
  }
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(Number.isInteger(value) ? 4 : 8);
    if (Number.isInteger(value)) bytes.writeInt32LE(value);
    else bytes.writeDoubleBE(value);
    return Buffer.concat([Buffer.from(Number.isInteger(value) ? 'J' : 'G'), bytes]);
  }
  if (Array.isArray(value)) return between('](', all(value), 'e');
  if (isTensor(value)) return tensorPickle(value, storages);
  if (isTuple(value)) return between('(', all(value.tuple), 't');
  return between('}(', all(Object.entries(value).flat()), 'u');
}

function tensorPickle({ shape, data }: Tensor, storages: Buffer[]): Buffer {
  const key = String(storages.length);
  storages.push(Buffer.from(data.buffer, data.byteOffset, data.byteLength));
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, side) => product * side, 1));
  const plain = (item: Saved) => pickled(item, storages);
  return Buffer.concat([
    Buffer.from('ctorch._utils\n_rebuild_tensor_v2\n(('),
    plain('storage'),
    Buffer.from('ctorch\nFloatStorage\n'),
    ...[key, 'cpu', data.length].map(plain),
    Buffer.from('tQ'),
    ...[0, { tuple: shape }, { tuple: strides }, false].map(plain),
    Buffer.from('ccollections\nOrderedDict\n)RtR'),
  ]);
}

function isTensor(value: object): value is Tensor {
  return 'data' in value && value.data instanceof Float32Array;
}

function isTuple(value: object): value is { readonly tuple: readonly Saved[] } {
  return 'tuple' in value && Array.isArray(value.tuple);
}

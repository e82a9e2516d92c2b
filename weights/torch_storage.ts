import { elements } from '../core/tensor.js';
import { type ByteSource, unreadable } from './byte_source.js';
import { decoders, elementBytes } from './dtype.js';
import type { PickleResolver } from './pickle.js';
import { allowedGlobal } from './pickle_globals.js';
import { isCount, isGlobal, type PickleStorage, type PickleValue, type StorageType } from './pickle_value.js';
import { layoutEnd, storedTensor } from './state_dict.js';
import { storageType } from './torch_constructors.js';
import { unreadBytes, unreadForm, unreadTensor } from './unread_types.js';

/** What a pickle says of a storage; the archive knows where its bytes lie. Counts are elements. */
export interface StorageReference {
  readonly key: string;
  readonly dtype: StorageType;
  /** Of this storage, or of the part of it that is meant. */
  readonly count: number;
  /** First element of the part; 0 but for the views of old files. */
  readonly offset: number;
}

/** Resolves torch's names and storages for the pickle of one file. `storage` is called once a mention. */
export function torchResolver(path: string, storage: (reference: StorageReference) => PickleStorage): PickleResolver {
  return {
    global: (module, name) => allowedGlobal(path, module, name),
    persistent: (id) => moduleClass(id) ?? storage(reference(path, id)),
  };
}

/** Elements of the largest tensor that may hold more than its storage, as `expand` makes them (64 MB of float32). */
const mostRepeated = 2 ** 24;

/** A storage over `bytes`, which are `count` elements or more. */
export function pickleStorage(
  bytes: ByteSource,
  { dtype, count, offset }: StorageReference,
  bigEndian: boolean,
): PickleStorage {
  return {
    kind: 'storage',
    tensor: (view, as = dtype) => {
      if (!isRead(as)) return unreadTensor(view.shape, as, unreadForm(as));
      const [stored, step] = [bytesOf(dtype), bytesOf(as)];
      // Of a storage of bytes, elements of the tensor's own type.
      const there = Math.floor((count * stored) / step);
      const start = (offset * stored) / step;
      if (!Number.isInteger(start)) throw unreadable(bytes.path, `a view that begins at a whole ${as}`);
      const size = elements(view.shape);
      if (size > there && size > mostRepeated) {
        throw unreadable(bytes.path, `tensors of elements that are there (a storage of ${there} elements)`, {
          received: `one of ${size}, which repeats them`,
        });
      }
      const end = layoutEnd(view);
      if (end > there) {
        throw unreadable(bytes.path, `tensors within their storages (one of ${there} elements)`, {
          received: `one that reaches to element ${end}`,
        });
      }
      return storedTensor(bytes, { ...view, dtype: as, offset: start + view.offset, bigEndian });
    },
  };
}

/** Bytes from the start of the storage to the end of what `reference` means. */
export function storageBytes({ dtype, count, offset }: StorageReference): number {
  return (offset + count) * bytesOf(dtype);
}

/** Bytes of an element. */
export function bytesOf(type: StorageType): number {
  return isRead(type) ? elementBytes[type] : unreadBytes[type];
}

function isRead(type: StorageType): type is keyof typeof elementBytes {
  return type in decoders;
}

/**
 * torch before 1.6 keeps the source text of a module's class beside it: `('module', class, file, text)`. The text is left, and
 * what is made of the class is opaque.
 */
function moduleClass(id: PickleValue): PickleValue | undefined {
  const [tag, type] = Array.isArray(id) ? id : [];
  return tag === 'module' && isGlobal(type) ? type : undefined;
}

/** `('storage', type, key, location, count)`, with `(view key, offset, count) | None` appended in the legacy format. */
function reference(path: string, id: PickleValue): StorageReference {
  const [tag, type, key, , count, view] = Array.isArray(id) ? id : [];
  if (tag !== 'storage' || !isGlobal(type) || typeof key !== 'string' || !isCount(count)) {
    throw unreadable(path, 'references to storages', { received: describe(tag) });
  }
  const dtype = storageType(type.name);
  if (dtype === undefined) throw unreadable(path, 'a storage of a numeric type', { received: type.name });
  if (!Array.isArray(view)) return { key, dtype, count, offset: 0 };
  const [, offset, viewCount] = view;
  if (!isCount(offset) || !isCount(viewCount)) throw unreadable(path, `a view of storage '${key}'`);
  return { key, dtype, count: viewCount, offset };
}

function describe(tag: PickleValue | undefined): string {
  return typeof tag === 'string' ? tag : 'something else';
}

import { elements } from '../core/tensor.js';
import { type ByteSource, unreadable } from './byte_source.js';
import { type DType, elementBytes } from './dtype.js';
import type { PickleResolver } from './pickle.js';
import { allowedGlobal } from './pickle_globals.js';
import { isCount, isGlobal, type PickleStorage, type PickleValue } from './pickle_value.js';
import { layoutEnd, storedTensor } from './state_dict.js';
import { storageType } from './torch_constructors.js';

/** What a pickle says of a storage; the archive knows where its bytes lie. Counts are elements. */
export interface StorageReference {
  readonly key: string;
  readonly dtype: DType;
  /** Of this storage, or of the part of it that is meant. */
  readonly count: number;
  /** First element of the part; 0 but for the views of old files. */
  readonly offset: number;
}

/** Resolves torch's names and storages for the pickle of one file. `storage` is called once a mention. */
export function torchResolver(path: string, storage: (reference: StorageReference) => PickleStorage): PickleResolver {
  return {
    global: (module, name) => allowedGlobal(path, module, name),
    persistent: (id) => storage(reference(path, id)),
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
    tensor: (view) => {
      const size = elements(view.shape);
      if (size > count && size > mostRepeated) {
        throw unreadable(bytes.path, `tensors of elements that are there (a storage of ${count} elements)`, {
          received: `one of ${size}, which repeats them`,
        });
      }
      const end = layoutEnd(view);
      if (end > count) {
        throw unreadable(bytes.path, `tensors within their storages (one of ${count} elements)`, {
          received: `one that reaches to element ${end}`,
        });
      }
      return storedTensor(bytes, { ...view, dtype, offset: offset + view.offset, bigEndian });
    },
  };
}

/** Bytes from the start of the storage to the end of what `reference` means. */
export function storageBytes({ dtype, count, offset }: StorageReference): number {
  return (offset + count) * elementBytes[dtype];
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
  if (tag === 'module') return 'a whole module; save model.state_dict() instead';
  return typeof tag === 'string' ? tag : 'something else';
}

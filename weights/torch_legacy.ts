import { type ByteSource, readBytes, section, unreadable } from './byte_source.js';
import { type PickleResolver, readPickle } from './pickle.js';
import type { PickleValue } from './pickle_value.js';
import { bytesOf, pickleStorage, type StorageReference, storageBytes, torchResolver } from './torch_storage.js';

const magicNumber = 0x1950a86a20f9469cfc6cn;
const protocolVersion = 1001;

/**
 * Reads what `torch.save` wrote before torch 1.6 (and still does when asked for it): pickles of a magic number, the
 * protocol version, the writer's type sizes, the object and the list of storage keys; then for each key the count of
 * elements (int64) and the elements. Both are little-endian whatever the writing machine was.
 * @throws {LowformerError} `unreadable-checkpoint` when it is another kind of pickle, damaged, or refused.
 */
export function readTorchLegacy(file: ByteSource): PickleValue {
  const magic = readPickle(file, 0, plainResolver(file.path));
  if (magic.value !== magicNumber) {
    throw unreadable(file.path, 'a checkpoint written by torch.save', {
      received: 'another pickle',
      hint: "Save the weights with torch: torch.save(model.state_dict(), 'weights.pth').",
    });
  }
  const version = readPickle(file, magic.end, plainResolver(file.path));
  if (version.value !== protocolVersion) {
    throw unreadable(file.path, `torch's legacy protocol ${protocolVersion}`, { received: version.value });
  }
  const system = readPickle(file, version.end, plainResolver(file.path));

  const references = new Map<string, StorageReference>();
  const storages = new Map<string, ByteSource>();
  const resolver = torchResolver(file.path, (reference) => {
    const known = references.get(reference.key);
    if (known !== undefined && known.dtype !== reference.dtype) {
      throw unreadable(file.path, `storage '${reference.key}' as ${known.dtype}`, { received: reference.dtype });
    }
    if (known === undefined || storageBytes(known) < storageBytes(reference)) references.set(reference.key, reference);
    return pickleStorage(deferred(file, storages, reference), reference, false);
  });
  const object = readPickle(file, system.end, resolver);
  const keys = readPickle(file, object.end, plainResolver(file.path));
  if (!Array.isArray(keys.value)) throw unreadable(file.path, 'a list of storage keys after the object');

  let position = keys.end;
  for (const key of keys.value) {
    const reference = typeof key === 'string' ? references.get(key) : undefined;
    if (reference === undefined) throw unreadable(file.path, 'a type for every storage', { received: key });
    if (storages.has(reference.key)) throw unreadable(file.path, 'each storage once', { received: key });
    const count = Number(new DataView(readBytes(file, position, 8).buffer).getBigInt64(0, true));
    const size = count * bytesOf(reference.dtype);
    if (size < storageBytes(reference)) {
      throw unreadable(file.path, `${storageBytes(reference)} bytes in storage '${reference.key}'`, { received: size });
    }
    storages.set(reference.key, section(file, position + 8, size));
    position += 8 + size;
  }
  for (const key of references.keys()) {
    if (!storages.has(key))
      throw unreadable(file.path, `the bytes of storage '${key}'`, { hint: 'The file is damaged.' });
  }
  return object.value;
}

/** The bytes of a storage, which are located only after the pickle that mentions it. */
function deferred(
  file: ByteSource,
  storages: ReadonlyMap<string, ByteSource>,
  reference: StorageReference,
): ByteSource {
  return {
    path: file.path,
    size: storageBytes(reference),
    readInto(target, position) {
      const bytes = storages.get(reference.key);
      if (bytes === undefined) throw unreadable(file.path, `the bytes of storage '${reference.key}'`);
      bytes.readInto(target, position);
    },
  };
}

/** For the pickles around the object, which are plain values. */
function plainResolver(path: string): PickleResolver {
  const refuse = (received: string) =>
    unreadable(path, 'a checkpoint written by torch.save', {
      received,
      hint: "Nothing of the file was run. Files that Python's pickle wrote (.pkl, as detectron2's) have to be saved by torch, in Python: torch.save(model.state_dict(), 'weights.pth').",
    });
  return {
    global: (module, name) => {
      throw refuse(`a pickle that calls ${module}.${name}`);
    },
    persistent: () => {
      throw refuse('a pickle of another program');
    },
  };
}

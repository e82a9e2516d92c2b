import { cutEnd } from '../core/harmless.js';
import { type ByteSource, readBytes, unreadable } from './byte_source.js';
import { otherArchive } from './other_files.js';
import { readPickle } from './pickle.js';
import type { PickleValue, StorageType } from './pickle_value.js';
import { pickleStorage, storageBytes, torchResolver } from './torch_storage.js';
import { locateRecords } from './zip_records.js';

/**
 * Reads what `torch.save` writes since torch 1.6: a zip archive of uncompressed records, `NAME/data.pkl` with
 * everything but the numbers, `NAME/data/KEY` for each storage, `NAME/byteorder`. Storages are left in the file.
 * @throws {LowformerError} `unreadable-checkpoint` for a damaged archive, another kind of zip, or a refused pickle.
 */
export function readTorchZip(file: ByteSource): PickleValue {
  let root = '';
  const records = locateRecords(file, (names) => {
    root = rootOf(file.path, names);
  });
  const record = (name: string): ByteSource => {
    const found = records.get(root + name);
    if (found !== undefined) return found;
    throw unreadable(file.path, `a record '${root}${name}' in the archive`, { hint: 'The file is damaged.' });
  };
  // Files of torch before 2.1 do not say; nearly every machine was little-endian.
  const byteOrder = records.has(`${root}byteorder`) ? text(record('byteorder')) : 'little';
  if (byteOrder !== 'little' && byteOrder !== 'big') {
    throw unreadable(file.path, "a byteorder of 'little' or 'big'", { received: byteOrder });
  }
  const types = new Map<string, StorageType>();
  const resolver = torchResolver(file.path, (reference) => {
    const known = types.get(reference.key) ?? reference.dtype;
    if (known !== reference.dtype) {
      throw unreadable(file.path, `storage '${reference.key}' as ${known}`, { received: reference.dtype });
    }
    types.set(reference.key, known);
    const bytes = record(`data/${reference.key}`);
    if (storageBytes(reference) > bytes.size) {
      throw unreadable(file.path, `${storageBytes(reference)} bytes in storage '${reference.key}'`, {
        received: bytes.size,
      });
    }
    return pickleStorage(bytes, reference, byteOrder === 'big');
  });
  return readPickle(record('data.pkl'), 0, resolver).value;
}

/** What stands before `data.pkl`: the archive's name and a slash. */
function rootOf(path: string, names: readonly string[]): string {
  const other = otherArchive(names);
  if (other !== undefined) throw unreadable(path, 'a checkpoint of tensors', other);
  const pickles = names.filter((name) => /^[^/]+\/data\.pkl$/.test(name));
  const [pickle] = pickles;
  if (pickle === undefined || pickles.length > 1) {
    throw unreadable(path, 'a zip archive written by torch.save, with one data.pkl', {
      received: names.slice(0, 5).map((name) => cutEnd(name, 60)),
      ...(names.some((name) => name.endsWith('/version'))
        ? { hint: 'It was not written to its end: save it again.' }
        : {}),
    });
  }
  return pickle.slice(0, -'data.pkl'.length);
}

/** Longest `byteorder` worth showing. */
const longestText = 32;

function text(source: ByteSource): string {
  return new TextDecoder().decode(readBytes(source, 0, Math.min(source.size, longestText)));
}

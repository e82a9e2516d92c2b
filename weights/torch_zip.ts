import { fromRandomAccessReaderPromise, RandomAccessReader } from 'yauzl';
import { LowformerError } from '../core/errors.js';
import { type ByteSource, type OpenFile, readBytes, section, unreadable } from './byte_source.js';
import { readPickle } from './pickle.js';
import type { PickleValue } from './pickle_value.js';
import { pickleStorage, storageBytes, torchResolver } from './torch_storage.js';

/**
 * Reads what `torch.save` writes since torch 1.6: a zip archive of uncompressed records, `NAME/data.pkl` with
 * everything but the numbers, `NAME/data/KEY` for each storage, `NAME/byteorder`. Storages are left in the file.
 * @throws {LowformerError} `unreadable-checkpoint` for a damaged archive, another kind of zip, or a refused pickle.
 */
export async function readTorchZip(file: OpenFile): Promise<PickleValue> {
  const records = await locateRecords(file);
  const names = [...records.keys()];
  const pickles = names.filter((name) => /^[^/]+\/data\.pkl$/.test(name));
  const [pickle] = pickles;
  if (pickle === undefined || pickles.length > 1) {
    throw unreadable(file.path, 'a zip archive written by torch.save, with one data.pkl', {
      received: names.slice(0, 5),
    });
  }
  const root = pickle.slice(0, -'data.pkl'.length);
  if (records.has(`${root}constants.pkl`)) {
    throw unreadable(file.path, 'a checkpoint of tensors', {
      received: 'a TorchScript archive',
      hint: "Save the weights of the module instead: torch.save(model.state_dict(), 'weights.pth').",
    });
  }
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
  const resolver = torchResolver(file.path, (reference) => {
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

/** Longest `byteorder` worth showing. */
const longestText = 32;

function text(source: ByteSource): string {
  return new TextDecoder().decode(readBytes(source, 0, Math.min(source.size, longestText)));
}

/** Where the records lie; yauzl reads the directory (zip64 too) and tells where each record's bytes start. */
async function locateRecords(file: OpenFile): Promise<ReadonlyMap<string, ByteSource>> {
  const records = new Map<string, ByteSource>();
  try {
    const options = { autoClose: false, lazyEntries: true };
    const archive = await fromRandomAccessReaderPromise(new CheckedReader(file), file.size, options);
    for await (const entry of archive.eachEntry()) {
      if (entry.compressionMethod !== 0 || entry.isEncrypted()) {
        throw unreadable(file.path, 'uncompressed records, as torch.save writes them', {
          received: `a compressed '${entry.fileName}'`,
          hint: 'The file was packed again by another program: save it with torch.save.',
        });
      }
      const { fileDataStart } = await archive.readLocalFileHeaderPromise(entry, { minimal: true });
      records.set(entry.fileName, section(file, fileDataStart, entry.uncompressedSize));
    }
  } catch (cause) {
    if (cause instanceof LowformerError) throw cause;
    throw unreadable(file.path, 'a whole zip archive as torch.save writes it', {
      received: cause instanceof Error ? cause.message : String(cause),
      hint: 'The file is truncated or damaged: copy or download it again.',
      cause,
    });
  }
  return records;
}

/**
 * yauzl's own reader of descriptors hands positions of a damaged directory to the system, whose exception then ends
 * the process. This one says that the file ends there. (To extend its class is how yauzl is given a reader.)
 */
class CheckedReader extends RandomAccessReader {
  readonly #source: ByteSource;

  constructor(source: ByteSource) {
    super();
    this.#source = source;
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null) => void,
  ): void {
    let failure: Error | null = null;
    try {
      section(this.#source, position, length).readInto(buffer.subarray(offset, offset + length), 0);
    } catch (error) {
      failure = error instanceof Error ? error : new Error(String(error));
    }
    queueMicrotask(() => callback(failure));
  }
}

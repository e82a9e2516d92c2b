import { type ByteSource, endsEarly } from '../../../weights/byte_source.js';

/** Reads a file's bytes at once, which browsers allow in workers alone. (TypeScript lists it with workers' own library.) */
interface SynchronousReader {
  readAsArrayBuffer(blob: Blob): ArrayBuffer;
}
declare const FileReaderSync: new () => SynchronousReader;

/** A dropped file, read piece by piece where it lies: checkpoints with an optimizer's state are far larger than the network. */
export function blobSource(name: string, blob: Blob): ByteSource {
  const reader = new FileReaderSync();
  return {
    path: name,
    size: blob.size,
    readInto(target, position) {
      const end = position + target.byteLength;
      if (position < 0 || end > blob.size) throw endsEarly(name, end, blob.size);
      target.set(new Uint8Array(reader.readAsArrayBuffer(blob.slice(position, end))));
    },
  };
}

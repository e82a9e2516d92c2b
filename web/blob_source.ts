import { type ByteSource, bytesInMemory, endsEarly } from '../weights/byte_source.js';

/** Reads a file's bytes at once, which browsers allow in workers alone. (TypeScript lists it with workers' own library.) */
interface SynchronousReader {
  readAsArrayBuffer(blob: Blob): ArrayBuffer;
}
declare const FileReaderSync: (new () => SynchronousReader) | undefined;

/**
 * A dropped file, read piece by piece where it lies: checkpoints with an optimizer's state are far larger than the
 * network. In a page's own thread, where browsers have no such reader, it is read whole first.
 */
export async function blobSource(name: string, blob: Blob): Promise<ByteSource> {
  if (typeof FileReaderSync === 'undefined') return bytesInMemory(name, new Uint8Array(await blob.arrayBuffer()));
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

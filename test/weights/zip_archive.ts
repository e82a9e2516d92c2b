/** Archives as torch.save writes them, made by hand. */
import type { ByteSource } from '../../weights/byte_source.js';

/** A file that is none. */
export function inMemory(bytes: Uint8Array): ByteSource {
  return {
    path: 'a.zip',
    size: bytes.length,
    readInto: (target, position) => target.set(bytes.subarray(position, position + target.length)),
  };
}

export interface Written {
  readonly name: string;
  readonly content: string | Uint8Array;
  readonly method?: number;
}

/** An archive by the letter of the format: records, their directory, the end record with a comment. */
export function zip(records: readonly Written[], comment = ''): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let position = 0;
  for (const { name, content, method = 0 } of records) {
    const [nameBytes, bytes] = [Buffer.from(name), Buffer.from(content)];
    const record = Buffer.alloc(30);
    record.writeUInt32LE(0x04034b50, 0);
    record.writeUInt16LE(nameBytes.length, 26);
    // An extra field of five bytes, as torch pads its records with.
    record.writeUInt16LE(5, 28);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(method, 10);
    entry.writeUInt32LE(bytes.length, 20);
    entry.writeUInt32LE(bytes.length, 24);
    entry.writeUInt16LE(nameBytes.length, 28);
    entry.writeUInt32LE(position, 42);
    directory.push(entry, nameBytes);
    parts.push(record, nameBytes, Buffer.alloc(5), bytes);
    position += 35 + nameBytes.length + bytes.length;
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(records.length, 10);
  end.writeUInt32LE(Buffer.concat(directory).length, 12);
  end.writeUInt32LE(position, 16);
  end.writeUInt16LE(comment.length, 20);
  return Buffer.concat([...parts, ...directory, end, Buffer.from(comment)]);
}

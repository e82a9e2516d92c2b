import { describe, expect, test } from 'vitest';
import { type ByteSource, readBytes } from '../../weights/byte_source.js';
import { locateRecords } from '../../weights/zip_records.js';

function inMemory(bytes: Uint8Array): ByteSource {
  return {
    path: 'a.zip',
    size: bytes.length,
    readInto: (target, position) => target.set(bytes.subarray(position, position + target.length)),
  };
}

interface Written {
  readonly name: string;
  readonly content: string;
  readonly method?: number;
}

/** An archive by the letter of the format: records, their directory, the end record with a comment. */
function zip(records: readonly Written[], comment = ''): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
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
    entry.writeUInt32LE(Buffer.concat(parts).length, 42);
    directory.push(entry, nameBytes);
    parts.push(record, nameBytes, Buffer.alloc(5), bytes);
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(records.length, 10);
  end.writeUInt32LE(Buffer.concat(directory).length, 12);
  end.writeUInt32LE(Buffer.concat(parts).length, 16);
  end.writeUInt16LE(comment.length, 20);
  return Buffer.concat([...parts, ...directory, end, Buffer.from(comment)]);
}

const texts = (bytes: Uint8Array) =>
  [...locateRecords(inMemory(bytes))].map(([name, source]) => [
    name,
    new TextDecoder().decode(readBytes(source, 0, source.size)),
  ]);

test('finds every record where it lies', () => {
  const records = [
    { name: 'a/data.pkl', content: 'pickle' },
    { name: 'a/größe', content: '' },
    { name: 'a/data/0', content: 'numbers' },
  ];
  const expected = records.map(({ name, content }) => [name, content]);
  expect(texts(zip(records))).toEqual(expected);
  expect(texts(zip(records, 'a comment of PK\x05 letters'))).toEqual(expected);
  expect(texts(zip([]))).toEqual([]);
});

describe('refuses', () => {
  const one = zip([{ name: 'a', content: 'text' }]);
  test.each([
    ['no archive', Buffer.from('plain text'), 'no readable end record'],
    ['a missing start', one.subarray(3), 'no readable directory'],
    ['a record that is not where the directory says', Buffer.from(one).fill(0, 0, 4), "header of 'a'"],
    ['a directory beyond the end', Buffer.from(one).fill(0xee, one.length - 6, one.length - 3), 'no readable'],
    ['compressed records', zip([{ name: 'a', content: 'x', method: 8 }]), "a compressed 'a'"],
  ])('%s', (_, bytes, message) => {
    expect(() => locateRecords(inMemory(bytes))).toThrow(message);
  });
});

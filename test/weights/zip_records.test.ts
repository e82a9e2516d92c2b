import { describe, expect, test } from 'vitest';
import { readBytes } from '../../weights/byte_source.js';
import { locateRecords } from '../../weights/zip_records.js';
import { inMemory, zip } from './zip_archive.js';

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
    ['a name twice', zip(['a', 'a'].map((name) => ({ name, content: 'x' }))), "each record once but received 'a'"],
    ['compressed records', zip([{ name: 'a', content: 'x', method: 8 }]), "a compressed 'a'"],
  ])('%s', (_, bytes, message) => {
    expect(() => locateRecords(inMemory(bytes))).toThrow(message);
  });
});

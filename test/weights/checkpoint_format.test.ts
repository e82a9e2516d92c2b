import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../weights/checkpoint.js';
import { checkpointFormat } from '../../weights/checkpoint_format.js';
import { folder } from './fixtures.js';

/** The beginning of a safetensors file with a header of `length` bytes. */
function opening(length: number): Buffer {
  const bytes = Buffer.alloc(16, '{"weights":{"dty');
  bytes.writeBigUInt64LE(BigInt(length));
  bytes.write('{"', 8);
  return bytes;
}

describe('what a file is follows from its whole beginning', () => {
  test('every length that a header can have opens a safetensors file', () => {
    const wrong: number[] = [];
    for (let low = 2; low < 65536; low++) if (checkpointFormat(opening(low)) !== 'safetensors') wrong.push(low);
    for (let high = 1; high * 65536 < 100_000_000; high++) {
      // The low bytes that a pickle's protocol 0 to 5, an archive and digits open with.
      for (const low of [0x0080, 0x0280, 0x0580, 0x4b50, 0x314c, 0x0000, 0x7b7b]) {
        const length = high * 65536 + low;
        if (length <= 100_000_000 && checkpointFormat(opening(length)) !== 'safetensors') wrong.push(length);
      }
    }
    expect(wrong).toEqual([]);
  });

  test('an archive whose first four bytes are a length', () => {
    expect(checkpointFormat(opening(0x04034b50))).toBe('safetensors');
    const archive = opening(0x04034b50);
    archive.writeUInt16LE(0, 8);
    expect(checkpointFormat(archive)).toBe('torch-zip');
    archive.writeUInt16LE(8, 8);
    expect(checkpointFormat(archive)).toBe('torch-zip');
  });

  test('pickles of every protocol', () => {
    expect(checkpointFormat(Buffer.from('\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.', 'latin1'))).toBe('torch-legacy');
    expect(checkpointFormat(Buffer.from('\x80\x04\x95\x0f\0\0\0\0\0\0\0\x8a\x0al', 'latin1'))).toBe('torch-legacy');
    expect(checkpointFormat(Buffer.from('L119547037146038801333356L\n.'))).toBe('torch-legacy');
    expect(checkpointFormat(Buffer.from('\x80\x02.', 'latin1'))).toBe('torch-legacy');
  });

  test('anything else is none of them', () => {
    for (const text of ['', '{', 'P', 'PK\x05\x06', '\x80\x02\0\0\0', '\x80\x50}', '\xff\xd8\xff\xe0', 'L12\n']) {
      expect([text, checkpointFormat(Buffer.from(text, 'latin1'))]).toEqual([text, undefined]);
    }
  });

  test('a header of 128 bytes, whose length opens as a pickle does', async () => {
    const path = join(folder, 'hostile/own_unreadable.safetensors');
    expect(readFileSync(path)[0]).toBe(0x80);
    using checkpoint = await openCheckpoint(path);
    const [[name, tensor] = []] = [...checkpoint.tensors];
    expect(name).toMatch(/^w+$/);
    expect(tensor?.read()).toEqual(Float32Array.of(1, 2));
  });
});

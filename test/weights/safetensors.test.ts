import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../weights/checkpoint.js';
import { readSafetensors, writeSafetensors } from '../../weights/safetensors.js';
import { failure, folder, temporaryFile, temporaryFolder } from './fixtures.js';

function file(header: unknown, data: Uint8Array, length?: number): Uint8Array {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const start = Buffer.alloc(8);
  start.writeBigUInt64LE(BigInt(length ?? json.length));
  return Buffer.concat([start, json, data]);
}

const entry = (dtype: string, shape: readonly number[], data_offsets: readonly number[]) => ({
  dtype,
  shape,
  data_offsets,
});

test('every element type is read as float32', async () => {
  const numbers = new DataView(new ArrayBuffer(32));
  numbers.setFloat64(0, 0.1, true);
  numbers.setBigInt64(8, -(2n ** 60n), true);
  numbers.setFloat32(16, 1.5, true);
  numbers.setInt32(20, -7, true);
  numbers.setUint16(24, 0x3e00, true);
  numbers.setUint16(26, 0xbfc0, true);
  numbers.setInt16(28, -300, true);
  numbers.setInt8(30, -5);
  numbers.setUint8(31, 250);
  const header = {
    __metadata__: { format: 'pt' },
    half: entry('F16', [1], [24, 26]),
    double: entry('F64', [], [0, 8]),
    long: entry('I64', [1], [8, 16]),
    float: entry('F32', [1, 1], [16, 20]),
    int: entry('I32', [1], [20, 24]),
    brain: entry('BF16', [1], [26, 28]),
    short: entry('I16', [1], [28, 30]),
    char: entry('I8', [1], [30, 31]),
    byte: entry('U8', [1], [31, 32]),
    truth: entry('BOOL', [2], [32, 34]),
    none: entry('F32', [0, 3], [34, 34]),
  };
  const path = temporaryFile('all.bin', file(header, Buffer.concat([new Uint8Array(numbers.buffer), Buffer.of(1, 0)])));
  using checkpoint = await openCheckpoint(path);
  const values = Object.fromEntries([...checkpoint.tensors].map(([name, tensor]) => [name, [...tensor.read()]]));
  expect(values).toEqual({
    double: [Math.fround(0.1)],
    long: [-(2 ** 60)],
    float: [1.5],
    int: [-7],
    half: [1.5],
    brain: [-1.5],
    short: [-300],
    char: [-5],
    byte: [250],
    truth: [1, 0],
    none: [],
  });
  expect(Object.keys(values)[0]).toBe('double');
  expect(checkpoint.meta).toEqual({ format: 'pt' });
});

describe('headers that lie are refused', () => {
  const four = new Uint8Array(16);
  const cases: readonly (readonly [string, Uint8Array, string])[] = [
    ['length beyond the file', file({ a: entry('F32', [4], [0, 16]) }, four, 5000), 'safetensors header of at most'],
    ['length of 2^63', file('{}', four).fill(0xff, 7, 8), 'safetensors header of at most'],
    ['no JSON', file('{"a": ', four), 'a JSON header'],
    ['a list', file({ a: [] }, four), "a well-formed header entry for 'a'"],
    ['unknown type', file({ a: entry('F8_E4M3', [16], [0, 16]) }, four), "a well-formed header entry for 'a'"],
    ['negative extent', file({ a: entry('F32', [-4], [0, 16]) }, four), "a well-formed header entry for 'a'"],
    ['truncated', file({ a: entry('F32', [5], [0, 20]) }, four), 'The file is truncated'],
    ['too long', file({ a: entry('F32', [3], [0, 12]) }, four), 'The file is damaged'],
    ['shape and bytes differ', file({ a: entry('F32', [3], [0, 16]) }, four), '12 bytes for'],
    ['reversed offsets', file({ a: entry('F32', [4], [16, 0]) }, four), '16 bytes for'],
    [
      'overlap',
      file({ a: entry('F32', [3], [0, 12]), b: entry('F32', [2], [8, 16]) }, four),
      "'b' to start at byte 12",
    ],
    ['gap', file({ a: entry('F32', [1], [0, 4]), b: entry('F32', [2], [8, 16]) }, four), "'b' to start at byte 4"],
    [
      'a name twice',
      file(
        '{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}',
        four,
      ),
      "'a' to start at byte 0",
    ],
    ['offsets beyond integers', file({ a: entry('F32', [2 ** 60], [0, 2 ** 62]) }, four), 'well-formed'],
  ];
  test.each(cases)('%s', async (_, bytes, words) => {
    const path = temporaryFile('weights.safetensors', bytes);
    const message = await failure(() => openCheckpoint(path));
    expect(message).toMatch(/^unreadable-checkpoint: /);
    expect(message).toContain(words);
  });

  test('a real file cut anywhere', async () => {
    const whole = readFileSync(join(folder, 'weights.safetensors'));
    for (let size = 10; size < whole.length; size += 6007) {
      const path = temporaryFile('cut.safetensors', whole.subarray(0, size));
      expect(await failure(() => openCheckpoint(path))).toMatch(/truncated/);
    }
  });
});

describe('writing', () => {
  const tensors = {
    'input.64x96': { shape: [2, 3], data: Float32Array.of(1, -2, 3.5, 0, Number.POSITIVE_INFINITY, 1e-40) },
    scalar: { shape: [], data: Float32Array.of(7) },
    empty: { shape: [0, 4], data: new Float32Array(0) },
    'größe "c2"': { shape: [1], data: Float32Array.of(0.1) },
  };

  test('what is written is read back, whatever stood there before', async () => {
    const path = join(temporaryFolder(), 'out.safetensors');
    writeFileSync(path, 'something else');
    await writeSafetensors(path, tensors);
    expect(await readSafetensors(path)).toEqual(tensors);
    expect(readdirSync(join(path, '..'))).toEqual(['out.safetensors']);
  });

  test('the bytes: length, JSON padded to 8, numbers', async () => {
    const path = join(temporaryFolder(), 'out.safetensors');
    await writeSafetensors(path, { a: { shape: [2], data: Float32Array.of(1, 2) } });
    const bytes = readFileSync(path);
    const length = Number(bytes.readBigUInt64LE());
    expect(length % 8).toBe(0);
    const json = bytes.subarray(8, 8 + length).toString();
    expect(json.trimEnd()).toBe('{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}');
    expect(bytes.subarray(8 + length).toString('hex')).toBe('0000803f00000040');
  });

  test('a part of a larger array is written as that part', async () => {
    const path = join(temporaryFolder(), 'out.safetensors');
    const data = Float32Array.of(1, 2, 3, 4).subarray(1, 3);
    await writeSafetensors(path, { a: { shape: [2], data } });
    expect((await readSafetensors(path)).a?.data).toEqual(Float32Array.of(2, 3));
  });

  test('where writing is impossible nothing is left', async () => {
    const place = temporaryFolder();
    expect(await failure(() => writeSafetensors(join(place, 'none', 'a.safetensors'), tensors))).toMatch(
      /^unwritable-file: /,
    );
    // The name is a folder: the last step, renaming, fails.
    expect(await failure(() => writeSafetensors(place, tensors))).toMatch(/^unwritable-file: /);
    expect(readdirSync(place)).toEqual([]);
    expect(
      readdirSync(join(place, '..')).filter((name) => name.endsWith('.tmp') && name.includes('lowformer-')),
    ).toEqual([]);
  });

  test('values that do not fill their shape are an error', async () => {
    const path = join(temporaryFolder(), 'a.safetensors');
    expect(await failure(() => writeSafetensors(path, { a: { shape: [3], data: new Float32Array(2) } }))).toMatch(
      /^invalid-argument: /,
    );
    expect(await failure(() => writeSafetensors(path, { __metadata__: tensors.scalar }))).toMatch(
      /^invalid-argument: /,
    );
  });
});

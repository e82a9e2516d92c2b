import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
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
    ['unknown type', file({ a: entry('F8_E4M9', [16], [0, 16]) }, four), "a well-formed header entry for 'a'"],
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
      "each name once but received 'a'",
    ],
    [
      'a key twice',
      file('{"a":{"dtype":"F32","shape":[4],"shape":[2,2],"data_offsets":[0,16]}}', four),
      "each name once but received 'shape'",
    ],
    ['many axes', file({ a: entry('F32', [4, ...Array<number>(400_000).fill(1)], [0, 16]) }, four), 'shape: '],
    ['endless elements', file({ a: entry('F32', Array<number>(64).fill(2 ** 40), [0, 16]) }, four), 'fewer elements'],
    ['many levels', file(`{"a":${'['.repeat(200_000)}`, four), 'at most 3 levels'],
    ['brackets in a name', file(`{"${'['.repeat(100)}\\"":1}`, four), 'a well-formed header entry for'],
    [
      'many names',
      file(`{${Array.from({ length: 300_000 }, (_, i) => `"${i}":0`).join(',')}}`, four),
      'at most 250000 tensors',
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

  test('float16 is written from its bits, in a Uint16Array alone', async () => {
    const path = join(temporaryFolder(), 'out.safetensors');
    const halves = { shape: [3], data: Uint16Array.of(0x3c00, 0xc100, 0x0001), dtype: 'float16' } as const;
    await writeSafetensors(path, { halves });
    expect((await readSafetensors(path)).halves?.data).toEqual(Float32Array.of(1, -2.5, 2 ** -24));
    await expect(writeSafetensors(path, { a: { ...halves, data: new Float32Array(3) } })).rejects.toThrow(
      `${path}: a: expected no dtype, or 'float16' for bits in a Uint16Array but received 'float16'`,
    );
  });

  test('a part of a larger array is written as that part', async () => {
    const path = join(temporaryFolder(), 'out.safetensors');
    const data = Float32Array.of(1, 2, 3, 4).subarray(1, 3);
    await writeSafetensors(path, { a: { shape: [2], data } });
    expect((await readSafetensors(path)).a?.data).toEqual(Float32Array.of(2, 3));
  });

  test('where writing is impossible nothing is left', async () => {
    // In a folder of its own: a name that is a folder is written beside it.
    const around = temporaryFolder();
    const place = join(around, 'place');
    mkdirSync(place);
    writeFileSync(join(place, 'file'), '');
    expect(await failure(() => writeSafetensors(join(place, 'file', 'a.safetensors'), tensors))).toMatch(
      /^unwritable-file: /,
    );
    // The name is a folder: the last step, renaming, fails.
    expect(await failure(() => writeSafetensors(place, tensors))).toMatch(/^unwritable-file: /);
    expect(readdirSync(place)).toEqual(['file']);
    expect(readdirSync(around)).toEqual(['place']);
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

  test('every type that there is an array for is written as that type', async () => {
    const path = join(temporaryFolder(), 'typed.safetensors');
    const written = {
      U8: { shape: [3], data: Uint8Array.of(0, 7, 255) },
      clamped: { shape: [1], data: Uint8ClampedArray.of(300) },
      I8: { shape: [2], data: Int8Array.of(-128, 127) },
      I16: { shape: [2], data: Int16Array.of(-32768, 3) },
      U16: { shape: [1], data: Uint16Array.of(65535) },
      I32: { shape: [2], data: Int32Array.of(-7, 2 ** 30) },
      U32: { shape: [1], data: Uint32Array.of(2 ** 31) },
      F32: { shape: [1], data: Float32Array.of(0.5) },
      F64: { shape: [2], data: Float64Array.of(0.1, -2) },
      I64: { shape: [2], data: BigInt64Array.of(-5n, 2n ** 40n) },
      U64: { shape: [1], data: BigUint64Array.of(2n ** 63n) },
      ['__proto__']: { shape: [1], data: Float32Array.of(3) },
    };
    await writeSafetensors(path, written);
    const read = new Map(Object.entries(await readSafetensors(path)));
    for (const [name, { data }] of Object.entries(written)) {
      expect([name, ...(read.get(name)?.data ?? [])]).toEqual([name, ...Float32Array.from(data, Number)]);
    }
    expect(read.size).toBe(12);
    using checkpoint = await openCheckpoint(path);
    // The widest first: each starts at a multiple of its size.
    expect([...checkpoint.tensors].map(([name, { dtype }]) => `${name} ${dtype}`)).toEqual([
      'F64 float64',
      'I64 int64',
      'U64 uint64',
      'I32 int32',
      'U32 uint32',
      'F32 float32',
      '__proto__ float32',
      'I16 int16',
      'U16 uint16',
      'U8 uint8',
      'clamped uint8',
      'I8 int8',
    ]);
  });

  test.each([
    ['a plain array', { shape: [2], data: [1, 2] }, 'data in a typed array'],
    ['a DataView', { shape: [8], data: new DataView(new ArrayBuffer(8)) }, 'data in a typed array'],
    ['no data', { shape: [1] }, 'data in a typed array'],
    ['nothing', null, 'a shape of'],
    ['an extent that is no number', { shape: ['1'], data: new Float32Array(1) }, 'a shape of'],
    ['half an extent', { shape: [0.5, 2], data: new Float32Array(1) }, 'a shape of'],
    ['a hole', { shape: new Array(1), data: new Float32Array(1) }, 'a shape of'],
    ['a negative extent', { shape: [-1, -1], data: new Float32Array(1) }, 'a shape of'],
    ['no shape', { data: new Float32Array(1) }, 'a shape of'],
  ])('%s is an error, and nothing is written', async (_, tensor, words) => {
    const place = temporaryFolder();
    // As a caller without a compiler can.
    const message = await failure(() =>
      Reflect.apply(writeSafetensors, undefined, [join(place, 'a.safetensors'), { a: tensor }]),
    );
    expect(message).toMatch(/^invalid-argument: .*a\.safetensors: a: /);
    expect(message).toContain(words);
    expect(readdirSync(place)).toEqual([]);
  });

  test('a name that has no bytes is an error', async () => {
    const path = join(temporaryFolder(), 'a.safetensors');
    expect(await failure(() => writeSafetensors(path, { '\ud800': tensors.scalar }))).toMatch(
      /a name that safetensors/,
    );
  });
});

test('texts stand beside the tensors, and class names are read from them', async () => {
  const path = temporaryFile('facts.safetensors', new Uint8Array());
  const classes = JSON.stringify({ classes: ['cat', 'dog'], palette: [[1, 2, 3]] });
  const metadata = { format: 'pt', dataset_meta: classes, long: '{"a":"b"}'.repeat(1000) };
  await writeSafetensors(path, { w: { shape: [1], data: Float32Array.of(7) } }, metadata);
  {
    using checkpoint = await openCheckpoint(path);
    expect(checkpoint.meta).toEqual(metadata);
    expect(checkpoint.dataset).toEqual({ classes: ['cat', 'dog'], palette: undefined });
    expect([...checkpoint.tensors.keys()]).toEqual(['w']);
  }
  await writeSafetensors(path, {}, { dataset_meta: 'cat, dog' });
  using other = await openCheckpoint(path);
  expect(other.dataset).toBeUndefined();
  await expect(writeSafetensors(path, {}, { format: '\ud800' })).rejects.toThrow(/metadata\.format: expected a text/);
});

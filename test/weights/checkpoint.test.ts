import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../weights/checkpoint.js';
import { needs } from '../needs.js';
import { failure, folder, manifest, referenceSha256, sha256, temporaryFile, temporaryFolder } from './fixtures.js';

const extra = join(folder, 'extra');
/** The reference's files, and more of the same kinds, hashed after `tensor.float()`. */
const files = [
  { place: folder, hash: referenceSha256 },
  { place: extra, hash: (_: string, values: Float32Array) => sha256(values) },
].flatMap(({ place, hash }) =>
  Object.entries(manifest(join(place, 'manifest.json')))
    .filter(([, { refuse }]) => refuse !== true)
    .map(([name, expected]) => ({ name, path: join(place, name), expected, hash })),
);

describe('every tensor has the bytes that torch reads', () => {
  test.each(files)('$name', async ({ path, expected, hash }) => {
    using checkpoint = await openCheckpoint(path);
    const tensors = expected.tensors ?? {};
    expect([...checkpoint.tensors.keys()].sort()).toEqual(Object.keys(tensors).sort());
    for (const [name, tensor] of checkpoint.tensors) {
      const { shape, dtype } = tensor;
      expect({ name, shape, dtype, sha256_f32: hash(dtype, tensor.read()) }).toEqual({ name, ...tensors[name] });
    }
    if (expected.format !== undefined) expect(checkpoint.format).toBe(expected.format);
    if (expected.meta !== undefined) expect(checkpoint.meta).toEqual(expected.meta);
  });

  test('the files are as many as the manifests say', () => {
    expect(files.length).toBe(8 + 16);
  });
});

test('tensors come in the order of the file', async () => {
  using checkpoint = await openCheckpoint(join(folder, 'official_flat.pt'));
  const reference = manifest(join(folder, 'manifest.json'))['official_flat.pt']?.tensors ?? {};
  expect([...checkpoint.tensors.keys()]).toEqual(Object.keys(reference));
});

test('the format follows from the content, not the name', async () => {
  const copy = (name: string) => temporaryFile('weights.bin', readFileSync(join(folder, name)));
  for (const [name, format] of [
    ['official_flat.pt', 'torch-zip'],
    ['legacy_format.pth', 'torch-legacy'],
    ['weights.safetensors', 'safetensors'],
  ] as const) {
    using checkpoint = await openCheckpoint(copy(name));
    expect(checkpoint.format).toBe(format);
  }
});

test('scalars beside the weights are given', async () => {
  using checkpoint = await openCheckpoint(join(folder, 'mm_extras.pth'));
  expect(checkpoint.meta).toEqual({ 'meta.epoch': 1, 'meta.mmcv_version': '2.1.0', 'meta.time': 'x' });
});

describe('which dictionary holds the weights', () => {
  test('a file with several asks for one', async () => {
    const path = join(extra, 'two_models.pth');
    const message = await failure(() => openCheckpoint(path));
    expect(message).toContain('["model_ema","model"]');
    using checkpoint = await openCheckpoint(path, { key: 'model' });
    expect([...checkpoint.tensors.keys()]).toEqual(['w']);
  });

  test('an average is taken when asked for by name', async () => {
    const read = async (options: { key?: string }) => {
      using checkpoint = await openCheckpoint(join(extra, 'compiled.pth'), options);
      return checkpoint.tensors.get('w')?.read() ?? new Float32Array();
    };
    const plain = await read({});
    const average = await read({ key: 'state_dict_ema' });
    expect(Array.from(average)).toEqual(Array.from(plain, (value) => Math.fround(value + 1)));
  });

  test('a file with none names its keys', async () => {
    const message = await failure(() => openCheckpoint(join(extra, 'no_weights.pth')));
    expect(message).toContain('["epoch","optimizer"]');
  });

  test('a key that is not there names those that are', async () => {
    const message = await failure(() => openCheckpoint(join(extra, 'two_models.pth'), { key: 'state_dict' }));
    expect(message).toContain('under \'state_dict\' but received ["model","model_ema","epoch"]');
  });

  test('two names that would become one are an error', async () => {
    expect(await failure(() => openCheckpoint(join(extra, 'same_name.pth')))).toContain("received 'w'");
  });

  test('a list is no state_dict', async () => {
    expect(await failure(() => openCheckpoint(join(extra, 'list.pth')))).toContain('a dictionary of tensors');
  });
});

describe('the file stays open until disposal, and not after', () => {
  /** The lowest free descriptor: the same before and after when none was lost. */
  const nextDescriptor = () => {
    const descriptor = openSync(import.meta.filename, 'r');
    closeSync(descriptor);
    return descriptor;
  };

  test('reading a closed checkpoint is an error', async () => {
    const before = nextDescriptor();
    const checkpoint = await openCheckpoint(join(folder, 'half.pth'));
    const [tensor] = checkpoint.tensors.values();
    checkpoint[Symbol.dispose]();
    checkpoint[Symbol.dispose]();
    expect(await failure(() => tensor?.read())).toMatch(/^disposed: .*an open checkpoint/);
    expect(nextDescriptor()).toBe(before);
  });

  test('a refused file is closed', async () => {
    const before = nextDescriptor();
    for (const name of ['malicious.pth', 'truncated.pth', 'extra/bad_plain.pkl']) {
      await failure(() => openCheckpoint(join(folder, name)));
    }
    expect(nextDescriptor()).toBe(before);
  });
});

describe('what is no checkpoint is said to be so', () => {
  const cases: readonly (readonly [string, Uint8Array | string, string])[] = [
    ['empty', '', 'an empty file'],
    ['jpeg', Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 16, 0x4a, 0x46, 0x49, 0x46, 0), 'a JPEG picture'],
    ['png', Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10), 'a PNG picture'],
    ['page', '\n<!doctype html><html>Not found</html>', 'the download failed'],
    ['lfs', 'version https://git-lfs.github.com/spec/v1\noid sha256:0', 'git lfs pull'],
    ['json', '{"model": {}}', 'a JSON text'],
    ['one byte', 'P', 'a file of another kind'],
    ['zip start', 'PK\x03\x04', 'truncated or damaged'],
    ['pickle start', '\x80', 'at least'],
  ];
  test.each(cases)('%s', async (_, content, words) => {
    const path = temporaryFile('weights.pth', typeof content === 'string' ? Buffer.from(content, 'latin1') : content);
    const message = await failure(() => openCheckpoint(path));
    expect(message).toMatch(/^unreadable-checkpoint: /);
    expect(message).toContain(path);
    expect(message).toContain(words);
  });

  test('a directory and a missing file', async () => {
    const place = temporaryFolder();
    expect(await failure(() => openCheckpoint(place))).toMatch(
      /^unreadable-file: .*: expected a checkpoint file\. It is a folder\./,
    );
    expect(await failure(() => openCheckpoint(join(place, 'none.pth')))).toMatch(
      /^unreadable-file: .*\. There is no such file\./,
    );
  });
});

const trained = join(import.meta.dirname, '../../../shared/parity/trained');
describe('networks trained by mmdet and mmseg', needs('datasets', existsSync(trained)), () => {
  test.each([
    ['bccd_retinanet.pth', 'bbox_head.retina_cls.weight'],
    ['camvid_sem_fpn.pth', 'decode_head.conv_seg.weight'],
  ])('%s', async (name, last) => {
    using checkpoint = await openCheckpoint(join(trained, name));
    expect(checkpoint.tensors.has(last)).toBe(true);
    let values = 0;
    for (const tensor of checkpoint.tensors.values()) values += tensor.read().filter(Number.isFinite).length;
    expect(values).toBe(
      [...checkpoint.tensors.values()].reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0),
    );
    expect(values).toBeGreaterThan(4e6);
  });
});

/** What ONNX Runtime made of a network is kept on disk: the same numbers, and nothing that is damaged is believed. */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { createEngine, type KeptNetwork, type OnnxModel } from '../../../engines/index.js';
import { ownerName, thisProcess } from '../../../files/process_owner.js';
import { chain, ramp } from '../models.js';

const root = mkdtempSync(join(tmpdir(), 'lowformer-test-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const folder = join(root, 'networks');
beforeEach(() => rmSync(folder, { recursive: true, force: true }));

const said: string[] = [];
beforeEach(() => void said.splice(0));

const network: KeptNetwork = {
  folder,
  key: 'chain',
  leastBytes: 1,
  mostBytes: 1e9,
  holds: () => true,
  say: (line) => void said.push(line),
};

/** Loads, runs and disposes. @returns the outputs' bytes, and whether the model was read. */
async function run(kept: KeptNetwork | undefined) {
  let read = false;
  const { byteLength, chunks } = chain(1);
  const model: OnnxModel = {
    byteLength,
    chunks() {
      read = true;
      return chunks();
    },
  };
  await using engine = await createEngine('onnxruntime', model, { device: 'cpu', threads: 1, ...(kept && { kept }) });
  const { output } = await engine.run({ input: ramp([1, 3, 5, 7]) });
  return { read, bits: Buffer.from(output?.data.buffer ?? new ArrayBuffer()).toString('base64') };
}

const entries = () => readdirSync(folder);
const fileOf = (name: string) => join(folder, entries()[0] ?? '', name);

test('the second start reads no model, and says the same to the bit', async () => {
  const plain = await run(undefined);
  expect(plain.read).toBe(true);
  expect(await run(network)).toEqual(plain);
  expect(entries()).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/)]);
  expect(readdirSync(join(folder, entries()[0] ?? '')).sort()).toEqual(['facts.json', 'model.onnx', 'weights.bin']);
  expect(await run(network)).toEqual({ ...plain, read: false });
  expect(await run(network)).toEqual({ ...plain, read: false });
  expect(said).toEqual([]);
});

test('another key is another network', async () => {
  await run(network);
  expect((await run({ ...network, key: 'other' })).read).toBe(true);
  expect(entries()).toHaveLength(2);
});

describe('what is damaged is made anew', () => {
  const change = (name: string) => {
    const bytes = readFileSync(fileOf(name));
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    writeFileSync(fileOf(name), bytes);
  };
  test.each<[string, () => void]>([
    ['weights that are cut', () => truncateSync(fileOf('weights.bin'), 4096)],
    ['a bit of the weights', () => change('weights.bin')],
    ['a bit of the model', () => change('model.onnx')],
    ['no model', () => rmSync(fileOf('model.onnx'))],
    ['no facts', () => rmSync(fileOf('facts.json'))],
    ['facts that are none', () => writeFileSync(fileOf('facts.json'), '{"model":')],
    [
      'a file in its place',
      () => {
        const place = join(folder, entries()[0] ?? '');
        rmSync(place, { recursive: true });
        writeFileSync(place, '');
      },
    ],
  ])('%s', async (_, damage) => {
    const first = await run(network);
    damage();
    expect(await run(network)).toEqual(first);
    expect(await run(network)).toEqual({ ...first, read: false });
    expect(said).toEqual([]);
  });

  test('a model that the runtime cannot load, though it is what was written', async () => {
    const first = await run(network);
    writeFileSync(fileOf('model.onnx'), 'no model');
    const facts = JSON.parse(readFileSync(fileOf('facts.json'), 'utf8'));
    const { createHash } = await import('node:crypto');
    const model = createHash('sha256').update('no model').digest('hex');
    writeFileSync(fileOf('facts.json'), JSON.stringify({ ...facts, model }));
    expect(await run(network)).toEqual(first);
    expect(await run(network)).toEqual({ ...first, read: false });
  });
});

describe('nothing is kept', () => {
  test('where the folder cannot be made: that is said once, and the network runs', async () => {
    const plain = await run(undefined);
    writeFileSync(join(root, 'file'), '');
    const place = join(root, 'file', 'networks');
    expect(await run({ ...network, folder: place })).toEqual(plain);
    expect(said).toEqual([
      `the network is not kept for the next start, in ${place}: There is a file where a folder is needed.`,
    ]);
  });

  test('where the key was true no more when the network had been read', async () => {
    await run({ ...network, holds: () => false });
    expect(entries()).toEqual([]);
  });

  test.each([
    ['small', { leastBytes: 1e9 }],
    ['too large', { mostBytes: 1e6 }],
  ])('of a network that is %s', async (_, bounds) => {
    await run({ ...network, ...bounds });
    expect(() => entries()).toThrow('ENOENT');
  });

  test('of a model that cannot be loaded', async () => {
    const bytes = new Uint8Array(3e6).fill(0);
    const model = { byteLength: bytes.length, chunks: () => [bytes] };
    await expect(createEngine('onnxruntime', model, { device: 'cpu', kept: network })).rejects.toThrow();
  });
});

test('two that begin at the same time both run, and one is kept', async () => {
  const both = await Promise.all([run(network), run(network)]);
  // On a busy machine the one may be done before the other looks.
  expect({ ...both[1], read: true }).toEqual({ ...both[0], read: true });
  expect(entries()).toHaveLength(1);
  expect(await run(network)).toEqual({ ...both[0], read: false });
  expect(said).toEqual([]);
});

test('what was used longest ago goes where all together are too many', async () => {
  const key = (name: string) => ({ ...network, key: name });
  await run(key('a'));
  const bytes = ['model.onnx', 'weights.bin'].reduce((sum, name) => sum + statSync(fileOf(name)).size, 0);
  const bounded = (name: string) => ({ ...key(name), mostBytes: 2.5 * bytes });
  await run(bounded('b'));
  // Used again, so that b is the oldest.
  expect((await run(bounded('a'))).read).toBe(false);
  await run(bounded('c'));
  expect(entries()).toHaveLength(2);
  const stillThere = [];
  for (const name of ['a', 'c']) stillThere.push((await run(bounded(name))).read);
  expect(stillThere).toEqual([false, false]);
  expect((await run(bounded('b'))).read).toBe(true);
});

test('what a process that was killed left is removed', async () => {
  const place = join(root, 'left');
  const gone = ownerName({ ...thisProcess(), pid: 2 ** 30, started: '' });
  mkdirSync(join(place, `lowformer-${gone}-0123456789ab.tmp`), { recursive: true });
  await run({ ...network, folder: place });
  expect(readdirSync(place)).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/)]);
});

/** Where the library is looked for, and what is said where it, or what calls it, is not right: without any library. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, test } from 'vitest';
import { createEngine, ENGINES } from '../../../engines/index.js';
import { failure, OpenvinoError } from '../../../engines/openvino/failure.js';
import { checkVersion, findLibrary, type SearchPlaces } from '../../../engines/openvino/library.js';
import { hasBfloat16 } from '../../../engines/openvino/processor.js';
import { fixture } from '../models.js';

const folder = mkdtempSync(join(tmpdir(), 'openvino-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const { LOWFORMER_OPENVINO, LOWFORMER_PACKAGES } = process.env;
afterEach(() => {
  for (const [name, value] of Object.entries({ LOWFORMER_OPENVINO, LOWFORMER_PACKAGES })) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
});

/** A folder with a file of that name, which is no library. */
function folderWith(path: string, text = 'no library'): string {
  const place = mkdtempSync(join(folder, 'place-'));
  mkdirSync(join(place, path, '..'), { recursive: true });
  writeFileSync(join(place, path), text);
  return place;
}

const nowhere: SearchPlaces = { named: undefined, loaded: [], python: async () => undefined, installed: [] };
const load = (precision?: 'bfloat16' | 'float16') =>
  createEngine('openvino', fixture('conv'), { device: 'cpu', ...(precision && { precision }) });

describe('the library', () => {
  test.each([
    'libopenvino_c.so.2641',
    'libopenvino_c.so',
    'libs/libopenvino_c.so.2641',
    'libs/libopenvino_c.2641.dylib',
    'runtime/lib/intel64/libopenvino_c.so',
    'libs/openvino_c.dll',
  ])('is found by the folder that is named, as %s', async (path) => {
    const named = folderWith(path);
    expect(await findLibrary({ ...nowhere, named })).toBe(join(named, path));
  });

  it('is looked for where the loader looks, then beside Python, then where Intel’s archives go', async () => {
    const [loaded, python, installed] = [1, 2, 3].map(() => folderWith('libopenvino_c.so'));
    const places = {
      ...nowhere,
      loaded: [folder, loaded ?? ''],
      python: async () => python,
      installed: [installed ?? ''],
    };
    expect(await findLibrary(places)).toBe(join(loaded ?? '', 'libopenvino_c.so'));
    expect(await findLibrary({ ...places, loaded: [] })).toBe(join(python ?? '', 'libopenvino_c.so'));
    const without = { ...places, loaded: [], python: async () => undefined };
    expect(await findLibrary(without)).toBe(join(installed ?? '', 'libopenvino_c.so'));
  });

  it('that is nowhere is an error that says how to install it', async () => {
    await expect(findLibrary(nowhere)).rejects.toMatchObject({
      code: 'missing-package',
      message: expect.stringMatching(
        /^openvino: expected OpenVINO's library .*Install it with: pip install "openvino>=2026,<2027", or set LOWFORMER_OPENVINO/,
      ),
    });
  });

  it('that is not in the folder that is named is looked for nowhere else', async () => {
    process.env.LOWFORMER_OPENVINO = folder;
    await expect(load()).rejects.toMatchObject({
      code: 'missing-package',
      path: 'LOWFORMER_OPENVINO',
      message: expect.stringContaining(`but received '${folder}'`),
    });
  });

  it('that is none is named, with the system’s reason', async () => {
    process.env.LOWFORMER_OPENVINO = folderWith('libopenvino_c.so');
    await expect(load()).rejects.toMatchObject({
      code: 'missing-package',
      path: 'openvino',
      message: expect.stringMatching(
        /^openvino: expected a library of OpenVINO for .* but received '.*libopenvino_c\.so'\. ./,
      ),
    });
  });

  it('of the version that is known passes, another major version does not', () => {
    expect(checkVersion('2026.4.1-22982-e213a147257-releases/2026/4', '/libs/x.so')).toBe('2026.4.1');
    expect(checkVersion('2026.0.0', '/libs/x.so')).toBe('2026.0.0');
    for (const [build, version] of [
      ['2025.3.0-19807-44526285f24', '2025.3.0'],
      ['2027.0.0-1', '2027.0.0'],
      ['unknown', 'unknown'],
    ] as const) {
      expect(() => checkVersion(build, '/libs/x.so')).toThrow(
        `openvino: expected OpenVINO 2026, whose C interface is known here (2026.4 is tested), but received '${version}'. It was found in /libs/x.so`,
      );
    }
  });
});

describe('the package koffi', () => {
  const program = (place: string) => ({
    LOWFORMER_OPENVINO: folderWith('libopenvino_c.so'),
    LOWFORMER_PACKAGES: place,
  });
  test.each([
    ['of another version', "module.exports = { version: '2.9.0', load() {}, view() {}, decode() {} };", ''],
    ['that does not load', "throw new Error('no binary here');", ' (no binary here)'],
  ])('%s is an error that says how to install it', async (_, text, reason) => {
    Object.assign(process.env, program(folderWith('node_modules/koffi/index.js', text)));
    await expect(load()).rejects.toMatchObject({
      code: 'missing-package',
      message: `openvino: expected the package koffi in version 3. Install it with: npm install koffi@3.3.4${reason}`,
    });
  });

  it('whose library lacks functions is told so', async () => {
    const text =
      "module.exports = { version: '3.3.4', load: () => ({ func(name) { throw new Error('Cannot find function ' + name) } }), " +
      'struct() {}, pointer() {}, out() {}, view() {}, decode() {} };';
    Object.assign(process.env, program(folderWith('node_modules/koffi/index.js', text)));
    await expect(load()).rejects.toMatchObject({
      code: 'missing-package',
      message: expect.stringMatching(/^openvino: expected a library of OpenVINO .* Cannot find function ov_/),
    });
  });
});

describe('what it offers', () => {
  it('is the processor, in float32 and bfloat16; other engines are named for the rest', async () => {
    await expect(load('float16')).rejects.toMatchObject({
      code: 'invalid-argument',
      message:
        "precision: expected nothing but float32 or bfloat16 of the engine openvino but received 'float16'. The engine onnxruntime offers it.",
    });
    await expect(createEngine('openvino', fixture('conv'), { device: 'webgpu' })).rejects.toMatchObject({
      code: 'unavailable-device',
      message:
        "device: expected a device of the engine openvino: cpu but received 'webgpu'. The engine onnxruntime has others",
    });
    for (const engine of ['onnxruntime', 'tfjs']) {
      await expect(
        createEngine(engine, fixture('conv'), { device: 'cpu', precision: 'bfloat16' }),
      ).rejects.toMatchObject({ code: 'invalid-argument' });
    }
  });

  it('is told with the reason where nothing is there', async () => {
    process.env.LOWFORMER_OPENVINO = folder;
    expect(await ENGINES.get('openvino').inspect?.()).toEqual({
      version: '',
      devices: [{ name: 'cpu', available: false, reason: expect.stringContaining('pip install') }],
    });
  });
});

test('bfloat16 is there where both OpenVINO and the processor say so', () => {
  const flags = (...names: string[]) => `processor\t: 0\nflags\t\t: fpu ${names.join(' ')} sse2\nbugs\t\t: none\n`;
  expect(hasBfloat16('FP32 BF16 INT8', flags('avx512f', 'avx512_bf16'))).toBe(true);
  expect(hasBfloat16('FP32 BF16 INT8', flags('amx_bf16', 'amx_tile'))).toBe(true);
  expect(hasBfloat16('FP32 BF16 INT8', 'Features\t: asimd bf16 sve\n')).toBe(true);
  expect(hasBfloat16('FP32 BF16 INT8', flags('avx512f', 'avx512_vnni'))).toBe(false);
  expect(hasBfloat16('FP32 INT8', flags('avx512_bf16'))).toBe(false);
  expect(hasBfloat16('FP32 BF16 INT8', '')).toBe(true);
});

test('an error of the library is its reason without the places in its source; of memory it says so', () => {
  const text =
    "Exception from src/inference/src/cpp/core.cpp:112:\nCheck 'x' failed at src/a.cpp:12:\nno such operation: Foo\n";
  expect(failure('a model', new OpenvinoError(text)).parts).toEqual({
    code: 'engine-failure',
    where: 'openvino',
    expected: 'a model',
    hint: 'OpenVINO: no such operation: Foo',
  });
  expect(failure('a network', new OpenvinoError('std::bad_alloc')).parts).toMatchObject({
    code: 'out-of-memory',
    expected: 'memory for a network',
  });
});

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { LowformerError } from '../../../core/errors.js';
import { type AutoEngineOptions, createAutoEngine } from '../../../engines/auto/create_auto.js';
import { engineTable } from '../../../engines/engine_table.js';
import { createEngine, type EngineOptions } from '../../../engines/index.js';
import { fixture } from '../models.js';
import { engineFailure, type FakeEngine, fakeEngine, tinyNetwork } from './fake_engines.js';

const root = mkdtempSync(join(tmpdir(), 'lowformer-auto-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let folder: string;
let said: string[];
beforeEach(() => {
  folder = mkdtempSync(join(root, 'choices-'));
  said = [];
});

const { network, input } = tinyNetwork();

function choose(
  engines: readonly FakeEngine[],
  options: Partial<EngineOptions> = {},
  auto: Partial<AutoEngineOptions['auto']> = {},
) {
  const table = engineTable(engines.map(({ definition }) => definition));
  const given: AutoEngineOptions = {
    device: 'cpu',
    ...options,
    auto: { inputs: { input }, folder, say: (line) => said.push(line), ...auto },
  };
  return createAutoEngine(table, network, given);
}

const slow = (options = {}) => fakeEngine('slow', { delay: 8, ...options });
const fast = (options = {}) => fakeEngine('fast', options);
const records = () => readdirSync(folder).map((name) => join(folder, name));

describe('the first time', () => {
  test('the fastest goes on as it is open, the others are closed, and it is remembered', async () => {
    const engines = [slow(), fast()];
    const engine = await choose(engines);
    const [file] = records();
    expect(engine.choice).toEqual({
      by: 'measurement',
      name: 'fast',
      milliseconds: { slow: expect.any(Number), fast: expect.any(Number) },
      passedOver: [],
      file,
    });
    expect(engines.map((one) => [one.opened(), one.left()])).toEqual([
      [1, 0],
      [1, 1],
    ]);
    expect(said).toEqual([
      expect.stringMatching(
        /^engine: fast, measured: fast \d+\.\d+ ms, slow \d+\.\d+ ms at input 1x3x1x2; remembered in .+\.json$/,
      ),
    ]);
    expect(await engine.run({ input })).toEqual({ output: input });
    await engine[Symbol.asyncDispose]();
    expect(engines[1]?.left()).toBe(0);
  });

  test('without a folder nothing is remembered', async () => {
    const { choice } = await createAutoEngine(engineTable([slow().definition, fast().definition]), network, {
      device: 'cpu',
      auto: { inputs: { input }, say: (line) => said.push(line) },
    });
    expect(choice).toMatchObject({ by: 'measurement', name: 'fast', file: undefined });
    expect(said).toEqual([expect.stringMatching(/; not remembered$/)]);
  });

  test('one that cannot be opened is passed over, which is said and not remembered', async () => {
    const engines = [slow(), fast({ failsToOpen: () => engineFailure('fast') }), fakeEngine('third', { delay: 20 })];
    const { choice } = await choose(engines);
    expect(choice).toMatchObject({ by: 'measurement', name: 'slow', file: undefined });
    expect(choice).toMatchObject({ passedOver: [{ name: 'fast', reason: expect.stringMatching(/^fast: expected/) }] });
    expect(said[0]).toBe('engine: fast is passed over: fast: expected a network that it can run');
    expect(records()).toEqual([]);
  });

  test('one that fails while it runs likewise, and is closed', async () => {
    const engines = [slow(), fast({ failsToRun: () => engineFailure('fast') })];
    const { choice } = await choose(engines);
    expect(choice).toMatchObject({ by: 'exclusion', name: 'slow', passedOver: [{ name: 'fast' }] });
    expect(engines.map((one) => one.left())).toEqual([1, 0]);
  });

  test('one that is alone is not measured', async () => {
    const engines = [slow(), fast({ installed: { reason: 'not installed' } })];
    const { choice } = await choose(engines);
    expect(choice).toEqual({ by: 'exclusion', name: 'slow', passedOver: [{ name: 'fast', reason: 'not installed' }] });
    expect(engines[0]?.events).toEqual(['open']);
    expect(said).toEqual(['engine: slow, the only one here for this (fast: not installed)']);
  });
});

describe('later', () => {
  test('the one that is remembered is opened alone', async () => {
    await choose([slow(), fast()]);
    const engines = [slow(), fast()];
    const { choice } = await choose(engines);
    const file = records()[0] ?? '';
    const { milliseconds } = JSON.parse(readFileSync(file, 'utf8'));
    expect(choice).toEqual({ by: 'record', name: 'fast', milliseconds, file });
    expect(engines.map((one) => one.events)).toEqual([[], ['open']]);
    expect(said[1]).toMatch(/^engine: fast, as measured before: fast \S+ ms, slow \S+ ms$/);
  });

  test.each([
    ['no JSON', 'x'],
    ['no record', '{"engine":"fast"}'],
    ['an engine without a time', '{"engine":"third","milliseconds":{"fast":1,"slow":2}}'],
    ['other engines', '{"engine":"third","milliseconds":{"third":1,"slow":2}}'],
    ['no time', '{"engine":"fast","milliseconds":{"fast":0,"slow":2}}'],
    ['no text', Buffer.from([0xff, 0xfe])],
  ])('a damaged record (%s) is said, and the engines are measured anew', async (_, text) => {
    await choose([slow(), fast()]);
    const [file = ''] = records();
    writeFileSync(file, text);
    expect((await choose([slow(), fast()])).choice).toMatchObject({ by: 'measurement', name: 'fast', file });
    expect(said[1]).toBe(`engine: measured anew: ${file} is damaged`);
    expect((await choose([slow(), fast()])).choice.by).toBe('record');
  });

  test('a record that is no file is said, and is nothing fatal', async () => {
    await choose([slow(), fast()]);
    const [file = ''] = records();
    rmSync(file);
    mkdirSync(file);
    expect((await choose([slow(), fast()])).choice).toMatchObject({ by: 'measurement', name: 'fast', file: undefined });
    expect(said[1]).toMatch(/^engine: measured anew: .*It is a folder/);
    expect(said[2]).toMatch(/^engine: the choice is not remembered: /);
  });

  test('a folder that cannot be made is said, and is nothing fatal', async () => {
    writeFileSync(join(folder, 'file'), '');
    const { choice } = await choose([slow(), fast()], {}, { folder: join(folder, 'file', 'below') });
    expect(choice).toMatchObject({ by: 'measurement', name: 'fast', file: undefined });
    expect(said[0]).toMatch(/^engine: the choice is not remembered: /);
  });

  test('where the remembered one fails, the others are taken', async () => {
    await choose([slow(), fast()]);
    const { choice } = await choose([slow(), fast({ failsToOpen: () => engineFailure('fast') })]);
    expect(choice).toMatchObject({ by: 'exclusion', name: 'slow', passedOver: [{ name: 'fast' }] });
    // It may have been for once.
    expect((await choose([slow(), fast()])).choice).toMatchObject({ by: 'record', name: 'fast' });
  });

  test.each<[string, Partial<EngineOptions>, FakeEngine, Partial<AutoEngineOptions['auto']>]>([
    ['threads', { threads: 3 }, fast(), {}],
    ['sessions', { sessions: 2 }, fast(), {}],
    ['version', {}, fast({ installed: { version: '2' } }), {}],
    ['size', {}, fast(), { inputs: { input: { shape: [1, 3, 2, 2], data: new Float32Array(12) } } }],
  ])('with another %s it is measured by itself', async (_, options, other, auto) => {
    await choose([slow(), fast()]);
    expect((await choose([slow(), other], options, auto)).choice.by).toBe('measurement');
    expect(records()).toHaveLength(2);
  });

  test('of many records the oldest go', async () => {
    for (let i = 0; i < 256; i++) {
      const file = join(folder, `${String(i).padStart(32, '0')}.json`);
      writeFileSync(file, '{}');
      utimesSync(file, 1000 + i, 1000 + i);
    }
    await choose([slow(), fast()]);
    expect(records()).toHaveLength(256);
    expect(readdirSync(folder)).not.toContain(`${'0'.repeat(32)}.json`);
    expect(readdirSync(folder)).toContain(`${'1'.padStart(32, '0')}.json`);
  });
});

describe('which engines take part', () => {
  test('a last resort where there is nothing else', async () => {
    const resort = fakeEngine('resort', { as: 'last resort', delay: 0 });
    expect((await choose([slow(), resort])).choice).toMatchObject({ by: 'exclusion', name: 'slow' });
    const without = [slow({ installed: { reason: 'not installed' } }), resort];
    expect((await choose(without)).choice).toMatchObject({ by: 'exclusion', name: 'resort' });
    const failing = [
      slow({ failsToOpen: () => engineFailure('slow') }),
      fast({ failsToRun: () => engineFailure('fast') }),
    ];
    const { choice } = await choose([...failing.slice(0, 1), resort]);
    expect(choice).toMatchObject({ by: 'exclusion', name: 'resort', passedOver: [{ name: 'slow' }] });
    expect(said.at(-2)).toMatch(/^engine: slow is passed over: /);
    const worst = [slow({ failsToRun: () => engineFailure('slow') }), ...failing.slice(1), resort];
    expect((await choose(worst)).choice).toMatchObject({
      name: 'resort',
      passedOver: [{ name: 'slow' }, { name: 'fast' }],
    });
    expect(worst.map((one) => one.left())).toEqual([0, 0, 3]);
  });

  test('those of the precision, of fast math and of the device that are asked for', async () => {
    const other = fakeEngine('other', { precisions: ['bfloat16'], fastMath: true, devices: ['cpu', 'webgpu'] });
    const pick = async (options: Partial<EngineOptions>) => (await choose([slow(), other], options)).choice;
    expect(await pick({ precision: 'bfloat16' })).toMatchObject({ by: 'exclusion', name: 'other' });
    expect(await pick({})).toMatchObject({ by: 'exclusion', name: 'slow' });
    expect(await pick({ precision: 'bfloat16', fastMath: true })).toMatchObject({ name: 'other' });
    await expect(pick({ fastMath: true })).rejects.toMatchObject({ code: 'invalid-argument', path: 'fastMath' });
    await expect(pick({ precision: 'float16' })).rejects.toMatchObject({
      message: "precision: expected what some engine offers on the device cpu but received 'float16'",
    });
    await expect(pick({ device: 'webgp' })).rejects.toMatchObject({
      message: "device: expected a device of some engine: cpu, webgpu but received 'webgp'. Did you mean webgpu?",
    });
  });

  test('none is left', async () => {
    const absent = { installed: { reason: 'not installed' } };
    await expect(choose([slow(absent), fast(absent)])).rejects.toMatchObject({
      code: 'missing-package',
      message:
        "engine: expected one of slow, fast to be installed but received 'none'. slow: not installed; fast: not installed",
    });
    const failing = (name: string) => fakeEngine(name, { failsToOpen: () => engineFailure(name) });
    await expect(choose([failing('a')])).rejects.toMatchObject({ path: 'a' });
    expect(said).toEqual([]);
    await expect(choose([failing('a'), failing('b')])).rejects.toMatchObject({
      code: 'engine-failure',
      message: expect.stringMatching(/^engine: expected an engine that runs this network here .*\n {2}a: .*\n {2}b: /s),
    });
  });
});

describe('what is no engine’s failure', () => {
  test.each([
    ['a fault', new TypeError('x')],
    ['a mistake', new LowformerError({ code: 'invalid-argument', where: 'threads', expected: 'fewer' })],
  ])('%s is thrown, and nothing stays open', async (_, error) => {
    const engines = [slow(), fast({ failsToRun: () => error })];
    await expect(choose(engines)).rejects.toBe(error);
    expect(engines.map((one) => one.left())).toEqual([0, 0]);
    const opening = [slow(), fast({ failsToOpen: () => error })];
    await expect(choose(opening)).rejects.toBe(error);
    expect(opening.map((one) => one.left())).toEqual([0, 0]);
  });

  test('so is a signal’s reason', async () => {
    const abort = new AbortController();
    const reason = new Error('enough');
    const engines = [
      slow(),
      fast({
        failsToRun() {
          abort.abort(reason);
          return undefined;
        },
      }),
    ];
    await expect(choose(engines, { signal: abort.signal })).rejects.toBe(reason);
    expect(engines.map((one) => one.left())).toEqual([0, 0]);
  });
});

describe('createEngine', () => {
  test('auto needs inputs, and a network', async () => {
    await expect(createEngine('auto', network, { device: 'cpu' })).rejects.toMatchObject({
      message:
        "engine: expected one of onnxruntime, openvino, tfjs but received 'auto'. It is for predicting (detect, segment, classify, serve, evaluate, loadModel, and createEngine with options.auto): name an engine here",
    });
    const wrong = { device: 'cpu', auto: {} };
    await expect(createEngine('auto', network, wrong)).rejects.toMatchObject({ path: 'options.auto' });
    const file = { device: 'cpu', auto: { inputs: { input } } };
    await expect(createEngine('auto', fixture('conv'), file)).rejects.toMatchObject({ path: 'engine' });
    await expect(createEngine('onnxruntime', network, file)).rejects.toMatchObject({ path: 'options.auto' });
  });

  test('runs on an engine of this machine', async () => {
    await using engine = await createEngine('auto', network, { device: 'cpu', auto: { inputs: { input } } });
    expect(['onnxruntime', 'openvino']).toContain(engine.choice.name);
    const { output } = await engine.run({ input });
    expect(output).toEqual(input);
  });

  test('no engine may be called auto', () => {
    expect(() => engineTable([]).register(fakeEngine('auto').definition)).toThrow(/register engine: expected a name/);
  });
});

/** Where the user says that the weights lie, and what is said where nobody did. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { tensor } from '../../core/tensor.js';
import { readCheckpoint } from '../../weights/checkpoint_content.js';
import { describeLoad } from '../../weights/load_report.js';
import { writeSafetensors } from '../../weights/safetensors.js';
import { failure, temporaryFolder } from './fixtures.js';
import { type Saved, torchFile } from './torch_file.js';
import { inMemory } from './zip_archive.js';

const one = (value: number) => tensor([1], new Float32Array([value]));
const weights = (value: number, prefix = '') => ({ [`${prefix}conv.weight`]: one(value) });
const read = (saved: Saved, key?: string) => readCheckpoint(inMemory(torchFile(saved)), { key });
const firstValue = (saved: Saved, key?: string) => {
  const { tensors } = read(saved, key);
  expect([...tensors.keys()]).toEqual(['conv.weight']);
  return tensors.get('conv.weight')?.read()[0];
};

describe('a key leads', () => {
  test.each<[string, Saved, string]>([
    ['to one of several sets', { model: weights(1), model_ema: weights(3) }, 'model_ema'],
    ['past state_dict', { state_dict: weights(1), state_dict_ema: weights(3) }, 'state_dict_ema'],
    ['to a name that no list has', { anything: weights(3), more: weights(1) }, 'anything'],
    ['into dictionaries', { model: { state_dict: weights(3), ema: weights(1) } }, 'model.state_dict'],
    ['three deep', { a: { b: { c: weights(3) } }, model: weights(1) }, 'a.b.c'],
    ['to a name with dots', { 'a.b': { c: weights(3) }, a: { b: weights(1) } }, 'a.b.c'],
    ['to a set with another name inside', { ema: { module: weights(1), state_dict: weights(3) } }, 'ema'],
    ['to what names begin with', { state_dict: { ...weights(3, 'student.'), ...weights(1, 'teacher.') } }, 'student'],
    ['there from the file’s own names', { state_dict: weights(3, 'student.') }, 'state_dict.student'],
    ['there in a bare dictionary', { ...weights(3, 'ema.model.'), ...weights(1, 'model.') }, 'ema.model'],
    ['and DataParallel’s prefix goes', { model: weights(3, 'module.'), net: weights(1) }, 'model'],
  ])('%s', (_, saved, key) => {
    expect(firstValue(saved, key)).toBe(3);
  });

  test('into safetensors: what names begin with', async () => {
    const path = join(temporaryFolder(), 'a.safetensors');
    await writeSafetensors(path, { ...weights(3, 'student.'), ...weights(1, 'teacher.') });
    const file = inMemory(readFileSync(path));
    expect([...readCheckpoint(file, { key: 'student' }).tensors.keys()]).toEqual(['conv.weight']);
    const message = await failure(() => readCheckpoint(file, { key: 'model' }));
    expect(message).toContain(`names begin with 'model.' but received ["student","teacher"]`);
  });
});

describe('a key that leads nowhere', () => {
  test('names what is there', async () => {
    const saved = {
      model: { state_dict: weights(1), args: {} },
      ema: { module: weights(2) },
      optimizer: { state: weights(3) },
      epoch: 3,
    };
    const message = await failure(() => read(saved, 'models'));
    expect(message).toContain(`under 'models' but received ["model","ema","optimizer","epoch"]`);
    expect(message).toContain("there are tensors under 'model.state_dict', 'ema.module'.");
  });

  test.each(['', '.', 'model.', '.model', 'epoch', 'model.conv', 'x'.repeat(100_000)])('%j', async (key) => {
    const message = await failure(() => read({ model: { conv: 1, a: one(1) }, epoch: 3 }, key));
    expect(message).toMatch(/^unreadable-checkpoint: .*tensors by name under/s);
    expect(message.length).toBeLessThan(600);
  });

  test('of dictionaries that hold one another, in a moment', async () => {
    const keys = Array.from({ length: 2000 }, (_, i) => [`k${i}`, { a: { b: { c: {} } } }] as const);
    expect(await failure(() => read(Object.fromEntries(keys), 'a.'.repeat(500)))).toMatch(/^unreadable-checkpoint/);
  });
});

describe('which set was taken is said once, where there was a choice', () => {
  const line = (saved: Saved, key?: string) => {
    const { place } = read(saved, key);
    const report = { loaded: [], missing: [], unexpected: [], mismatched: [], ...(place && { place }) };
    return describeLoad(report).slice(0, -1);
  };
  const way = '(--checkpoint-key, or the option checkpointKey, takes others)';

  test.each<[string, Saved, readonly string[]]>([
    ['one set', { state_dict: weights(1), epoch: 1 }, []],
    ['a bare dictionary', weights(1), []],
    [
      'an average alone',
      { params_ema: weights(1) },
      ["the weights under 'params_ema', an average over the steps of training, are used"],
    ],
    [
      'timm: the plain weights come first',
      { state_dict: weights(1), state_dict_ema: weights(2) },
      [`the weights under 'state_dict' are used, not those under 'state_dict_ema' ${way}`],
    ],
    [
      'mmengine: its hook has put the average into state_dict',
      { state_dict: weights(1), ema_state_dict: weights(2, 'module.'), message_hub: {} },
      [
        `the weights under 'state_dict', an average over the steps of training, are used, not those under 'ema_state_dict' ${way}`,
      ],
    ],
    [
      'a trainer of its own kind',
      { model: weights(1), ema: { module: weights(2), decay: 0.9 }, optimizer: { ema: weights(3) } },
      [`the weights under 'model' are used, not those under 'ema.module' ${way}`],
    ],
    [
      'the only dictionary, under a name of its own',
      { module: weights(1), step: 3 },
      ["the weights under 'module' are used"],
    ],
    [
      'the same, deeper',
      { run: { best: weights(1) }, optimizer: weights(2) },
      ["the weights under 'run.best' are used"],
    ],
  ])('%s', (_, saved, expected) => {
    expect(line(saved)).toEqual(expected);
  });

  test('not where it was asked for', () => {
    expect(line({ state_dict: weights(1), state_dict_ema: weights(2) }, 'state_dict_ema')).toEqual([]);
  });

  test('of several under names of their own none is chosen', async () => {
    const message = await failure(() => read({ student: weights(1), teacher: weights(2) }));
    expect(message).toContain('received ["student","teacher"]. Name the one you want');
  });

  test('without a state_dict none is chosen, and the way is told', async () => {
    expect(await failure(() => read({ model: weights(1), model_ema: weights(2) }))).toContain(
      "checkpointKey: 'model_ema'",
    );
  });
});

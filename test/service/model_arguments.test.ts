import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { modelArguments } from '../../service/model_arguments.js';

const cwd = mkdtempSync(join(tmpdir(), 'lowformer-test-'));
afterAll(() => rmSync(cwd, { recursive: true }));
const folderIn = (name: string) => {
  const folder = join(cwd, name);
  mkdirSync(folder, { recursive: true });
  return folder;
};
const put = (...path: readonly string[]) => {
  const file = join(cwd, ...path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, '');
  return file;
};
const run = folderIn('runs/trees');
put('runs/trees/config.json');
put('runs/trees/last.safetensors');
const all = folderIn('all');
put('all/cells.json');
put('all/cells.pth');
put('all/fast.onnx');
put('all/notes.txt');
put('all/named.yaml');
put('all/trees/config.json');
put('all/trees/best.safetensors');

describe('the models of a command line', () => {
  test('are called as they are asked to be, else as their files', async () => {
    const given = ['blood-cells', 'mine=blood-cells', 'configs/a.b.json', run, 'retinanet_lowformer-b1_fpn_1x_coco'];
    expect(await modelArguments(given, ['mine=w=1.pth', 'a.b=https://example.com/?w=1'])).toEqual([
      { name: 'blood-cells', config: 'blood-cells' },
      { name: 'mine', config: 'blood-cells', checkpoint: 'w=1.pth' },
      { name: 'a.b', config: 'configs/a.b.json', checkpoint: 'https://example.com/?w=1' },
      { name: 'trees', config: run },
      { name: 'retinanet_lowformer-b1_fpn_1x_coco', config: 'retinanet_lowformer-b1_fpn_1x_coco' },
    ]);
  });

  test('of a folder are all that it holds', async () => {
    expect(await modelArguments([all], [])).toEqual([
      { name: 'cells', config: join(all, 'cells.json'), checkpoint: join(all, 'cells.pth') },
      { name: 'fast', config: join(all, 'fast.onnx') },
      { name: 'named', config: join(all, 'named.yaml') },
      { name: 'trees', config: join(all, 'trees') },
    ]);
  });

  test('one has the checkpoint without a name', async () => {
    expect(await modelArguments(['cells.json'], ['cells.pth'])).toEqual([
      { name: 'cells', config: 'cells.json', checkpoint: 'cells.pth' },
    ]);
  });

  test.each<[string, readonly string[], readonly string[], string]>([
    ['a name twice', ['a=x.json', 'a=y.json'], [], "that no other has but received 'a'. x.json and y.json have it."],
    ['a name twice, unsaid', ['x/a.json', 'y/a.yaml'], [], 'x/a.json and y/a.yaml have it'],
    ['a file with no name for an address', ['Modell ä.json'], [], 'Put one before it: NAME=CONFIG.'],
    ['a folder of nothing', [folderIn('none')], [], 'expected a folder with a model in it, but there is none'],
    ['a name for many', [`x=${all}`], [], 'expected no name before a folder of 4 models'],
    [
      'a checkpoint of none of several',
      ['a.json', 'b.json'],
      ['c.pth'],
      'expected NAME=FILE, with the name of a model',
    ],
    ['a checkpoint of none', ['a.json'], ['b=c.pth'], "expected the checkpoint of 'a' but received 'b=c.pth'"],
    ['two checkpoints', ['a.json'], ['b.pth', 'c.pth'], "expected one for 'a' but received 'c.pth'"],
  ])('%s is refused', async (_, given, checkpoints, message) => {
    await expect(modelArguments(given, checkpoints)).rejects.toThrow(message);
  });
});

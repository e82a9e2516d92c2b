import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cpubone } from '../../backbones/cpubone.js';
import { lowformerClsHead } from '../../heads/lowformer_cls_head.js';
import { openCheckpoint } from '../../weights/checkpoint.js';
import { fitNames, renameKeys } from '../../weights/name_map.js';
import { failure, folder } from './fixtures.js';

/** What the modules know of other dialects, by what stands before their names. */
const backbone = { prefix: 'backbone.', names: cpubone.checkpoint?.names ?? [] };
const head = { prefix: 'head.', names: lowformerClsHead.checkpoint?.names ?? [] };

test('old official names become the present ones, tensors and order as they were', async () => {
  using old = await openCheckpoint(join(folder, 'official_trainer.pt'));
  using present = await openCheckpoint(join(folder, 'official_flat.pt'));
  const parameters = [...present.tensors].map(([name, { shape }]) => ({ name, shape }));
  const mapped = fitNames(old.path, old.tensors, parameters, [head]);
  expect([...mapped.keys()]).toEqual([...present.tensors.keys()]);
  for (const [name, tensor] of mapped) expect(tensor.read()).toEqual(present.tensors.get(name)?.read());
});

test('rules apply one after another', () => {
  const tensor = { shape: [], dtype: 'float32', read: () => new Float32Array(1) } as const;
  const rules = [
    { pattern: /^model\./, replacement: '' },
    { pattern: /^stem_(\d)/, replacement: 'stem.$1' },
  ];
  expect([...renameKeys('f', new Map([['model.stem_3.w', tensor]]), rules).keys()]).toEqual(['stem.3.w']);
});

test('two tensors may not get one name', async () => {
  const tensor = { shape: [], dtype: 'float32', read: () => new Float32Array(1) } as const;
  const tensors = new Map([
    ['head.a', tensor],
    ['head.opseq.a', tensor],
  ]);
  expect(await failure(() => fitNames('f.pth', tensors, [{ name: 'head.a', shape: [] }], [head]))).toContain(
    "received 'head.a'",
  );
});

test('the layers of conv_proj are numbered or named as the network has them', () => {
  const tensor = { shape: [], dtype: 'float32', read: () => new Float32Array(1) } as const;
  const numbered = ['a.conv_proj.0.weight', 'a.conv_proj.1.bias', 'b.conv_proj.0.1.weight', 'b.conv_proj.1.bias'];
  const named = [
    'a.conv_proj.conv.weight',
    'a.conv_proj.norm.bias',
    'b.conv_proj.conv.1.weight',
    'b.conv_proj.norm.bias',
  ];
  const file = (names: readonly string[]) => new Map(names.map((name) => [`backbone.${name}`, tensor]));
  const network = (names: readonly string[]) => [...file(names).keys()].map((name) => ({ name, shape: [] }));
  const fitted = (names: readonly string[], wanted: readonly string[]) => [
    ...fitNames('f', file(names), network(wanted), [backbone]).keys(),
  ];
  expect(fitted(numbered, named)).toEqual([...file(named).keys()]);
  expect(fitted(named, named)).toEqual([...file(named).keys()]);
  expect(fitted(numbered, numbered)).toEqual([...file(numbered).keys()]);
});

const shapes = (...names: readonly string[]) => names.map((name) => ({ name, shape: [] }));
const dictionary = (...names: readonly string[]) =>
  new Map(names.map((name) => [name, { shape: [], dtype: 'float32', read: () => new Float32Array(1) } as const]));

test('a bare classifier gets `backbone.` and `head.` where they make its names the network’s; others stay', () => {
  const network = shapes(
    'backbone.conv1.weight',
    'backbone.bn1.bias',
    'backbone.a',
    'head.fc.weight',
    'head.norm.bias',
  );
  const file = dictionary('conv1.weight', 'bn1.bias', 'a', 'fc.weight', 'head.norm.bias', 'aux.weight');
  expect([...fitNames('f', file, network).keys()]).toEqual([
    'backbone.conv1.weight',
    'backbone.bn1.bias',
    'backbone.a',
    'head.fc.weight',
    'head.norm.bias',
    'aux.weight',
  ]);
});

test('a whole model keeps a name that would be another’s with a prefix', () => {
  const network = shapes('backbone.a', 'backbone.b', 'head.fc.weight');
  const file = dictionary('backbone.a', 'backbone.b', 'head.fc.weight', 'fc.weight');
  expect([...fitNames('f', file, network).keys()]).toEqual([...file.keys()]);
});

test('a file that fits keeps its names', async () => {
  using checkpoint = await openCheckpoint(join(folder, 'official_flat.pt'));
  const parameters = [...checkpoint.tensors].map(([name, { shape }]) => ({ name, shape }));
  expect([...fitNames('f', checkpoint.tensors, parameters).keys()]).toEqual([...checkpoint.tensors.keys()]);
});

import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openCheckpoint } from '../../weights/checkpoint.js';
import { fitNames, officialNames, renameKeys } from '../../weights/name_map.js';
import { failure, folder } from './fixtures.js';

test('old official names become the present ones, tensors and order as they were', async () => {
  using old = await openCheckpoint(join(folder, 'official_trainer.pt'));
  using present = await openCheckpoint(join(folder, 'official_flat.pt'));
  const mapped = renameKeys(old.path, old.tensors, officialNames);
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
  expect(await failure(() => renameKeys('f.pth', tensors, officialNames))).toContain("received 'head.a'");
});

test('a file that fits keeps its names', async () => {
  using checkpoint = await openCheckpoint(join(folder, 'official_flat.pt'));
  const parameters = [...checkpoint.tensors].map(([name, { shape }]) => ({ name, shape }));
  expect([...fitNames('f', checkpoint.tensors, parameters).keys()]).toEqual([...checkpoint.tensors.keys()]);
});

/** Where trainers keep the weights in their files. */
import { expect, test } from 'vitest';
import { tensor } from '../../core/tensor.js';
import { readCheckpoint } from '../../weights/checkpoint_content.js';
import { failure } from './fixtures.js';
import { type Saved, torchFile } from './torch_file.js';
import { inMemory } from './zip_archive.js';

const weights = (value: number) => ({ 'conv.weight': tensor([2, 1], new Float32Array([value, -value])) });
const read = (saved: Saved, key?: string) =>
  readCheckpoint(inMemory(torchFile(saved)), key === undefined ? {} : { key });

test.each<[string, Saved]>([
  ['state_dict', { state_dict: weights(3), epoch: 2 }],
  ['model_state', { model_state: weights(3), optimizer: { state: {} } }],
  ['params_ema', { params_ema: weights(3) }],
  ['model.state_dict', { model: { state_dict: weights(3), name: 'resnet' } }],
  ['state_dict.model', { state_dict: { model: weights(3), step: 4 } }],
  ['net.params', { net: { params: weights(3) } }],
])('%s', (_, saved) => {
  const { tensors } = read(saved);
  expect([...tensors.keys()]).toEqual(['conv.weight']);
  const stored = tensors.get('conv.weight');
  expect(stored?.shape).toEqual([2, 1]);
  expect([...(stored?.read() ?? [])]).toEqual([3, -3]);
});

test('weights and their average: none is chosen unseen', async () => {
  for (const saved of [
    { params: weights(1), params_ema: weights(2) },
    { model: { state_dict: weights(1), ema_state_dict: weights(2) } },
  ]) {
    expect(await failure(() => read(saved))).toMatch(/^unreadable-checkpoint/);
  }
  expect([
    ...(read({ params: weights(1), params_ema: weights(2) }, 'params_ema')
      .tensors.get('conv.weight')
      ?.read() ?? []),
  ]).toEqual([2, -2]);
});

test.each<[string, Saved, unknown]>([
  [
    'mmengine',
    { meta: { dataset_meta: { classes: { tuple: ['cat', 'dog'] }, palette: [{ tuple: [1, 2, 3] }, [4, 5, 255]] } } },
    {
      classes: ['cat', 'dog'],
      palette: [
        [1, 2, 3],
        [4, 5, 255],
      ],
    },
  ],
  ['mmengine’s first', { meta: { dataset_meta: { CLASSES: ['cat'] } } }, { classes: ['cat'], palette: undefined }],
  ['mmdet 2', { meta: { CLASSES: ['cat', 'dog'], PALETTE: null } }, { classes: ['cat', 'dog'], palette: undefined }],
  ['mmseg 0', { meta: { CLASSES: ['cat'], PALETTE: [[7, 8, 9]] } }, { classes: ['cat'], palette: [[7, 8, 9]] }],
  ['a text for a single class', { meta: { CLASSES: 'cell' } }, { classes: ['cell'], palette: undefined }],
  [
    'colours of other classes',
    { meta: { CLASSES: ['a', 'b'], PALETTE: [[7, 8, 9]] } },
    { classes: ['a', 'b'], palette: undefined },
  ],
  [
    'colours that are none',
    { meta: { CLASSES: ['a'], PALETTE: [[7, 8, 256]] } },
    { classes: ['a'], palette: undefined },
  ],
  ['names that are none', { meta: { CLASSES: ['a', 2] } }, undefined],
  ['no meta', {}, undefined],
])('classes that the file names: %s', (_, saved, expected) => {
  expect(read(Object.assign({ state_dict: weights(1) }, saved)).dataset).toEqual(expected);
});

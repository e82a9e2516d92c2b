/**
 * Every registered module and every shipped backbone in TensorFlow.js against ONNX Runtime: feature maps and raw outputs.
 * LOWFORMER_TEST_ALL=1 runs every shipped config, where one for each backbone is run otherwise.
 */
import { describe, expect, test } from 'vitest';
import { BACKBONES } from '../../../backbones/index.js';
import { SHIPPED_CONFIGS } from '../../../configs/index.js';
import { publishedModel } from '../../../configs/zoo/index.js';
import { HEADS } from '../../../heads/index.js';
import { openConfig } from '../../../models/open_config.js';
import { NECKS } from '../../../necks/index.js';
import { buildModel } from '../../../tasks/build_model.js';
import { MODELS_OF_PARTS } from '../../registry/models_of_parts.js';
import { BACKBONE_CONFIGS, HEAD_CONFIGS, type Keys, NECK_CONFIGS } from '../../registry/sample_configs.js';
import { runOnnxAsWritten } from '../../run_network.js';
import { expectAgreement } from './network_agreement.js';

/** A size that no stride divides, where the network takes one. */
function oddSize(divisor: number): readonly [height: number, width: number] {
  return divisor === 1 ? [75, 101] : [2 * divisor, divisor];
}

test('every form of every registered module is among the models below', () => {
  const names = [...MODELS_OF_PARTS.keys()].map((key) => JSON.parse(key).type);
  const count = [BACKBONE_CONFIGS, NECK_CONFIGS, HEAD_CONFIGS].flatMap((table) => Object.values(table).flat()).length;
  expect(MODELS_OF_PARTS.size).toBe(count);
  expect(new Set(names)).toEqual(new Set([...BACKBONES.names(), ...NECKS.names(), ...HEADS.names()]));
});

describe.each([...MODELS_OF_PARTS])('%s', (_, { title, model }) => {
  test(title, () => {
    const { wholeGraph, sizeDivisor } = buildModel(model);
    return expectAgreement(wholeGraph, ...oddSize(sizeDivisor), { runReference: runOnnxAsWritten });
  });
});

/** Shipped configs by their backbones: each family has the same neck and heads on all. */
const byBackbone = new Map<string, string[]>();
for (const [name, { model }] of Object.entries(SHIPPED_CONFIGS)) {
  // OpenMMLab's networks are of families that are here, at sizes that take this engine minutes.
  if (publishedModel(name)?.source.startsWith('mm')) continue;
  const { out_indices: _, ...form }: Keys = { ...model.backbone };
  const key = JSON.stringify(form);
  byBackbone.set(key, [...(byBackbone.get(key) ?? []), name]);
}
/** One config of each backbone, the tasks by turns. */
const shipped = process.env.LOWFORMER_TEST_ALL
  ? Object.keys(SHIPPED_CONFIGS)
  : [...byBackbone.values()].map((names, i) => names[i % names.length] ?? '');

test.each(shipped)('shipped config %s', async (name) => {
  const { model } = await openConfig(name);
  await expectAgreement(model.wholeGraph, 64, 64, { runReference: runOnnxAsWritten });
});

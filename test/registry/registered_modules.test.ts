/** Loops over the tables and the shipped configs: what is added to them is held to the same. A module is in one model here. */
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { BACKBONES } from '../../backbones/index.js';
import { SHIPPED_CONFIGS } from '../../configs/index.js';
import { LowformerError } from '../../core/errors.js';
import { sameShape } from '../../core/tensor.js';
import { HEADS } from '../../heads/index.js';
import { openConfig, predictionParts } from '../../models/open_config.js';
import { NECKS } from '../../necks/index.js';
import { printJson } from '../../registry/config_print.js';
import type { Definition } from '../../registry/define.js';
import { knownKeys } from '../../registry/schema_keys.js';
import { buildModel } from '../../tasks/build_model.js';
import { TASKS } from '../../tasks/index.js';
import { sizeDivisor } from '../../tasks/size_divisor.js';
import { isPartOf } from '../../weights/part_of.js';
import { MODELS_OF_PARTS } from './models_of_parts.js';
import {
  BACKBONE_CONFIGS,
  HEAD_CONFIGS,
  type Keys,
  modelsOf,
  NECK_CONFIGS,
  parts,
  withNeck,
} from './sample_configs.js';
import { expectSound, expectSoundModel } from './sound_model.js';

test('every registered module has a config here', () => {
  expect(Object.keys(BACKBONE_CONFIGS).toSorted()).toEqual(BACKBONES.names().toSorted());
  expect(Object.keys(NECK_CONFIGS).toSorted()).toEqual(NECKS.names().toSorted());
  expect(Object.keys(HEAD_CONFIGS).toSorted()).toEqual(HEADS.names().toSorted());
});

const models = modelsOf(BACKBONE_CONFIGS);

// Under the others: test/registry/every_model.test.ts.
describe.each([...MODELS_OF_PARTS])('%s', (_, { title, model }) => {
  test(`${title}: builds, verifies, counts and names its parameters`, () => expectSoundModel(model));
});

/** One model for each module, in which a test can change the module's own config. */
const modules = [
  ...modulesOf(BACKBONES, BACKBONE_CONFIGS, 'backbone'),
  ...modulesOf(NECKS, NECK_CONFIGS, 'neck'),
  ...modulesOf(HEADS, HEAD_CONFIGS, 'head'),
];

function modulesOf(
  table: { get(type: string, where: string): Definition<string, z.ZodType> },
  configs: Readonly<Record<string, readonly Keys[]>>,
  place: 'backbone' | 'neck' | 'head',
) {
  return Object.entries(configs).flatMap(([type, list]) =>
    list.map((config, form) => {
      const host = models.find(
        ({ model, headKey }) => partAt(model, place === 'head' ? headKey : place)?.type === type,
      );
      const field = place === 'head' ? (host?.headKey ?? '') : place;
      const key = place === 'neck' ? withNeck({ type }).key : field;
      const withKeys = (more: Keys) => {
        const part = { type, ...config, ...more };
        return { ...host?.model, [field]: place === 'neck' ? withNeck(part).neck : part };
      };
      return { type, form, key, config, withKeys, definition: table.get(type, 'test') };
    }),
  );
}

function partAt(model: Keys, key: string): { readonly type?: unknown } | undefined {
  // Of several necks the last is the one that is tried.
  const part: unknown = [model[key]].flat().at(-1);
  return typeof part === 'object' && part !== null ? part : undefined;
}

describe.each(modules)('$type, form $form', ({ key, config, withKeys, definition }) => {
  const known = knownKeys(definition.schema, [], config);

  test('knows the keys that it is given', () => {
    expect(known).toEqual(expect.arrayContaining(Object.keys(config)));
  });

  test.each(known)('%s with a letter too many is refused, and the right one named', (name) => {
    const path = `model.${key}.${name}z`;
    const error = thrownBy(() => buildModel(withKeys({ [`${name}z`]: 1 })));
    expect(error).toBeInstanceOf(LowformerError);
    expect(error).toMatchObject({ code: 'invalid-config', path });
    expect(String(error)).toContain(`Did you mean '${name}'?`);
  });

  test('a key unlike any is refused with those that there are', () => {
    const error = thrownBy(() => buildModel(withKeys({ qqqqqqqqqqqqqqqq: 1 })));
    expect(error).toMatchObject({ code: 'invalid-config', path: `model.${key}.qqqqqqqqqqqqqqqq` });
    expect(String(error)).toContain(known[0]);
  });

  test('training keys are accepted, listed, and not read', () => {
    const keys = definition.trainingKeys ?? [];
    expect(known.filter((name) => keys.includes(name))).toEqual([]);
    const model = buildModel(withKeys(Object.fromEntries(keys.map((name) => [name, { type: 'Anything' }]))));
    expect(model.unused).toEqual(keys.map((name) => `model.${key}.${name}`));
    const plain = buildModel(withKeys({}));
    expect([...model.wholeGraph.parameters]).toEqual([...plain.wholeGraph.parameters]);
  });
});

describe.each(modules.filter(({ config }) => 'num_classes' in config))('$type, form $form', ({ key, withKeys }) => {
  test('names the layers whose shapes follow from the number of classes, and no others', () => {
    const [three, four] = [3, 4].map((num_classes) => buildModel(withKeys({ num_classes })));
    const parameters = [...(three?.wholeGraph.parameters.values() ?? [])];
    const changing = parameters
      .filter(({ name, shape }) => !sameShape(shape, four?.wholeGraph.parameters.get(name)?.shape ?? []))
      .map(({ name }) => name);
    const { classLayers = [] } = three?.checkpointFacts.find(({ prefix }) => prefix === `${key}.`) ?? {};
    const named = parameters.filter(({ name }) => classLayers.some((layer) => isPartOf(name, `${key}.${layer}`)));
    expect(changing).not.toEqual([]);
    expect(named.map(({ name }) => name)).toEqual(changing);
  });
});

describe.each(TASKS.names())('a model of type %s', (type) => {
  const { headKey, trainingKeys } = TASKS.get(type, 'test');
  const host = models.find(({ model }) => model.type === type);

  test.each(['backbone', headKey, 'data_preprocessor', 'test_cfg'])('%s with a letter too many is refused', (name) => {
    const error = thrownBy(() => buildModel({ ...host?.model, [`${name}z`]: {} }));
    expect(error).toMatchObject({ code: 'invalid-config', path: `model.${name}z` });
    expect(String(error)).toContain(`Did you mean '${name}'?`);
  });

  test('training keys are accepted and listed', () => {
    const training = Object.fromEntries(trainingKeys.map((name) => [name, { type: 'Anything' }]));
    expect(buildModel({ ...host?.model, ...training }).unused).toEqual(trainingKeys.map((name) => `model.${name}`));
  });

  test('a test_cfg of null is as none', () => {
    expect(buildModel({ ...host?.model, test_cfg: null }).task).toBe(TASKS.get(type, 'test').task);
  });

  test('a head for another task is refused', () => {
    const other = parts(HEAD_CONFIGS).find(
      (head) => HEADS.get(head.type, 'test').task !== TASKS.get(type, 'test').task,
    );
    const error = thrownBy(() => buildModel({ ...host?.model, [headKey]: other }));
    expect(error).toMatchObject({ code: 'invalid-config', path: expect.stringContaining(`model.${headKey}`) });
  });
});

const RECIPE_KEYS = [
  'train_pipeline',
  'train_dataloader',
  'val_evaluator',
  'train_cfg',
  'val_cfg',
  'optim_wrapper',
  'param_scheduler',
  'default_hooks',
  'custom_hooks',
  'randomness',
  'auto_scale_lr',
];

describe.each(Object.entries(SHIPPED_CONFIGS))('shipped config %s', (name, shipped) => {
  let reading: ReturnType<typeof openConfig> | undefined;
  const open = () => {
    reading ??= openConfig(name);
    return reading;
  };
  test('opens, verifies, counts, names its parameters, and lacks nothing for pictures', async () => {
    const opened = await open();
    const { model } = opened;
    const { headKey, neck } = TASKS.get(model.type, 'test');
    expectSound(model.wholeGraph, headKey, neck !== 'none');
    expect(model.features.slice(0, 4).map(({ name, stride }) => [name, stride])).toEqual([
      ['c2', 4],
      ['c3', 8],
      ['c4', 16],
      ['c5', 32],
    ]);
    const { pipeline, labels } = predictionParts(opened);
    expect(labels).toHaveLength(model.numClasses);
    expect(new Set(labels.map(({ category }) => category)).size).toBe(model.numClasses);
    const cropped = z.object({ crop_size: z.tuple([z.number(), z.number()]) }).optional();
    const crop = cropped.parse(pipeline.find((step) => step.type === 'CenterCrop'))?.crop_size[0];
    const divided = z.object({ size_divisor: z.tuple([z.number(), z.number()]) }).optional();
    const multiple = divided.parse(pipeline.find((step) => step.type === 'ResizeToMultiple'))?.size_divisor[0];
    expect(sizeDivisor(pipeline, model.preprocessor, model.sizeDivisor)).toBe(
      { detection: 32, segmentation: multiple ?? model.sizeDivisor, classification: crop }[model.task],
    );
    // Of a recipe inference reads nothing; a config without one has nothing to be passed over.
    const recipe = 'train_cfg' in shipped ? [...RECIPE_KEYS, ...model.unused] : [];
    expect(opened.unused.filter((key) => !recipe.includes(key))).toEqual([]);
  });

  test('is the same when printed as JSON and opened again', async () => {
    const { config, model } = await open();
    // The graphs of all are large.
    reading = undefined;
    const again = buildModel(JSON.parse(printJson(config)).model);
    expect([...again.wholeGraph.parameters]).toEqual([...model.wholeGraph.parameters]);
  });
});

function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

/** Classifiers as timm, torchvision and the public FAT code save them: no `backbone.` before the names, and not always `head.`. */
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { SHIPPED_CONFIGS } from '../../configs/index.js';
import { buildModel } from '../../tasks/build_model.js';
import { loadReport } from '../../weights/load_report.js';
import { fitNames } from '../../weights/name_map.js';
import type { StateDict } from '../../weights/state_dict.js';
import { readReference } from '../reference.js';
import { failure } from './fixtures.js';

const PATH = 'weights.pth';
const stateDictSchema = z.object({ state_dict: z.array(z.tuple([z.string(), z.array(z.number())])) });

const configs = new Map<string, { readonly model: unknown }>(Object.entries(SHIPPED_CONFIGS));

function dictionary(shapes: readonly (readonly [string, readonly number[]])[]): StateDict {
  return new Map(
    shapes.map(([name, shape]) => [name, { shape, dtype: 'float32', read: () => new Float32Array() }] as const),
  );
}

function load(config: string, file: StateDict, ...allowMismatch: string[]) {
  const { wholeGraph, checkpointFacts: facts } = buildModel(configs.get(config)?.model);
  const parameters = [...wholeGraph.parameters.values()];
  return loadReport(parameters, fitNames(PATH, file, parameters, facts), { path: PATH, allowMismatch, facts });
}

/** Backbones whose classifier has a reference of that kind: `efficientvit-b0` and `efficientvit_b0`. */
const peers = [...configs.keys()]
  .flatMap((name) => /^(.*)_in1k$/.exec(name)?.[1] ?? [])
  .filter((name) => !/^(?:lowformer|cpubone)-/.test(name))
  .map((backbone) => ({ backbone, path: `peers/${backbone.replace('-', '_')}` }));

const variantsSchema = z.record(z.string(), stateDictSchema);

/** From the architecture's own reference, or from that of all ConvNeXts. */
function stateDictOf(backbone: string, path: string): readonly (readonly [string, readonly number[]])[] {
  const variant = backbone.startsWith('convnext')
    ? variantsSchema.parse(readReference('peers/convnext_variants').description)[backbone.replace('-', '_')]
    : stateDictSchema.parse(readReference(path).description);
  if (variant === undefined) throw new Error(`no reference of ${backbone}`);
  return variant.state_dict;
}

test('there are such backbones', () => expect(peers).not.toEqual([]));

describe.each(peers)('$backbone', ({ backbone, path }) => {
  const file = () => dictionary(stateDictOf(backbone, path));

  test('fills the classifier, with nothing left on either side', () => {
    expect(load(`${backbone}_in1k`, file())).toMatchObject({ missing: [], mismatched: [], unexpected: [] });
  });

  test.each([
    [`retinanet_${backbone}_fpn_1x_coco`, ['neck', 'bbox_head']],
    [`sem-fpn_${backbone}_40k_ade20k-512x512`, ['neck', 'decode_head']],
  ])('fills the backbone of %s; the rest must be allowed', async (config, parts) => {
    expect(await failure(() => load(config, file()))).toContain(
      `allowMismatch: [${parts.map((part) => `'${part}'`).join(', ')}]`,
    );
    const report = load(config, file(), ...parts);
    expect(report.loaded.filter((name) => !name.startsWith('backbone.'))).toEqual([]);
    expect(report.missing.filter((name) => parts.every((part) => !name.startsWith(`${part}.`)))).toEqual([]);
    expect(report.unexpected.length).toBeGreaterThan(0);
    // What the classifier has beside its backbone is named as in the file.
    expect(report.unexpected.every((name) => file().has(name))).toBe(true);
    expect(load(`${backbone}_in1k`, file()).loaded.length).toBe(report.loaded.length + report.unexpected.length);
  });

  test.each([
    [`retinanet_${backbone}_fpn_1x_coco`, ['neck', 'bbox_head']],
    [`sem-fpn_${backbone}_40k_ade20k-512x512`, ['neck', 'decode_head']],
  ])('fills the backbone of %s from what timm calls features_only', (config, parts) => {
    const plain = load(config, file(), ...parts);
    // A sequence is split, and its modules named after both; the classifier is left out.
    const split = (name: string) => name.replace(/^(stages|stem)\.(\w+)\./, '$1_$2.');
    const features = stateDictOf(backbone, path).filter(([name]) => !plain.unexpected.includes(name));
    const renamed = features.map(([name, shape]) => [split(name), shape] as const);
    expect(load(config, dictionary(renamed), ...parts)).toEqual({ ...plain, unexpected: [] });
    const under = renamed.map(([name, shape]) => [`backbone.${name}`, shape] as const);
    expect(load(config, dictionary(under), ...parts)).toEqual({ ...plain, unexpected: [] });
  });
});

test('features_only of a deeper network is refused', async () => {
  const deeper = stateDictOf('convnext-atto', 'peers/convnext_atto').flatMap(([name, shape]) => {
    const features = name.replace(/^(stages|stem)\.(\d+)\./, '$1_$2.');
    const more = /^stages_2\.blocks\.5\./.test(features) ? [[features.replace('.5.', '.6.'), shape] as const] : [];
    return [[features, shape] as const, ...more];
  });
  const config = 'retinanet_convnext-atto_fpn_1x_coco';
  expect(await failure(() => load(config, dictionary(deeper), 'neck', 'bbox_head'))).toContain('of a deeper network');
});

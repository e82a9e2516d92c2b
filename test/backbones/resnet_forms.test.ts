/** ResNet's forms by mmdet and mmseg, alone and in RetinaNet and Semantic FPN: names, parameters, cost, every number. */
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { BACKBONES } from '../../backbones/index.js';
import { tensor } from '../../core/tensor.js';
import { graphBuilder } from '../../graph/builder.js';
import { countMacs, countParameters } from '../../graph/count.js';
import type { Graph, Network, ParameterSource } from '../../graph/graph.js';
import { optimise } from '../../graph/passes/index.js';
import { buildModel } from '../../tasks/build_model.js';
import { fitNames } from '../../weights/name_map.js';
import type { StateDict } from '../../weights/state_dict.js';
import { formulaValue } from '../formula_weights.js';
import { readReference } from '../reference.js';
import { formulaNetwork, onnxBytes, runOnnx } from '../run_network.js';

const part = z.looseObject({ type: z.string() });
const common = {
  parameters: z.number(),
  state_dict: z.array(z.tuple([z.string(), z.array(z.number())])),
};
const modelCase = z.object({
  ...common,
  model: z.looseObject({ backbone: part }),
  macs_512: z.object({ total: z.number().optional(), backbone: z.number().optional() }),
});
const timmCase = z.object({ ...common, macs_224: z.object({ total: z.number() }) });
const backboneCase = z.object({ ...common, backbone: part, macs_512: z.object({ total: z.number() }) });

const state = (graph: Graph) => [...graph.parameters.values()].map(({ name, shape }) => [name, shape] as const);
const cost = (graph: Graph) => countMacs(graph, { input: [1, 3, 512, 512] });

/** The backbone alone, its features named `c2` and on. */
function backboneGraph({ type, ...keys }: z.output<typeof part>): Graph {
  const g = graphBuilder();
  const { schema, trainingKeys = [], build } = BACKBONES.get(type, type);
  const config = Object.fromEntries(Object.entries(keys).filter(([key]) => !trainingKeys.includes(key)));
  const features = build(g.scope('backbone'), g.input('input', 3), schema.parse(config));
  return g.finish(features.map(({ value }, i) => ({ name: `c${i + 2}`, value })));
}

/** Holds every output of the reference, at every size that it has, against one exported network. */
async function holdOutputs(network: Network, values: ReturnType<typeof readReference>, least: number): Promise<void> {
  // `64x96.c2`, or `c2` where the reference has one size.
  const runs = values.inputs.map((input) => input.slice(0, -'input'.length));
  const bytes = onnxBytes(optimise(network));
  const outputs = await runOnnx(bytes, ...runs.map((run) => ({ input: values.input(`${run}input`) })));
  for (const [i, run] of runs.entries()) {
    const held = values.outputs.filter((output) => output.startsWith(run));
    expect(held.length).toBeGreaterThanOrEqual(least);
    for (const output of held) {
      const name = output.slice(run.length);
      expect(values.error(output, outputs[runs.length > 1 ? `${i}.${name}` : name]), output).toBeLessThan(1e-5);
    }
  }
}

/** The values of a file, by the network's names. */
const weightsOf =
  (file: StateDict): ParameterSource =>
  (name) => {
    const found = file.get(name);
    if (found === undefined) throw new Error(`no ${name} in the file`);
    return tensor(found.shape, Float32Array.from(found.read()));
  };

describe.each([
  'retinanet_r18',
  'retinanet_r50_caffe',
  'retinanet_x50_32x4d',
  'sem_fpn_r50_v1c',
  'sem_fpn_r50_v1d',
  'sem_fpn_x50',
])('%s', (name) => {
  const values = readReference(`openmmlab/${name}`);
  const reference = modelCase.parse(values.description);

  test('has its parameters, in their order, and its cost', () => {
    const { wholeGraph } = buildModel(reference.model);
    const backboneAlone = ([key]: readonly [string, unknown]) => key.startsWith('backbone.');
    expect(state(wholeGraph).filter(backboneAlone)).toEqual(reference.state_dict.filter(backboneAlone));
    expect(new Map(state(wholeGraph))).toEqual(new Map(reference.state_dict));
    expect(countParameters(wholeGraph)).toBe(reference.parameters);
    const { total, backbone } = reference.macs_512;
    if (total !== undefined) expect(cost(wholeGraph)).toBe(total);
    else expect(cost(backboneGraph(reference.model.backbone))).toBe(backbone);
  });

  test('features and raw outputs', async () => {
    await holdOutputs(formulaNetwork(buildModel(reference.model).wholeGraph), values, 5);
  });
});

describe.each([
  'resnet50_dilated',
  'resnet50_multi_grid',
  'resnet18_avg_down',
  'resnext50_caffe',
  'regnetx_400mf',
  'regnet_own',
])('%s', (name) => {
  const values = readReference(`openmmlab/${name}`);
  const { backbone, ...reference } = backboneCase.parse(values.description);
  const graph = backboneGraph(backbone);

  test('has its parameters, in their order, and its cost', () => {
    expect(state(graph)).toEqual(reference.state_dict);
    expect(countParameters(graph)).toBe(reference.parameters);
    expect(cost(graph)).toBe(reference.macs_512.total);
  });

  test('features', async () => {
    await holdOutputs(formulaNetwork(graph), values, 4);
  });
});

test.each([
  ['ResNeXt-50 of groups by mmpretrain’s name', { groups: 32, width_per_group: 4 }, { groups: 32, base_width: 4 }],
  ['a width of 4 by default', { groups: 8 }, { groups: 8, base_width: 4 }],
])('%s', (_, one, other) => {
  const base = { type: 'ResNeXt', depth: 50 };
  expect(state(backboneGraph({ ...base, ...one }))).toEqual(state(backboneGraph({ ...base, ...other })));
});

test('a form of RegNet with more than four widths is refused', () => {
  const arch = { w0: 8, wa: 8, wm: 1.5, group_w: 8, depth: 20, bot_mul: 1 };
  expect(() => backboneGraph({ type: 'RegNet', arch })).toThrow('RegNet.arch: expected widths in at most 4 steps');
});

describe('timm’s resnet18d, by the names of its file', () => {
  const values = readReference('peers/resnet18d');
  const reference = timmCase.parse(values.description);
  const { wholeGraph, checkpointFacts } = buildModel({
    type: 'ImageClassifier',
    backbone: { type: 'ResNetV1d', depth: 18 },
    head: { type: 'LinearClsHead', num_classes: 10 },
  });
  const parameters = [...wholeGraph.parameters.values()];
  const file: StateDict = new Map(
    reference.state_dict.map(([name, shape]) => [
      name,
      { shape, dtype: 'float32', read: () => formulaValue(name, shape) },
    ]),
  );
  const fitted = fitNames('f', file, parameters, checkpointFacts);

  test('every one has its place, and the cost is equal', () => {
    expect(new Set(fitted.keys())).toEqual(new Set(parameters.map(({ name }) => name)));
    expect(countParameters(wholeGraph)).toBe(reference.parameters);
    expect(countMacs(wholeGraph, { input: [1, 3, 224, 224] })).toBe(reference.macs_224.total);
  });

  test('features and logits', async () => {
    const network = { graph: wholeGraph, parameters: weightsOf(fitted) };
    await holdOutputs(network, values, 5);
  });
});

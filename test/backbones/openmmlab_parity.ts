/** Holds a backbone of OpenMMLab's, or a whole model, to what the original computes with the formula weights. */
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { BACKBONES } from '../../backbones/index.js';
import { graphBuilder } from '../../graph/builder.js';
import { countMacs, countParameters } from '../../graph/count.js';
import type { Graph, Network } from '../../graph/graph.js';
import { optimise } from '../../graph/passes/index.js';
import { buildModel } from '../../tasks/build_model.js';
import { runTfjs } from '../engines/tfjs/run_tfjs.js';
import { type Reference, readReference } from '../reference.js';
import { formulaNetwork, onnxBytes, runOnnx } from '../run_network.js';

const backbonePart = z.looseObject({ type: z.string() });
/** Buffers that follow from the config, which nothing here reads. */
const FOLLOWING = /\.relative_position_index$/;
const common = {
  parameters: z.number(),
  state_dict: z
    .array(z.tuple([z.string(), z.array(z.number())]))
    .transform((entries) => entries.filter(([name]) => !FOLLOWING.test(name))),
};
const backboneCase = z.object({ ...common, backbone: backbonePart, macs_512: z.object({ total: z.number() }) });
const modelCase = z.object({
  ...common,
  model: z.looseObject({ backbone: backbonePart }),
  macs_512: z.object({ total: z.number().optional(), backbone: z.number().optional() }),
});

/** Names and shapes of a graph's parameters, in their order. */
export const stateOf = (graph: Graph) =>
  [...graph.parameters.values()].map(({ name, shape }) => [name, shape] as const);

/** Multiply-accumulates of one picture of 512x512. */
export const costOf = (graph: Graph) => countMacs(graph, { input: [1, 3, 512, 512] });

/** The backbone of a config alone, its features named `c2` and on. */
export function backboneGraph({ type, ...keys }: z.output<typeof backbonePart>): Graph {
  const g = graphBuilder();
  const { schema, trainingKeys = [], build } = BACKBONES.get(type, type);
  const config = Object.fromEntries(Object.entries(keys).filter(([key]) => !trainingKeys.includes(key)));
  const features = build(g.scope('backbone'), g.input('input', 3), schema.parse(config));
  return g.finish(features.map(({ value }, i) => ({ name: `c${i + 2}`, value })));
}

/** The sizes that a reference has: what stands before `input`, `c2`, …: `64x96.`, or '' where it has one size. */
const runsOf = ({ inputs }: Reference) => inputs.map((input) => input.slice(0, -'input'.length));

/** Holds every output of the reference, at every size that it has, against one exported network. */
export async function holdOutputs(network: Network, values: Reference, least: number, bound = 1e-5): Promise<void> {
  const runs = runsOf(values);
  const bytes = onnxBytes(optimise(network));
  const outputs = await runOnnx(bytes, ...runs.map((run) => ({ input: values.input(`${run}input`) })));
  for (const [i, run] of runs.entries()) {
    const held = values.outputs.filter((output) => output.startsWith(run));
    expect(held.length).toBeGreaterThanOrEqual(least);
    for (const output of held) {
      const name = output.slice(run.length);
      expect(values.error(output, outputs[runs.length > 1 ? `${i}.${name}` : name]), output).toBeLessThan(bound);
    }
  }
}

/**
 * Tests of one backbone: its state_dict (names in order, shapes), parameters, multiply-accumulates, and every feature at
 * every size, in ONNX Runtime and in TensorFlow.js.
 * @param name of the reference in `fixtures/reference/openmmlab`.
 * @param bound of the largest difference, as a share of the feature's largest value.
 * @param tfjsBound of those in TensorFlow.js, whose products add up in another order and whose erf is off by 1.7e-7.
 */
export function describeBackbone(name: string, bound = 1e-5, tfjsBound = bound): void {
  describe(name, () => {
    const values = readReference(`openmmlab/${name}`);
    const { backbone, ...reference } = backboneCase.parse(values.description);
    const graph = backboneGraph(backbone);

    test('has its parameters, in their order, and its cost', () => {
      expect(stateOf(graph)).toEqual(reference.state_dict);
      expect(countParameters(graph)).toBe(reference.parameters);
      expect(costOf(graph)).toBe(reference.macs_512.total);
    });

    test('features', async () => {
      await holdOutputs(formulaNetwork(graph), values, graph.outputs.length, bound);
    });

    test('features in TensorFlow.js', async () => {
      for (const run of runsOf(values)) {
        const outputs = await runTfjs(optimise(formulaNetwork(graph)), { input: values.input(`${run}input`) });
        for (const { name: output } of graph.outputs) {
          expect(values.error(run + output, outputs[output]), run + output).toBeLessThan(tfjsBound);
        }
      }
    });
  });
}

/**
 * Tests of a model: its state_dict (the backbone's in order), parameters, multiply-accumulates, features and raw outputs.
 * @param name of the reference in `fixtures/reference/openmmlab`.
 * @param bound of the largest difference, as a share of the output's largest value.
 */
export function describeModel(name: string, bound = 1e-5): void {
  describe(name, () => {
    const values = readReference(`openmmlab/${name}`);
    const reference = modelCase.parse(values.description);

    test('has its parameters, in their order, and its cost', () => {
      const { wholeGraph } = buildModel(reference.model);
      const backboneAlone = ([key]: readonly [string, unknown]) => key.startsWith('backbone.');
      expect(stateOf(wholeGraph).filter(backboneAlone)).toEqual(reference.state_dict.filter(backboneAlone));
      expect(new Map(stateOf(wholeGraph))).toEqual(new Map(reference.state_dict));
      expect(countParameters(wholeGraph)).toBe(reference.parameters);
      const { total, backbone } = reference.macs_512;
      if (total !== undefined) expect(costOf(wholeGraph)).toBe(total);
      else expect(costOf(backboneGraph(reference.model.backbone))).toBe(backbone);
    });

    test('features and raw outputs', async () => {
      await holdOutputs(formulaNetwork(buildModel(reference.model).wholeGraph), values, 5, bound);
    });
  });
}

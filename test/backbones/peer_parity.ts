/** Holds one classifier of the comparison families to what its reference implementation computes with the formula weights. */
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { BackboneConfig } from '../../backbones/index.js';
import { tensor } from '../../core/tensor.js';
import { countMacs, countParameters, hasWeight } from '../../graph/count.js';
import type { Graph, Network } from '../../graph/graph.js';
import { optimise } from '../../graph/passes/index.js';
import type { HeadConfig } from '../../heads/index.js';
import { buildModel } from '../../tasks/build_model.js';
import { formulaValue } from '../formula_weights.js';
import { readReference } from '../reference.js';
import { onnxBytes, runOnnx } from '../run_network.js';

const referenceSchema = z
  .object({
    parameters: z.number(),
    conv_and_linear_macs_256: z.number().optional(),
    macs_224: z.object({ total: z.number() }).optional(),
    feature_channels: z.array(z.number()),
    state_dict: z.array(z.tuple([z.string(), z.array(z.number())])),
  })
  .transform(({ conv_and_linear_macs_256, macs_224, ...rest }) => ({
    ...rest,
    macs: conv_and_linear_macs_256 ?? macs_224?.total,
    side: conv_and_linear_macs_256 === undefined ? 224 : 256,
  }));

const OUTPUTS = ['c2', 'c3', 'c4', 'c5', 'logits'] as const;

/**
 * Tests of one architecture: its state_dict (names in order, shapes), parameters, multiply-accumulates, channels, and
 * the numbers of every feature map and of the logits, from one exported graph at every size that the reference has.
 * @param name of the reference in `fixtures/reference/peers`.
 * @param parts the model's backbone and head, as a config writes them.
 * @param held the outputs that the reference has; all five of every size when absent.
 */
export function describePeer(
  name: string,
  parts: { readonly backbone: BackboneConfig; readonly head: HeadConfig },
  held?: readonly string[],
): void {
  describe(name, () => {
    const values = readReference(`peers/${name}`);
    /** All of them; a reference may say that it keeps some of them alone. */
    const outputsHeld = (run: string) =>
      (held ?? OUTPUTS.map((output) => `${run}${output}`)).flatMap((output) =>
        output.startsWith(run) ? [output.slice(run.length)] : [],
      );
    const reference = referenceSchema.parse(values.description);
    const classifier = () => buildModel({ type: 'ImageClassifier', ...parts });

    test('state_dict, in its order', () => {
      const { state_dict } = reference;
      const { wholeGraph } = classifier();
      const original = referenceNames(wholeGraph, state_dict);
      const own = [...wholeGraph.parameters.values()].map((parameter) => [original(parameter.name), parameter.shape]);
      expect(own).toEqual(state_dict);
    });

    test('parameters, multiply-accumulates and channels', () => {
      const { parameters, macs, side, feature_channels } = reference;
      const { wholeGraph, features } = classifier();
      expect(countParameters(wholeGraph)).toBe(parameters);
      expect(countMacs(wholeGraph, { input: [1, 3, side, side] }, hasWeight)).toBe(macs);
      expect(features.map(({ value }) => value.channels)).toEqual(feature_channels);
    });

    test('feature maps and logits', async () => {
      const { wholeGraph } = classifier();
      const bytes = onnxBytes(optimise(peerNetwork(wholeGraph, referenceNames(wholeGraph, reference.state_dict))));
      // `64x96.c2`, or `c2` where the reference has one size.
      const runs = values.inputs.map((input) => input.slice(0, -'input'.length));
      const outputs = await runOnnx(bytes, ...runs.map((run) => ({ input: values.input(`${run}input`) })));
      for (const [i, run] of runs.entries()) {
        for (const output of outputsHeld(run)) {
          const actual = outputs[runs.length > 1 ? `${i}.${output}` : output];
          expect(values.error(run + output, actual), run + output).toBeLessThan(1e-5);
        }
      }
    });
  });
}

/** A graph filled with the weights that follow from the reference's names, not from the graph's own. */
function peerNetwork(graph: Graph, original: (name: string) => string): Network {
  return {
    graph,
    parameters: (name) => {
      const shape = graph.parameters.get(name)?.shape ?? [];
      return tensor(shape, formulaValue(original(name), shape));
    },
  };
}

/**
 * What the reference calls a parameter: `backbone.` stands before its names here, and `head.` before those of the
 * classifier's that do not begin with it already.
 */
function referenceNames(graph: Graph, stateDict: readonly (readonly [string, unknown])[]): (name: string) => string {
  const known = new Set(stateDict.map(([key]) => key));
  const names = new Map(
    [...graph.parameters.keys()].map((name) => {
      const bare = name.replace(/^(?:backbone|head)\./, '');
      return [name, known.has(name) ? name : bare];
    }),
  );
  return (name) => names.get(name) ?? name;
}

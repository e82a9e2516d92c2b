/** Holds an arch of LowFormer, with its official head, to the official code. */
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { lowformer } from '../../backbones/lowformer.js';
import type { LowFormerArch } from '../../backbones/lowformer_arch.js';
import { graphBuilder } from '../../graph/builder.js';
import { countMacs, countParameters } from '../../graph/count.js';
import type { Graph } from '../../graph/graph.js';
import { optimise } from '../../graph/passes/index.js';
import { lowformerClsHead } from '../../heads/lowformer_cls_head.js';
import { readReference } from '../reference.js';
import { formulaNetwork, onnxBytes, runOnnx } from '../run_network.js';

const referenceSchema = z.object({
  arch: z.string(),
  widths: z.array(z.number()),
  parameters: z.number(),
  backbone_parameters: z.number(),
  macs_224: z.number(),
  backbone_macs_512: z.number(),
  state_dict: z.array(z.tuple([z.string(), z.array(z.number())])),
});

/** Backbone and official classifier head, which is wider for the archs between B1 and B3 and for E1. */
function classifier(arch: string, withHead: boolean): Graph {
  const g = graphBuilder();
  const input = g.input('input', 3);
  const features = lowformer.build(g.scope('backbone'), input, lowformer.schema.parse({ arch }));
  const outputs = features.map(({ value }, i) => ({ name: `c${i + 2}`, value }));
  if (!withHead) return g.finish(outputs);
  const widths = ['b15', 'b2', 'E1'].includes(arch) ? [2304, 2560] : [1536, 1600];
  const head = lowformerClsHead.build(g.scope('head'), features, lowformerClsHead.schema.parse({ widths }));
  return g.finish([...outputs, ...head]);
}

/** Tests of one arch: parameters, cost, names in their order, and every number at two sizes. */
export function describeLowFormer(arch: LowFormerArch): void {
  describe(`LowFormer ${arch}`, () => {
    const values = readReference(`backbones/${arch}`);
    const reference = referenceSchema.parse(values.description);

    describe('has the official code’s', () => {
      test('parameters', () => {
        expect(countParameters(classifier(arch, true))).toBe(reference.parameters);
        expect(countParameters(classifier(arch, false))).toBe(reference.backbone_parameters);
      });
      test('multiply-accumulates', () => {
        expect(countMacs(classifier(arch, true), { input: [1, 3, 224, 224] })).toBe(reference.macs_224);
        expect(countMacs(classifier(arch, false), { input: [1, 3, 512, 512] })).toBe(reference.backbone_macs_512);
      });
      test('state_dict, in its order', () => {
        const keys = [...classifier(arch, true).parameters.values()].map(({ name, shape }) => [name, shape]);
        expect(keys).toEqual(reference.state_dict);
      });
    });

    test('gives the official code’s numbers at two sizes from one file', async () => {
      const sizes = ['64x96', '75x101'];
      const inputs = sizes.map((size) => ({ input: values.input(`${size}.input`) }));
      const outputs = await runOnnx(onnxBytes(optimise(formulaNetwork(classifier(arch, true)))), ...inputs);
      for (const [i, size] of sizes.entries()) {
        for (const name of ['c2', 'c3', 'c4', 'c5', 'logits']) {
          const key = `${size}.${name}`;
          expect(values.error(key, outputs[`${i}.${name}`]), key).toBeLessThan(1e-5);
        }
      }
    });
  });
}

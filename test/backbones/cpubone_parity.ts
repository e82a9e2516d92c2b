/** Holds an arch of CPUBone, with its official head, to the official code. */
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { cpubone } from '../../backbones/cpubone.js';
import { CPUBONE_ARCHS, type CPUBoneArch } from '../../backbones/cpubone_arch.js';
import { graphBuilder } from '../../graph/builder.js';
import { countMacs, countParameters } from '../../graph/count.js';
import type { Graph } from '../../graph/graph.js';
import { optimise, specialise } from '../../graph/passes/index.js';
import { lowformerClsHead } from '../../heads/lowformer_cls_head.js';
import { readReference } from '../reference.js';
import { formulaNetwork, onnxBytes, runOnnx } from '../run_network.js';

const referenceSchema = z.object({
  arch: z.string(),
  flags: z.record(z.string(), z.union([z.boolean(), z.number()])),
  parameters: z.number(),
  macs_224: z.number(),
  state_dict: z.array(z.tuple([z.string(), z.array(z.number())])),
});

/** Backbone and official classifier head, which is wider for b15 and b2. */
export function classifier(arch: string): Graph {
  const g = graphBuilder();
  const input = g.input('input', 3, cpubone.sizeDivisor);
  const features = cpubone.build(g.scope('backbone'), input, cpubone.schema.parse({ arch }));
  const outputs = features.map(({ value }, i) => ({ name: `c${i + 2}`, value }));
  const widths = ['b15', 'b2'].includes(arch) ? [2304, 2560] : [1536, 1600];
  const head = lowformerClsHead.build(g.scope('head'), features, lowformerClsHead.schema.parse({ widths }));
  return g.finish([...outputs, ...head]);
}

/** Tests of one arch: flags, parameters, cost, names in their order, and every number at two sizes. */
export function describeCpubone(arch: CPUBoneArch): void {
  const { flags } = CPUBONE_ARCHS[arch];
  describe(`CPUBone ${arch}`, () => {
    const values = readReference(`cpubone/${arch}`);
    const reference = referenceSchema.parse(values.description);

    describe('has the official code’s', () => {
      test('flags, as far as its backbone reads them', () => {
        // Those that a config leaves out are false in the code.
        const official = Object.keys(flags).map((key) => [key, reference.flags[key] ?? false]);
        expect(flags).toEqual(Object.fromEntries(official));
      });
      test('parameters', () => {
        expect(countParameters(classifier(arch))).toBe(reference.parameters);
      });
      test('multiply-accumulates', () => {
        expect(countMacs(classifier(arch), { input: [1, 3, 224, 224] })).toBe(reference.macs_224);
      });
      test('state_dict, in its order', () => {
        const keys = [...classifier(arch).parameters.values()].map(({ name, shape }) => [name, shape]);
        expect(keys).toEqual(reference.state_dict);
      });
    });

    test('gives the official code’s numbers at two sizes from one file', async () => {
      const sizes = ['64x96', '128x96'];
      const inputs = sizes.map((size) => ({ input: values.input(`${size}.input`) }));
      const network = specialise(optimise(formulaNetwork(classifier(arch))), 32);
      const outputs = await runOnnx(onnxBytes(network), ...inputs);
      for (const [i, size] of sizes.entries()) {
        for (const name of ['c2', 'c3', 'c4', 'c5', 'logits']) {
          const key = `${size}.${name}`;
          expect(values.error(key, outputs[`${i}.${name}`]), key).toBeLessThan(1e-5);
        }
      }
    });
  });
}

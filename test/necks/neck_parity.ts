/** Necks alone, over features that are inputs of the graph, and held to mmdet's values. */
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { stride } from '../../core/brands.js';
import { graphBuilder } from '../../graph/builder.js';
import { optimise } from '../../graph/passes/index.js';
import type { NeckDefinition } from '../../registry/define.js';
import type { Feature } from '../../registry/feature.js';
import { readReference } from '../reference.js';
import { formulaNetwork, onnxBytes, runOnnx } from '../run_network.js';

type Config = Readonly<Record<string, unknown>>;

/** The neck over features at strides 4, 8, … with these channels, named `in0`, `in1`, …; its levels are `out0`, `out1`, … */
export function buildNeck<Schema extends z.ZodType>(
  neck: NeckDefinition<string, Schema>,
  config: Config,
  channels: readonly number[],
) {
  const g = graphBuilder();
  const [finest, ...coarser] = channels.map(
    (count, i): Feature => ({ value: g.input(`in${i}`, count), stride: stride(4 * 2 ** i) }),
  );
  if (finest === undefined) throw new Error('no channels');
  const outs = neck.build(g.scope('neck'), [finest, ...coarser], neck.schema.parse(config));
  return {
    graph: g.finish(outs.map(({ value }, i) => ({ name: `out${i}`, value }))),
    strides: outs.map((out) => Number(out.stride)),
  };
}

interface NeckReference {
  readonly type: string;
  /** What stands behind the type in the names of the references. */
  readonly form: string;
  readonly build: (config: Config) => Pick<ReturnType<typeof buildNeck>, 'graph'>;
  /** Largest difference, as a share of the largest value. */
  readonly bound: number;
}

/** One form of a neck: parameters in mmdet's order, and values on even sizes, on odd ones, and in a batch. */
export function describeNeck({ type, form, build, bound }: NeckReference): void {
  const caseSchema = z.object({
    neck: z.looseObject({ type: z.literal(type) }),
    state_dict: z.array(z.tuple([z.string(), z.array(z.number())])),
  });
  describe(`${type}, form ${form}`, () => {
    test('is mmdet’s, on sizes that divide and on others, and in batches', async () => {
      const reference = readReference(`necks/${type.toLowerCase()}_${form}`);
      const { neck, state_dict } = caseSchema.parse(reference.description);
      const { type: _, ...config } = neck;
      const { graph } = build(config);
      expect([...graph.parameters.values()].map(({ name, shape }) => [name, shape])).toEqual(state_dict);

      const inputs = ['even', 'odd'].map((parity) =>
        Object.fromEntries([0, 1, 2, 3].map((i) => [`in${i}`, reference.input(`${parity}.in${i}`)])),
      );
      const outputs = await runOnnx(onnxBytes(optimise(formulaNetwork(graph))), ...inputs);
      expect(Object.keys(outputs)).toHaveLength(reference.outputs.length);
      for (const name of reference.outputs) {
        const ours = outputs[name.replace('even', '0').replace('odd', '1')];
        expect(reference.error(name, ours), name).toBeLessThan(bound);
      }
    });
  });
}

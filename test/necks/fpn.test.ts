import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { stride } from '../../core/brands.js';
import { graphBuilder } from '../../graph/builder.js';
import { optimise } from '../../graph/passes/index.js';
import { fpn } from '../../necks/fpn.js';
import type { Feature } from '../../registry/feature.js';
import { readReference } from '../reference.js';
import { formulaNetwork, onnxBytes, runOnnx } from '../run_network.js';

const caseSchema = z.object({
  neck: z.looseObject({ type: z.literal('FPN') }),
  state_dict: z.array(z.tuple([z.string(), z.array(z.number())])),
});

function build(config: Readonly<Record<string, unknown>>, channels: readonly number[] = [8, 12, 20, 28]) {
  const g = graphBuilder();
  const [finest, ...coarser] = channels.map(
    (count, i): Feature => ({ value: g.input(`in${i}`, count), stride: stride(4 * 2 ** i) }),
  );
  if (finest === undefined) throw new Error('no channels');
  const outs = fpn.build(g.scope('neck'), [finest, ...coarser], fpn.schema.parse(config));
  return {
    graph: g.finish(outs.map(({ value }, i) => ({ name: `out${i}`, value }))),
    strides: outs.map((out) => Number(out.stride)),
  };
}

const forms = [
  'end_level',
  'no_norm_lateral',
  'norm_act',
  'on_input',
  'on_lateral',
  'on_output',
  'plain',
  'pooled',
  'relu',
  'true',
];

describe.each(forms)('FPN, form %s', (form) => {
  test('is mmdet’s, on even and odd sizes and in batches', async () => {
    const reference = readReference(`necks/fpn_${form}`);
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
      expect(reference.error(name, ours), name).toBeLessThan(1e-5);
    }
  });
});

test('strides double from the first level used', () => {
  expect(build({ out_channels: 16, num_outs: 5, start_level: 1, add_extra_convs: 'on_input' }).strides).toEqual([
    8, 16, 32, 64, 128,
  ]);
});

test.each([
  [{ out_channels: 16, num_outs: 3 }, 'FPN.num_outs: expected at least 4, the levels used but received 3'],
  [
    { out_channels: 16, num_outs: 4, end_level: 2 },
    'FPN.num_outs: expected 3, the levels from start_level to end_level but received 4',
  ],
  [{ out_channels: 16, num_outs: 4, end_level: 4 }, 'FPN.end_level: expected at most 3 but received 4'],
  [{ out_channels: 16, num_outs: 4, start_level: 4 }, 'FPN.start_level: expected at most 3 but received 4'],
  [
    { out_channels: 16, num_outs: 4, in_channels: [8, 12, 20, 32] },
    'FPN.in_channels: expected [8, 12, 20, 28], the channels of the features that come in but received [8,12,20,32]',
  ],
])('a config that contradicts the features is refused: %j', (config, message) => {
  expect(() => build(config)).toThrow(message);
});

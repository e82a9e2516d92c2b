import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { countMacs, countParameters } from '../../graph/count.js';
import { optimise } from '../../graph/passes/index.js';
import { buildModel } from '../../tasks/build_model.js';
import { frameOf, metaSchema } from '../heads/dense_parity.js';
import { readReference } from '../reference.js';
import { formulaNetwork, runNetwork } from '../run_network.js';

const caseSchema = z.object({
  model: z.looseObject({ type: z.literal('RetinaNet') }),
  image_meta: metaSchema,
  parameters: z.number(),
  macs_512: z.object({ total: z.number() }),
  state_dict: z.array(z.tuple([z.string(), z.array(z.number())])),
});

describe.each(['retinanet_lowformer_b0', 'retinanet_lowformer_b1'])('RetinaNet as mmdet builds it, case %s', (name) => {
  test('keys, costs, feature maps, raw outputs and boxes', async () => {
    const values = readReference(`detectors/${name}`);
    const reference = caseSchema.parse(values.description);
    const model = buildModel(reference.model);
    expect([...model.wholeGraph.parameters.values()].map((parameter) => [parameter.name, parameter.shape])).toEqual(
      reference.state_dict,
    );
    expect(countParameters(model.wholeGraph)).toBe(reference.parameters);
    expect(countMacs(model.wholeGraph, { input: [1, 3, 512, 512] })).toBe(reference.macs_512.total);
    expect(model.unused).toEqual(['model.train_cfg', 'model.bbox_head.loss_bbox']);

    const outputs = await runNetwork(optimise(formulaNetwork(model.wholeGraph)), { input: values.input('input') });
    const raw = values.outputs.filter((key) => /^(p|cls|reg)\d$/.test(key));
    expect(raw).toHaveLength(15);
    for (const key of raw) expect(values.error(key, outputs[key]), key).toBeLessThan(1e-5);

    const frame = frameOf(reference.image_meta);
    if (model.task !== 'detection') throw new Error(model.task);
    const { boxes, scores, labels } = model.decode(outputs, 0, frame);
    const [expectedBoxes, expectedScores] = [values.whole('boxes').data, values.whole('scores').data];
    expect(scores).toHaveLength(expectedScores.length);
    const expectedLabels = values.labels('labels');
    // Scores closer than 1e-5 may change places: each box is looked for among those of nearly its score.
    expectedScores.forEach((score, i) => {
      const wanted = expectedBoxes.subarray(4 * i, 4 * i + 4);
      const found = scores.findIndex(
        (other, j) =>
          Math.abs(other - score) < 1e-4 &&
          (i === j || Math.abs((expectedScores[j] ?? 0) - score) < 1e-5) &&
          labels[j] === expectedLabels[i] &&
          wanted.every((side, k) => Math.abs(side - (boxes[4 * j + k] ?? Number.NaN)) < 0.01),
      );
      expect(found, `box ${i}`).toBeGreaterThanOrEqual(0);
    });
  });
});

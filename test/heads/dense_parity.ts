/** Holds a whole detector with a dense head to what mmdet computes with the formula weights. */
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { FrameTransform } from '../../core/frame.js';
import { countMacs, countParameters } from '../../graph/count.js';
import { optimise } from '../../graph/passes/index.js';
import { buildModel } from '../../tasks/build_model.js';
import { readReference } from '../reference.js';
import { formulaNetwork, runNetwork } from '../run_network.js';

const size = z.tuple([z.number(), z.number()]);
/** Of a picture, as mmdet has it. */
export const metaSchema = z.object({ ori_shape: size, img_shape: size, pad_shape: size, scale_factor: size });
export const caseSchema = z.object({
  model: z.looseObject({ type: z.string() }),
  image_meta: z.record(z.string(), z.array(metaSchema)),
  parameters: z.number(),
  macs_512: z.object({ total: z.number() }),
  state_dict: z.array(z.tuple([z.string(), z.array(z.number())])),
});

export function frameOf({
  ori_shape,
  img_shape,
  pad_shape,
  scale_factor,
}: z.output<typeof metaSchema>): FrameTransform {
  return {
    original: { height: ori_shape[0], width: ori_shape[1] },
    resized: { height: img_shape[0], width: img_shape[1] },
    padded: { height: pad_shape[0], width: pad_shape[1] },
    scaleX: scale_factor[0],
    scaleY: scale_factor[1],
    left: 0,
    top: 0,
  };
}

/**
 * Tests of one detector: its state_dict, parameters, multiply-accumulates, raw outputs and boxes at every size.
 * @param name of the reference in `fixtures/reference/detectors`.
 */
export function describeDetector(name: string): void {
  describe(name, () => {
    const values = readReference(`detectors/${name}`);
    const reference = caseSchema.parse(values.description);
    const model = buildModel(reference.model);

    test('has its parameters, in their order, and its cost', () => {
      const parameters = [...model.wholeGraph.parameters.values()].map((parameter) => [
        parameter.name,
        parameter.shape,
      ]);
      expect(parameters).toEqual(reference.state_dict);
      expect(countParameters(model.wholeGraph)).toBe(reference.parameters);
      expect(countMacs(model.wholeGraph, { input: [1, 3, 512, 512] })).toBe(reference.macs_512.total);
    });

    test.each(Object.entries(reference.image_meta).filter(([key]) => values.inputs.includes(`${key}.input`)))(
      'raw outputs and boxes, %s',
      async (key, metas) => {
        const input = values.input(`${key}.input`);
        const outputs = await runNetwork(optimise(formulaNetwork(model.graph)), { input });
        const raw = values.outputs.filter((output) => new RegExp(`^${key}\\.(cls|reg|centerness)\\d$`).test(output));
        expect(raw.length).toBeGreaterThan(5);
        for (const output of raw) {
          expect(values.error(output, outputs[output.slice(key.length + 1)]), output).toBeLessThan(1e-5);
        }
        if (model.task !== 'detection') throw new Error(model.task);
        for (const [index, meta] of metas.entries()) {
          const { boxes, scores, labels } = model.decode(outputs, index, frameOf(meta));
          const expected = (part: string) => values.whole(`${key}.${index}.${part}`).data;
          const [expectedBoxes, expectedScores] = [expected('boxes'), expected('scores')];
          const expectedLabels = values.labels(`${key}.${index}.labels`);
          expect(expectedScores.length).toBeGreaterThan(50);
          expect(scores).toHaveLength(expectedScores.length);
          const free = new Set(scores.keys());
          // Scores closer than 1e-5 may change places: each box is looked for among those of nearly its score.
          expectedScores.forEach((score, i) => {
            const wanted = expectedBoxes.subarray(4 * i, 4 * i + 4);
            const found = [...free].find(
              (j) =>
                Math.abs((scores[j] ?? 0) - score) < 1e-5 &&
                (i === j || Math.abs((expectedScores[j] ?? 0) - score) < 1e-5) &&
                labels[j] === expectedLabels[i] &&
                wanted.every((side, k) => Math.abs(side - (boxes[4 * j + k] ?? Number.NaN)) < 0.01),
            );
            expect(found, `picture ${index}, box ${i}`).toBeDefined();
            if (found !== undefined) free.delete(found);
          });
        }
      },
    );
  });
}

/** torchvision's RetinaNets, from the pictures to the boxes, with the names of its files. */
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { SHIPPED_CONFIGS } from '../../configs/index.js';
import type { RgbImage } from '../../core/frame.js';
import { coco } from '../../data/classes/coco.js';
import { countParameters } from '../../graph/count.js';
import { optimise } from '../../graph/passes/index.js';
import { toBatch } from '../../images/batch.js';
import { fitWeights } from '../../models/fitted_weights.js';
import { prepareFrame, testPipelineSchema } from '../../steps/pipeline.js';
import { buildModel } from '../../tasks/build_model.js';
import type { StateDict } from '../../weights/state_dict.js';
import { formulaValue } from '../formula_weights.js';
import { formulaPicture } from '../images/formula_picture.js';
import { readReference } from '../reference.js';
import { onnxBytes, runOnnx } from '../run_network.js';

const pair = z.tuple([z.number(), z.number()]);
const caseSchema = z.object({
  min_size: z.number(),
  max_size: z.number(),
  factors: z.record(z.string(), z.number()),
  parameters: z.number(),
  state_dict: z.array(z.tuple([z.string(), z.array(z.number())])),
  runs: z.record(z.string(), z.array(z.object({ size: pair, seed: z.number(), block: z.number(), resized: pair }))),
});

/** Squares of one colour each, so that positions differ. */
function squares([width, height]: readonly [number, number], seed: number, side: number): RgbImage {
  const small = formulaPicture(Math.ceil(width / side), Math.ceil(height / side), seed);
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    return small.data[(Math.floor(y / side) * small.width + Math.floor(x / side)) * 3 + (i % 3)] ?? 0;
  });
  return { width, height, data };
}

type Reference = ReturnType<typeof readReference>;

/** A file as torchvision writes it; `old` as before 0.13. */
function fileOf(reference: Reference, old: boolean) {
  const { state_dict, factors } = caseSchema.parse(reference.description);
  const tensors: StateDict = new Map(
    state_dict.map(([name, shape]) => [
      old ? oldName(name) : name,
      {
        shape,
        dtype: 'float32',
        read: () =>
          name === 'head.classification_head.cls_logits.bias'
            ? reference.whole('cls_logits_bias').data
            : formulaValue(name, shape).map((value) => value * (factors[name] ?? 1)),
      },
    ]),
  );
  return { path: 'f.pth', format: 'torch-zip', tensors, meta: {} } as const;
}

function oldName(name: string): string {
  return name
    .replace(/(inner_blocks|layer_blocks)\.(\d)\.0\./, '$1.$2.')
    .replace(/_head\.conv\.(\d)\.0\./, (_, i: string) => `_head.conv.${2 * Number(i)}.`);
}

describe.each(['retinanet_resnet50_fpn', 'retinanet_resnet50_fpn_v2'] as const)('%s', (name) => {
  const reference = readReference(`torchvision/${name}`);
  const { min_size, max_size, parameters, runs } = caseSchema.parse(reference.description);
  const config = SHIPPED_CONFIGS[name];
  const model = buildModel(config.model);
  if (model.task !== 'detection') throw new Error(model.task);
  const pipeline = testPipelineSchema().parse(
    config.test_pipeline.map((step) =>
      step.type === 'GeneralizedRCNNTransform' ? { ...step, min_size, max_size } : step,
    ),
  );

  const network = () => {
    using weights = fitWeights(model, fileOf(reference, name === 'retinanet_resnet50_fpn'));
    return onnxBytes(optimise({ graph: model.graph, parameters: weights.parameters }));
  };
  let bytes: Uint8Array | undefined;

  test('has as many parameters, and every tensor of a file has its place', () => {
    expect(countParameters(model.wholeGraph)).toBe(parameters);
    for (const old of name === 'retinanet_resnet50_fpn' ? [false, true] : [false]) {
      using weights = fitWeights(model, fileOf(reference, old));
      expect(weights.report?.unexpected).toEqual([]);
      expect(weights.report?.loaded.length).toBeGreaterThan(290);
    }
  });

  test.each(Object.entries(runs))('pictures, raw outputs and boxes, %s', async (run, pictures) => {
    const frames = pictures.map(({ size, seed, block }) => prepareFrame(squares(size, seed, block), pipeline));
    expect(frames.map(({ transform: { resized } }) => [resized.width, resized.height])).toEqual(
      pictures.map(({ resized }) => resized),
    );
    const { input, transforms } = toBatch(frames, model.preprocessor);
    expect(reference.error(`${run}.prepared`, input)).toBeLessThan(3e-7);

    bytes ??= network();
    const outputs = await runOnnx(bytes, { input });
    for (const level of [0, 1, 2, 3, 4].flatMap((i) => [`cls${i}`, `reg${i}`])) {
      expect(reference.error(`${run}.${level}`, outputs[level]), level).toBeLessThan(1e-5);
    }

    for (const [index, transform] of transforms.entries()) {
      const expected = expectedBoxes(reference, `${run}.${index}`);
      const { boxes, scores, labels } = model.decode(outputs, index, transform);
      expect(scores).toHaveLength(expected.length);
      expect(expected.length).toBeGreaterThan(150);
      const free = new Set(scores.keys());
      // Scores closer than 1e-5 may change places: each box is looked for among those of nearly its score.
      for (const [i, wanted] of expected.entries()) {
        const found = [...free].find(
          (j) =>
            Math.abs((scores[j] ?? 0) - wanted.score) < 1e-5 &&
            coco.category_ids[labels[j] ?? -1] === wanted.label &&
            wanted.box.every((side, k) => Math.abs(side - (boxes[4 * j + k] ?? Number.NaN)) < 0.01),
        );
        expect(found, `picture ${index}, box ${i}`).toBeDefined();
        if (found !== undefined) free.delete(found);
      }
    }
  });
});

/** torchvision's results without the background and the numbers that no class of COCO has. */
function expectedBoxes(reference: Reference, picture: string) {
  const [boxes, scores] = [reference.whole(`${picture}.boxes`).data, reference.whole(`${picture}.scores`).data];
  const classes = new Set<number>(coco.category_ids);
  return [...reference.labels(`${picture}.labels`)]
    .map((label, i) => ({ label, score: scores[i] ?? 0, box: [...boxes.subarray(4 * i, 4 * i + 4)] }))
    .filter(({ label }) => classes.has(label));
}

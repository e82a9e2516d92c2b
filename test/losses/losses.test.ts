import { describe, expect, test } from 'vitest';
import { tensor } from '../../core/tensor.js';
import { formulaNumbers } from '../formula_weights.js';
import { type LossCase, lossValues } from './loss_graph.js';
import { readLosses, readMoreLosses } from './training_reference.js';

/** Of mmdet's and mmseg's value, in float32 as theirs: a share. */
const BOUND = 1e-6;

async function expectValue(given: LossCase, reference: number): Promise<void> {
  for (const value of await lossValues(given)) {
    expect(Math.abs(value - reference) / Math.abs(reference), `${value} for ${reference}`).toBeLessThan(BOUND);
  }
}

/** Rows of the reference are pictures of one pixel. */
const rows = (name: string, channels: number, value: (u: number) => number) =>
  tensor([64, channels, 1, 1], formulaNumbers(name, 64 * channels, value));

const scores = rows('input.loss.cls', 5, (u) => 4 * (2 * u - 1));
const labels = rows('input.loss.target', 1, (u) => Math.floor(6 * u));
const weight = rows('input.loss.weight', 1, (u) => 2 * u);
const numbers = (name: string) => rows(name, 4, (u) => 2 * (2 * u - 1));
const [box, boxTarget] = [numbers('input.loss.box'), numbers('input.loss.box_target')];

/** Rows as they are in `more_losses`, each as one picture. */
const more = (name: string, channels: number, value: (u: number) => number) => rows(`more.${name}`, channels, value);

/** The reference's numbers as corners of boxes. */
function corners({ shape, data }: typeof box): typeof box {
  const boxes = data.slice();
  for (let i = 0; i < data.length; i += 4) {
    const [a = 0, b = 0, c = 0, d = 0] = data.subarray(i, i + 4);
    const [x, y] = [20 * a + 50, 20 * b + 50];
    boxes.set([x, y, x + 15 * Math.abs(c) + 1, y + 15 * Math.abs(d) + 1], i);
  }
  return tensor(shape, boxes);
}

describe('as mmdet computes it', () => {
  const { averageFactors, cases } = readLosses('losses');

  test.each(cases)('$title', async ({ config, value }) => {
    if (config.type === 'FocalLoss') {
      const averageFactor = averageFactors.classification;
      return await expectValue({ config, prediction: scores, labels, weight, averageFactor }, value);
    }
    const [prediction, values] = config.type.endsWith('IoULoss')
      ? [corners(box), corners(boxTarget)]
      : [box, boxTarget];
    return await expectValue({ config, prediction, values, weight, averageFactor: averageFactors.boxes }, value);
  });
});

describe('as mmdet computes it, further', () => {
  const labels = more('target', 1, (u) => Math.floor(6 * u));
  const inside = tensor(
    labels.shape,
    labels.data.map((label) => Math.min(label, 4)),
  );
  const quality = more('quality', 1, (u) => u);
  const weight = more('weight', 1, (u) => 2 * u);
  const scores = more('cls', 5, (u) => 4 * (2 * u - 1));
  const [predicted, truth] = ['box', 'truth'].map((name) => corners(more(name, 4, (u) => 2 * (2 * u - 1))));
  const first = tensor(
    [64, 1, 1, 1],
    scores.data.filter((_, i) => i % 5 === 0),
  );
  const inputs: Readonly<Record<string, Omit<LossCase, 'config'>>> = {
    'quality, beta 2.0': { prediction: scores, labels, quality, weight, averageFactor: 7 },
    'quality, beta 1.0': { prediction: scores, labels, quality, weight, averageFactor: 7 },
    'quality, beta 1.5': { prediction: scores, labels, quality, weight, averageFactor: 7 },
    softmax: { prediction: scores, labels: inside, weight, averageFactor: 7 },
    'softmax, class weights': { prediction: scores, labels: inside, weight },
    'softmax, ignored': { prediction: scores, labels: inside },
    'softmax, ignored, all counted': { prediction: scores, labels: inside },
    'softmax, sum': { prediction: scores, labels: inside, weight },
    sigmoid: { prediction: scores, labels, weight, averageFactor: 7 },
    'sigmoid, class weights': { prediction: scores, labels, weight, averageFactor: 7 },
    'sigmoid, ignored': { prediction: scores, labels, weight },
    'sigmoid, values': { prediction: first, values: quality, averageFactor: 7 },
    'iou, log': { prediction: predicted ?? scores, values: truth ?? scores, weight, averageFactor: 9 },
    'iou, square': { prediction: predicted ?? scores, values: truth ?? scores, weight, averageFactor: 9 },
  };

  test.each(readMoreLosses())('$title', async ({ title, config, value }) => {
    const given = inputs[title];
    if (given === undefined) throw new Error(`no inputs for ${title}`);
    await expectValue({ config, ...given }, value);
  });
});

describe('as mmseg computes it', () => {
  const shape = [2, 4, 6, 7];
  const prediction = tensor(
    shape,
    formulaNumbers('input.loss.seg', 2 * 4 * 42, (u) => 3 * (2 * u - 1)),
  );
  const numbers = formulaNumbers('input.loss.seg_target', 2 * 42, (u) => Math.floor(5 * u));
  const labels = tensor(
    [2, 1, 6, 7],
    numbers.map((label) => (label === 4 ? 255 : label)),
  );

  test.each(readLosses('losses_segmentation').cases)('$title', ({ config, value }) =>
    expectValue({ config, use: 'segmentation', ignoreIndex: 255, prediction, labels }, value),
  );
});

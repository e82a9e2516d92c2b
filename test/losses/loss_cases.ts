/** Every loss that mmdet and mmseg have been asked for: its inputs, its value, and the gradient of the prediction. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { type Tensor, tensor } from '../../core/tensor.js';
import { formulaNumbers } from '../formula_weights.js';
import { readSafetensors } from '../read_safetensors.js';
import type { LossCase } from './loss_graph.js';

export interface ReferenceLoss {
  readonly title: string;
  readonly given: LossCase;
  readonly value: number;
  readonly gradient: {
    /** Its Euclidean norm. */
    readonly norm: number;
    /** Its first elements, or all of them, as they stand in memory. */
    readonly first: ArrayLike<number>;
  };
}

const at = (file: string) => new URL(`../fixtures/reference/training/${file}`, import.meta.url);
const config = z.looseObject({ type: z.string() });

/** Rows of the reference are pictures of one pixel. */
const rows = (name: string, channels: number, value: (u: number) => number) =>
  tensor([64, channels, 1, 1], formulaNumbers(name, 64 * channels, value));

/** What is given to the losses of detectors, by names that begin with a prefix. */
function detectorInputs(prefix: string, target: string) {
  const scores = rows(`${prefix}.cls`, 5, (u) => 4 * (2 * u - 1));
  const labels = rows(`${prefix}.target`, 1, (u) => Math.floor(6 * u));
  const [box, truth] = ['box', target].map((name) => rows(`${prefix}.${name}`, 4, (u) => 2 * (2 * u - 1)));
  if (box === undefined || truth === undefined) throw new Error('two boxes a row');
  return {
    scores,
    labels,
    weight: rows(`${prefix}.weight`, 1, (u) => 2 * u),
    numbers: { prediction: box, values: truth },
    corners: { prediction: cornersOf(box), values: cornersOf(truth) },
  };
}

/** The reference's numbers as corners of boxes. */
function cornersOf({ shape, data }: Tensor): Tensor {
  const boxes = data.slice();
  for (let i = 0; i < data.length; i += 4) {
    const [a = 0, b = 0, c = 0, d = 0] = data.subarray(i, i + 4);
    const [x, y] = [20 * a + 50, 20 * b + 50];
    boxes.set([x, y, x + 15 * Math.abs(c) + 1, y + 15 * Math.abs(d) + 1], i);
  }
  return tensor(shape, boxes);
}

/** `losses` or `losses_segmentation`, with whole gradients. */
function wholeCases(file: string, inputsOf: (type: string) => Omit<LossCase, 'config'>): readonly ReferenceLoss[] {
  const schema = z.object({ cases: z.record(z.string(), z.object({ loss_cfg: config, value: z.number() })) });
  const { cases } = schema.parse(JSON.parse(readFileSync(at(`${file}.json`), 'utf8')));
  const gradients = readSafetensors(at(`${file}.safetensors`));
  return Object.entries(cases).map(([title, { loss_cfg, value }]) => {
    const first = gradients.float32(`${title}.grad`).data;
    const norm = Math.sqrt(first.reduce((sum, slope) => sum + slope * slope, 0));
    return { title, given: { config: loss_cfg, ...inputsOf(loss_cfg.type) }, value, gradient: { norm, first } };
  });
}

const own = detectorInputs('input.loss', 'box_target');
const ofDetectors = wholeCases('losses', (type) => {
  if (type === 'FocalLoss') {
    return { prediction: own.scores, labels: own.labels, weight: own.weight, averageFactor: 7 };
  }
  return { ...(type.endsWith('IoULoss') ? own.corners : own.numbers), weight: own.weight, averageFactor: 9 };
});

function furtherCases(): readonly ReferenceLoss[] {
  const { scores, labels, weight, corners } = detectorInputs('more', 'truth');
  const quality = rows('more.quality', 1, (u) => u);
  const inside = tensor(
    labels.shape,
    labels.data.map((label) => Math.min(label, 4)),
  );
  const first = tensor(
    [64, 1, 1, 1],
    scores.data.filter((_, i) => i % 5 === 0),
  );
  const inputsOf = (title: string): Omit<LossCase, 'config'> => {
    const [kind] = title.split(', ');
    const average =
      /ignored|class weights|sum/.test(title) && title !== 'sigmoid, class weights' ? {} : { averageFactor: 7 };
    if (kind === 'quality') return { prediction: scores, labels, quality, weight, ...average };
    if (kind === 'iou') return { ...corners, weight, averageFactor: 9 };
    if (title === 'sigmoid, values') return { prediction: first, values: quality, ...average };
    if (kind === 'sigmoid') return { prediction: scores, labels, weight, ...average };
    return { prediction: scores, labels: inside, ...(title.includes('ignored') ? {} : { weight }), ...average };
  };
  const schema = z.record(
    z.string(),
    z.object({ loss_cfg: config, value: z.number(), l2: z.number(), gradient: z.array(z.number()) }),
  );
  const cases = schema.parse(JSON.parse(readFileSync(at('more_losses.json'), 'utf8')));
  return Object.entries(cases).map(([title, { loss_cfg, value, l2, gradient }]) => ({
    title,
    given: { config: loss_cfg, ...inputsOf(title) },
    value,
    gradient: { norm: l2, first: gradient },
  }));
}

function segmentorInputs(): Omit<LossCase, 'config'> {
  const numbers = formulaNumbers('input.loss.seg_target', 2 * 42, (u) => Math.floor(5 * u));
  return {
    use: 'segmentation',
    ignoreIndex: 255,
    prediction: tensor(
      [2, 4, 6, 7],
      formulaNumbers('input.loss.seg', 2 * 4 * 42, (u) => 3 * (2 * u - 1)),
    ),
    labels: tensor(
      [2, 1, 6, 7],
      numbers.map((label) => (label === 4 ? 255 : label)),
    ),
  };
}

export const LOSS_CASES: Readonly<Record<string, readonly ReferenceLoss[]>> = {
  'as mmdet computes them': [...ofDetectors, ...furtherCases()],
  'as mmseg computes them': wholeCases('losses_segmentation', segmentorInputs),
};

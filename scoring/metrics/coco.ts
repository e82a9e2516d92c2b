/** COCO's twelve figures: see evaluation/coco_evaluator. */
import { z } from 'zod';
import type { MaxDetections } from '../../evaluation/coco_parameters.js';
import { defineDetectionMetric } from './define.js';

const rows = { pictures: z.array(z.int()), categories: z.array(z.int()), boxes: z.array(z.number()) };
const maxDetections = z.tuple([z.int(), z.int(), z.int()]).readonly();

export const coco = defineDetectionMetric({
  type: 'coco',
  description: 'COCO AP of detections, as pycocotools',
  schema: z.strictObject({
    /** mmdet's `proposal_nums`: see `cocoStats`. */
    maxDets: maxDetections.optional(),
  }),
  flags: [
    {
      flags: '--max-dets <a,b,c>',
      description:
        'the most detections of a class and picture that count: 1,10,100 by default; AP is taken at 100, the rest at the last',
      parse: parseMaxDetections,
      expected: 'Expected three ascending whole numbers with 100 among them, such as 100,300,1000.',
    },
  ],
  counts: z.object({
    categoryIds: z.array(z.number()),
    maxDetections,
    imageIds: z.array(z.number()),
    objects: z.object({ ...rows, areas: z.array(z.number()), marks: z.array(z.int()) }),
    detections: z.object({ ...rows, scores: z.array(z.number()) }),
  }),
  missingArea: 'error',
  async create(annotations, { maxDets }, notes) {
    const { createCocoScore } = await import('../coco_score.js');
    const score = createCocoScore(annotations, notes, maxDets);
    return { ...score, add: ({ position, detections }) => score.add(position, detections), result: score.summary };
  },
  async scoreResults(annotations, placed, { maxDets }, notes) {
    const { scoreCoco } = await import('../coco_score.js');
    return scoreCoco(annotations, placed, notes, maxDets);
  },
  async report(summary, _, { maxDets }) {
    const { cocoReport } = await import('../coco_score.js');
    return cocoReport(summary, maxDets);
  },
});

function parseMaxDetections(text: string): MaxDetections | undefined {
  const [fewest = 0, more = 0, most = 0, ...others] = text.split(',').map(Number);
  const ascends = [fewest, more, most].every(Number.isInteger) && fewest >= 1 && fewest < more && more < most;
  const isRight = ascends && others.length === 0 && [fewest, more, most].includes(100);
  return isRight ? [fewest, more, most] : undefined;
}

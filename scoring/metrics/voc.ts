/** Pascal VOC's mAP: see evaluation/voc_map. */
import { z } from 'zod';
import { defineDetectionMetric } from './define.js';

export const voc = defineDetectionMetric({
  type: 'voc',
  description: "Pascal VOC's mAP of detections, as mmdet's eval_map",
  schema: z.strictObject({
    iou: z.number().gt(0).max(1).default(0.5),
    mode: z.enum(['area', '11points']).default('area'),
    legacyCoordinates: z.boolean().default(false),
  }),
  flags: [
    {
      flags: '--iou <p>',
      description: 'overlap from which a detection is right',
      default: 0.5,
      parse: parseOverlap,
      expected: 'Expected above 0, at most 1.',
    },
    {
      flags: '--legacy-coordinates',
      description: "widths as x2 - x1 + 1: Pascal VOC's own toolkit, and published figures",
    },
    {
      flags: '--mode <name>',
      description: 'area under the curve, or 11 points',
      choices: ['area', '11points'],
      default: 'area',
    },
  ],
  counts: z.object({
    numClasses: z.int(),
    iouThresholds: z.array(z.number()),
    legacyCoordinates: z.boolean(),
    invertedDetections: z.enum(['error', 'score']),
    pictures: z.array(
      z.object({
        imageId: z.union([z.number(), z.string(), z.bigint()]),
        inverted: z.int(),
        classes: z.array(
          z.object({
            classIndex: z.int(),
            objects: z.int(),
            scores: z.array(z.number()),
            outcomes: z.array(z.array(z.union([z.literal(0), z.literal(1), z.literal(2)]))),
          }),
        ),
      }),
    ),
  }),
  missingArea: 'box',
  // mmdet's metric takes boxes of negative size in; they match nothing, and a warning counts them.
  negativeSizes: 'keep',
  merges: false,
  truthNote: "`difficult` or `ignore` on COCO's annotations count",
  async create(annotations, options) {
    const { createVocScore } = await import('../voc_score.js');
    const score = createVocScore(annotations, options);
    return { ...score, add: ({ position, detections }) => score.add(position, detections) };
  },
  async report(result, annotations) {
    const { vocReport } = await import('../voc_score.js');
    return vocReport(annotations, result);
  },
  warnings: ({ invertedDetections: count }) =>
    count === 0 ? [] : [`${count} detections have a negative width or height: they are scored as mmdet scores them.`],
});

function parseOverlap(text: string): number | undefined {
  const value = Number(text);
  return text.trim() !== '' && value > 0 && value <= 1 ? value : undefined;
}

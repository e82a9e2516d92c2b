/** mIoU and its kin: see evaluation/segmentation_metrics. */
import { z } from 'zod';
import type { SegmentationCounts, SegmentationSettings } from '../../evaluation/segmentation_metrics.js';
import { defineSegmentationMetric } from './define.js';

/** Of the confusion matrix the cells that are not 0, as [cell, pixels]; of one picture, unless it says of how many. */
const counts = z.object({
  ignored: z.int().min(0),
  confusion: z.array(z.tuple([z.int().min(0), z.int().min(1)])),
  pictures: z.int().min(0).optional(),
});

export const miou = defineSegmentationMetric({
  type: 'miou',
  description: "mIoU of label PNGs, as mmseg's IoUMetric",
  schema: z.strictObject({}),
  counts,
  async create(truth, _, notes) {
    const { name, numClasses, ignoreIndex, reduceZeroLabel } = truth;
    const { createSegmentationMetrics } = await import('../../evaluation/segmentation_metrics.js');
    const { noteDoubts } = await import('../label_notes.js');
    const settings = { numClasses, ignoreIndex, reduceZeroLabel };
    const metrics = createSegmentationMetrics(settings);
    return {
      add: ({ name: file, truth: labels, prediction }) => metrics.add(file, labels, prediction),
      counts: () => sparse(metrics.counts()),
      merge: (other) => metrics.merge(full(other, settings)),
      result() {
        noteDoubts(name, metrics.counts(), notes);
        return metrics.result();
      },
    };
  },
  async report(result, { classes }) {
    const { labelReport } = await import('../label_score.js');
    return labelReport(result, classes);
  },
});

function sparse({ pictures, ignoredPixels, confusion: all }: SegmentationCounts): z.output<typeof counts> {
  const confusion = all.flatMap((pixels, cell) => (pixels === 0 ? [] : [[cell, pixels] satisfies [number, number]]));
  const one = { ignored: ignoredPixels, confusion };
  return pictures === 1 ? one : { ...one, pictures };
}

/** A cell beyond the classes makes the matrix too long, which the metrics refuse. */
function full(
  { ignored, confusion: cells, pictures = 1 }: z.output<typeof counts>,
  settings: SegmentationSettings,
): SegmentationCounts {
  const confusion = Array.from({ length: settings.numClasses ** 2 }, () => 0);
  for (const [cell, pixels] of cells) confusion[cell] = pixels;
  return { ...settings, pictures, ignoredPixels: ignored, confusion };
}

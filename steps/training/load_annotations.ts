import { z } from 'zod';
import type { LabelMap } from '../../core/frame.js';
import { IGNORED_LABEL } from '../../images/pad_sample.js';
import type { AnyTrainingStep } from '../../registry/define_training_step.js';
import { defineTrainingStep } from '../../registry/define_training_step.js';
import { ignored } from '../keys.js';

const noMasks = z.literal(false, { error: 'expected false: outlines of objects are not trained on' }).default(false);
const passedOver = { backend_args: ignored, file_client_args: ignored, imdecode_backend: ignored } as const;

/** mmdet's: which annotations go on. */
export const loadDetectionAnnotations: AnyTrainingStep = defineTrainingStep({
  type: 'LoadAnnotations',
  schema: z.strictObject({
    with_bbox: z.boolean().default(true),
    with_label: z.boolean().default(true),
    with_seg: z.boolean().default(false),
    with_mask: noMasks,
    poly2mask: ignored,
    box_type: z.literal('hbox', { error: "expected 'hbox': upright boxes" }).default('hbox'),
    reduce_zero_label: z.boolean().default(false),
    ignore_index: z.int().min(0).max(255).default(IGNORED_LABEL),
    ...passedOver,
  }),
  draw: () => undefined,
  apply(sample, _, { with_bbox, with_seg }) {
    const { objects, labelMap } = sample.annotations;
    const annotations = {
      ...(objects === undefined || !with_bbox ? {} : { objects }),
      ...(labelMap === undefined || !with_seg ? {} : { labelMap }),
    };
    return { ...sample, annotations };
  },
});

/** mmseg's: what the label numbers mean. */
export const loadSegmentationAnnotations: AnyTrainingStep = defineTrainingStep({
  type: 'LoadAnnotations',
  schema: z.strictObject({
    reduce_zero_label: z
      .boolean()
      .nullish()
      .describe("0 is ignored and 1 becomes 0; the data set's own way unless given"),
    with_bbox: z.boolean().default(false),
    with_label: z.boolean().default(false),
    with_seg: z.literal(true, { error: 'expected true: label maps are what is trained on' }).default(true),
    ...passedOver,
  }),
  draw: () => undefined,
  apply(sample, _, { reduce_zero_label }) {
    const { labelMap } = sample.annotations;
    if (labelMap === undefined || reduce_zero_label !== true) return sample;
    return { ...sample, annotations: { ...sample.annotations, labelMap: reducedLabels(labelMap) } };
  },
});

/** mmseg's `reduce_zero_label`: labels count from 1, and 0 is ignored, as 255 is. */
export function reducedLabels(map: LabelMap): LabelMap {
  return {
    ...map,
    labels: map.labels.map((label) => (label === 0 || label === IGNORED_LABEL ? IGNORED_LABEL : label - 1)),
  };
}

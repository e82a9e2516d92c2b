/** What an evaluator of a config's `val_evaluator` is: how mmdet's or mmseg's metric is configured, and its figures by their names. */
import type { z } from 'zod';
import type { Notes } from '../../../core/notes.js';
import type { DetectionAnnotations } from '../../../data/dataset.js';
import type { DetectionPicture, LabelledClasses, SegmentationPicture } from '../../../scoring/metrics/define.js';

/** Counts the pictures of one validation. */
export interface PictureCounter<Picture> {
  /** Each picture once, in any order. @throws {LowformerError} for what cannot be counted. */
  add(picture: Picture): void;
  /** By the names that OpenMMLab logs, the one that runs are compared by first; NaN where there is nothing to measure. */
  metrics(): Readonly<Record<string, number>>;
}

interface EvaluatorDefinition<Type extends string, Schema extends z.ZodType, Truth, Picture> {
  /** The config's `type`. */
  readonly type: Type;
  readonly schema: Schema;
  /** A file of ground truth that the config names, where it may be another than the data set's. */
  annotations?(config: z.output<Schema>): string | undefined;
  create(truth: Truth, config: z.output<Schema>, notes: Notes): PictureCounter<Picture>;
}

export interface DetectionEvaluator<Type extends string, Schema extends z.ZodType>
  extends EvaluatorDefinition<Type, Schema, DetectionAnnotations, DetectionPicture> {
  readonly task: 'detection';
}

export interface SegmentationEvaluator<Type extends string, Schema extends z.ZodType>
  extends EvaluatorDefinition<Type, Schema, LabelledClasses, SegmentationPicture> {
  readonly task: 'segmentation';
}

export const defineDetectionEvaluator = <const Type extends string, Schema extends z.ZodType>(
  evaluator: Omit<DetectionEvaluator<Type, Schema>, 'task'>,
): DetectionEvaluator<Type, Schema> => ({ ...evaluator, task: 'detection' });

export const defineSegmentationEvaluator = <const Type extends string, Schema extends z.ZodType>(
  evaluator: Omit<SegmentationEvaluator<Type, Schema>, 'task'>,
): SegmentationEvaluator<Type, Schema> => ({ ...evaluator, task: 'segmentation' });

/** `coco/bbox_mAP`: as mmengine puts an evaluator's prefix before its names. */
export function prefixed(
  prefix: string | null | undefined,
  metrics: readonly (readonly [name: string, value: number])[],
): Readonly<Record<string, number>> {
  return Object.fromEntries(
    metrics.map(([name, value]) => [prefix == null || prefix === '' ? name : `${prefix}/${name}`, value]),
  );
}

/** Test-time augmentation as a config says it: `tta_pipeline` and `tta_model`. No Node API. */
import { z } from 'zod';
import { LowformerError } from '../core/errors.js';
import { mergeSchema } from '../decoding/merged_boxes.js';
import { augmentationParts } from '../registry/config_inference.js';
import { originAt } from '../registry/config_tree.js';
import type { TaskKind } from '../registry/define_task.js';
import { type ParseContext, parsePart } from '../registry/parse_module.js';
import { mirroredViews, parseViews } from '../steps/views.js';
import type { AugmentedPredictorParts } from '../tasks/augmented_predictor.js';
import { type OpenedConfig, predictionParts } from './opened_config.js';

/** Keys that mmengine fills in itself, or that speak of nothing here. */
const filledIn = { module: z.unknown().optional(), data_preprocessor: z.unknown().optional() };

const detectionSchema = z.strictObject({
  type: z.literal('DetTTAModel').default('DetTTAModel'),
  tta_cfg: mergeSchema.prefault({}),
  ...filledIn,
});
const segmentationSchema = z.strictObject({ type: z.literal('SegTTAModel').default('SegTTAModel'), ...filledIn });

/** Complete but for what runs the network. */
export interface OpenedAugmentation extends Omit<AugmentedPredictorParts, 'runner' | 'labels'> {
  /** Of the config's unused paths those that are unused all the same. */
  readonly unused: readonly string[];
  /** What is done, in a sentence. */
  readonly message: string;
}

/**
 * @throws {LowformerError} `invalid-config` for whatever is wrong with the config's `tta_pipeline` and `tta_model`;
 *   `invalid-argument` for a task without augmentation.
 */
export function augmentationOf(opened: OpenedConfig): OpenedAugmentation {
  const { model, unused } = opened;
  const { task } = model;
  if (task === 'classification') {
    const expected = 'a config for detection or segmentation: looks at a picture are averaged there alone';
    throw new LowformerError({ code: 'invalid-argument', where: 'tta', expected, received: task });
  }
  const { pipeline, model: given, isOld } = augmentationParts(opened.config);
  const at = (path: string): ParseContext => ({ path, originOf: (where) => originAt(opened.config.origins, where) });
  const views =
    pipeline === undefined
      ? mirroredViews(predictionParts(opened).pipeline)
      : parseViews(pipeline.value, task, at(pipeline.path));
  const merge = mergeOf(task, given?.value ?? {}, at(given?.path ?? 'tta_model'));
  const looks = pipeline === undefined ? 'the config has no tta_pipeline: as it is, and mirrored' : pipeline.path;
  const merged =
    isOld && task === 'detection'
      ? ', whose boxes are merged as in mmdet 3: after each look has suppressed its own'
      : '';
  const rest = unused.filter((path) => path !== 'tta_pipeline' && path !== 'tta_model');
  return {
    model,
    views,
    merge,
    unused: rest,
    message: `test-time augmentation: ${views.length} looks at each picture (${looks})${merged}`,
  };
}

function mergeOf(task: Exclude<TaskKind, 'classification'>, tree: unknown, context: ParseContext) {
  if (task === 'detection') return parsePart(detectionSchema, tree, context).tta_cfg;
  parsePart(segmentationSchema, tree, context);
  return mergeSchema.parse({});
}

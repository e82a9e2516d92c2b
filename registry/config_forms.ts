/** What mmdet 2 and mmseg 0 wrote elsewhere, or otherwise, than mmdet 3 and mmseg 1 do: read as it was meant. */
import { LowformerError } from '../core/errors.js';
import {
  type Config,
  type ConfigObject,
  type ConfigValue,
  isConfigList,
  isConfigObject,
  originAt,
  sourcedChild,
} from './config_tree.js';

/** Keys of a top-level `test_cfg` that are mmengine's: how its test loop runs. */
const LOOP_KEYS: ReadonlySet<string> = new Set(['type', 'fp16']);

/**
 * `test_cfg` at the top level, where mmdet 2 kept the thresholds; undefined where it is mmengine's own, or absent.
 * @throws {LowformerError} `invalid-config` where the model has one as well: which counts, nobody can know.
 */
export function oldTestConfig(config: Config): ConfigObject | undefined {
  const { test_cfg: outer, model } = config.value;
  if (!isConfigObject(outer) || Object.keys(outer).every((key) => LOOP_KEYS.has(key))) return undefined;
  const inner = isConfigObject(model) ? model.test_cfg : undefined;
  if (inner !== undefined && inner !== null) {
    throw new LowformerError({
      code: 'invalid-config',
      where: 'test_cfg',
      expected: "one place for the thresholds: model.test_cfg, or mmdet 2's test_cfg at the top level",
      received: Object.keys(outer),
      hint: `Set in ${originAt(config.origins, 'test_cfg')}. Leave out one of the two.`,
    });
  }
  const { nms } = outer;
  // mmcv takes both names, and means the same.
  if (!isConfigObject(nms) || nms.iou_thr === undefined || nms.iou_threshold !== undefined) return outer;
  const { iou_thr: threshold, ...rest } = nms;
  return { ...outer, nms: { ...rest, iou_threshold: threshold } };
}

/** Steps of mmdet 2 and mmseg 0 that change no pixel where nothing is flipped. */
const IDLE_STEPS: ReadonlySet<string> = new Set(['RandomFlip', 'ImageToTensor', 'DefaultFormatBundle', 'Collect']);

/**
 * The pipeline of `data.test` (mmdet 2, mmseg 0) as the steps of today: what stands in `MultiScaleFlipAug` with its one
 * scale and without flipping, in its place. A form with more to it is left as it is, for its schema to refuse.
 */
export function oldPipeline(steps: ConfigValue): ConfigValue {
  if (!isConfigList(steps)) return steps;
  return steps.flatMap((step) => withoutAugmentation(step));
}

function withoutAugmentation(step: ConfigValue): readonly ConfigValue[] {
  if (!isConfigObject(step) || step.type !== 'MultiScaleFlipAug') return [step];
  const { img_scale: scales, flip, transforms, img_ratios: ratios } = step;
  const scale = isConfigList(scales) && isConfigList(scales[0]) && scales.length === 1 ? scales[0] : scales;
  const isPair = isConfigList(scale) && scale.length === 2 && scale.every((side) => typeof side === 'number');
  const isPlain = isPair && flip !== true && (ratios ?? null) === null;
  if (!isPlain || !isConfigList(transforms)) return [step];
  return transforms
    .filter((inner) => !IDLE_STEPS.has(typeOf(inner) ?? ''))
    .map((inner) => (typeOf(inner) === 'Resize' ? resizeTo(inner, scale) : inner));
}

/** mmdet 2's `Resize` gets its scale from outside, keeps the ratio unless told otherwise, and calls the scale `img_scale`. */
function resizeTo(step: ConfigValue, scale: ConfigValue): ConfigValue {
  return isConfigObject(step) ? { keep_ratio: true, ...step, scale } : step;
}

function typeOf(step: ConfigValue): string | undefined {
  return isConfigObject(step) && typeof step.type === 'string' ? step.type : undefined;
}

/** What a detector or segmentor lacks that neither has a `data_preprocessor` nor normalises in its pipeline. */
export function normalisationMissing(config: Config, preprocessor: string): LowformerError {
  const old = sourcedChild(config, 'img_norm_cfg')?.value;
  const example =
    old === undefined
      ? `{type: '${preprocessor}', mean: [123.675, 116.28, 103.53], std: [58.395, 57.12, 57.375], …}`
      : `${JSON.stringify(asPreprocessor(old, preprocessor))}, which is what img_norm_cfg says`;
  return new LowformerError({
    code: 'invalid-config',
    where: 'model.data_preprocessor',
    expected: 'how pictures are normalised, but the key is missing, and test_pipeline has no Normalize',
    hint: `For example ${example}. For pictures as they are, 0 to 255 in the order BGR, say so: {type: '${preprocessor}'}.`,
  });
}

function asPreprocessor(old: ConfigValue, type: string): ConfigValue {
  if (!isConfigObject(old)) return { type };
  const { mean = null, std = null, to_rgb: turn = true } = old;
  const turned = type === 'ClsDataPreprocessor' ? { to_rgb: turn } : { bgr_to_rgb: turn };
  return { type, mean, std, ...turned };
}

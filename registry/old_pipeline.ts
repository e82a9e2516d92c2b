/**
 * Test pipelines of mmdet 2 and mmseg 0 as the steps of today. What stands in `MultiScaleFlipAug` with its one scale and
 * without flipping takes its place; `Normalize`, and a `Pad` to multiples after it, become the data preprocessor. A step
 * with more to it than is said here stays as it is, for its schema to take or refuse.
 */
import { LowformerError } from '../core/errors.js';
import { type ConfigObject, type ConfigValue, configPath, isConfigList, isConfigObject } from './config_tree.js';
import { oldScales } from './old_scales.js';

/** A step, and where it stands in the file: `data.test.pipeline.1.transforms.0`. */
interface PlacedStep {
  readonly step: ConfigValue;
  readonly path: string;
}

export interface ReadPipeline {
  readonly steps: readonly ConfigValue[];
  /** The place of each step in the file. */
  readonly places: readonly string[];
  /** What `Normalize` and `Pad` say, and the place of the former; undefined where they stay steps. */
  readonly preprocessor: { readonly value: ConfigObject; readonly path: string } | undefined;
}

/** Steps of the old pipelines that change no pixel. */
const IDLE_STEPS: ReadonlySet<string> = new Set([
  'ImageToTensor',
  'DefaultFormatBundle',
  'Collect',
  'WrapFieldsToLists',
]);

/** Of `MultiScaleFlipAug`. */
const AUGMENTATION_KEYS: readonly string[] = [
  'type',
  'img_scale',
  'scale_factor',
  'img_ratios',
  'flip',
  'flip_direction',
  'transforms',
];

/** Whether the steps are those of mmdet 2 and mmseg 0, which have other names and defaults in places. */
export function isOldPipeline(steps: ConfigValue): steps is readonly ConfigValue[] {
  return isConfigList(steps) && steps.some(isOldStep);
}

function isOldStep(step: ConfigValue): boolean {
  const type = typeOf(step) ?? '';
  if (type === 'MultiScaleFlipAug' || IDLE_STEPS.has(type)) return true;
  return type === 'Resize' && isConfigObject(step) && step.img_scale !== undefined;
}

/**
 * @param path where the steps stand.
 * @param headKey the model's, which says whose data preprocessor it is: `bbox_head` or `decode_head`.
 * @throws {LowformerError} `invalid-config` for `MultiScaleFlipAug` that is test-time augmentation.
 */
export function readOldPipeline(
  steps: readonly ConfigValue[],
  path: string,
  headKey: 'bbox_head' | 'decode_head' | undefined,
): ReadPipeline {
  const placed = steps.flatMap((step, i) => unwrapped({ step, path: configPath([path, i]) }));
  const read = placed
    .filter(({ step }) => !isIdle(step))
    .map(({ step, path: at }) => ({ step: today(step), path: at }));
  const preprocessor = headKey === undefined ? undefined : preprocessorOf(read, headKey);
  const kept = preprocessor === undefined ? read : read.slice(0, preprocessor.from);
  return { steps: kept.map(({ step }) => step), places: kept.map(({ path: at }) => at), preprocessor };
}

/** What stands in `MultiScaleFlipAug`, with the scale that it hands to `Resize`. */
function unwrapped({ step, path }: PlacedStep): readonly PlacedStep[] {
  if (!isConfigObject(step) || step.type !== 'MultiScaleFlipAug' || !isConfigList(step.transforms)) {
    return [{ step, path }];
  }
  const unknown = Object.keys(step).find((key) => !AUGMENTATION_KEYS.includes(key));
  if (unknown !== undefined) throw noKey(unknown, path);
  const [scale, ...others] = oldScales(step, path);
  const flips = (step.flip ?? false) !== false;
  if (others.length > 0 || flips) throw isAugmentation(flips, path);
  return step.transforms.flatMap((inner, i) => {
    const at = configPath([path, 'transforms', i]);
    // It is told not to flip, whatever its own probability.
    if (typeOf(inner) === 'RandomFlip') return [];
    if (typeOf(inner) !== 'Resize' || !isConfigObject(inner)) return [{ step: inner, path: at }];
    const { img_scale: _, ratio_range: __, ...rest } = inner;
    return [{ step: { ...rest, ...scale, keep_ratio: inner.keep_ratio ?? true }, path: at }];
  });
}

function noKey(key: string, path: string): LowformerError {
  const expected = `one of the keys ${AUGMENTATION_KEYS.join(', ')}`;
  return new LowformerError({ code: 'invalid-config', where: configPath([path, key]), expected, received: key });
}

function isAugmentation(flips: boolean, path: string): LowformerError {
  return new LowformerError({
    code: 'invalid-config',
    where: path,
    expected: 'one scale, and no flip: MultiScaleFlipAug with more is test-time augmentation, whose figures are others',
    received: flips ? 'flip=True' : 'several scales',
    hint: 'For the plain test keep one img_scale, no img_ratios, and flip=False.',
  });
}

function isIdle(step: ConfigValue): boolean {
  const type = typeOf(step) ?? '';
  if (type !== 'RandomFlip' || !isConfigObject(step)) return IDLE_STEPS.has(type);
  return (step.flip_ratio ?? step.prob) === 0;
}

/** The same step with today's keys, order of sides and defaults. */
function today(step: ConfigValue): ConfigValue {
  if (!isConfigObject(step)) return step;
  switch (step.type) {
    case 'LoadImageFromFile':
      return without(step, { channel_order: 'bgr' });
    case 'Resize':
      return todaysResize(step);
    case 'Pad':
      return todaysPad(step);
    default:
      return step;
  }
}

/** `keep_ratio` was true unless told otherwise, and the scale's name another. */
function todaysResize(step: ConfigObject): ConfigObject {
  const { img_scale: named, multiscale_mode: _, bbox_clip_border: clips, ...rest } = step;
  const plain = without(rest, { ratio_range: null, min_size: null, override: false });
  const scale = isConfigList(named) && named.length === 1 && isConfigList(named[0]) ? named[0] : named;
  const isTodays = step.scale !== undefined || step.scale_factor !== undefined;
  return {
    ...plain,
    ...(isTodays ? {} : { keep_ratio: step.keep_ratio ?? true }),
    ...(scale === undefined ? {} : { scale }),
    ...(clips === undefined ? {} : { clip_object_border: clips }),
  };
}

/** `size` was [height, width], as that of an array; the value for label maps had a key of its own. */
function todaysPad(step: ConfigObject): ConfigObject {
  const { size, seg_pad_val: label, ...rest } = step;
  const value = rest.pad_val ?? 0;
  return {
    ...rest,
    ...(size === undefined ? {} : { size: isConfigList(size) ? size.toReversed() : size }),
    ...(label === undefined || isConfigObject(value) ? {} : { pad_val: { img: value, seg: label } }),
  };
}

/** Without keys that say what is so anyway. */
function without(step: ConfigObject, idle: ConfigObject): ConfigObject {
  return Object.fromEntries(
    Object.entries(step).filter(([key, value]) => !Object.hasOwn(idle, key) || idle[key] !== value),
  );
}

/** Of a `Normalize` at the end, or before a last `Pad` to multiples: after it, since padding is not normalised. */
function preprocessorOf(steps: readonly PlacedStep[], headKey: 'bbox_head' | 'decode_head') {
  const from = steps.findIndex(({ step }) => typeOf(step) === 'Normalize');
  const [normalise, pad, ...more] = from < 0 ? [] : steps.slice(from);
  if (normalise === undefined || more.length > 0) return undefined;
  const normalisation = normalisationOf(normalise.step);
  const padding = pad === undefined ? undefined : paddingOf(pad.step);
  if (normalisation === undefined || padding === null) return undefined;
  const value = headKey === 'bbox_head' ? detector(normalisation, padding) : segmentor(normalisation, padding);
  return { value, path: normalise.path, from };
}

interface Padding {
  readonly divisor: number;
  readonly value: number;
}

function detector(normalisation: ConfigObject, padding: Padding | undefined): ConfigObject {
  const padded = padding === undefined ? {} : { pad_size_divisor: padding.divisor, pad_value: padding.value };
  return { type: 'DetDataPreprocessor', ...normalisation, ...padded };
}

function segmentor(normalisation: ConfigObject, padding: Padding | undefined): ConfigObject {
  const padded = padding === undefined ? {} : { pad_val: padding.value, test_cfg: { size_divisor: padding.divisor } };
  return { type: 'SegDataPreProcessor', ...normalisation, ...padded };
}

function normalisationOf(step: ConfigValue): ConfigObject | undefined {
  if (!isConfigObject(step)) return undefined;
  const { type: _, mean, std, to_rgb: turn = true, ...more } = step;
  const isPlain = isNumbers(mean) && isNumbers(std) && std.every((value) => value !== 0) && typeof turn === 'boolean';
  return isPlain && Object.keys(more).length === 0 ? { mean, std, bgr_to_rgb: turn } : undefined;
}

/** null for a `Pad` of another kind, and for what is none. */
function paddingOf(step: ConfigValue): Padding | null {
  if (!isConfigObject(step) || step.type !== 'Pad') return null;
  const { type: _, size_divisor: divisor, pad_val: given = 0, ...more } = step;
  const value = isConfigObject(given) ? (given.img ?? 0) : given;
  const isPlain = typeof divisor === 'number' && Number.isInteger(divisor) && divisor > 0 && typeof value === 'number';
  return isPlain && isEmpty(without(more, { size: null, pad_to_square: false })) ? { divisor, value } : null;
}

function isEmpty(object: ConfigObject): boolean {
  return Object.keys(object).length === 0;
}

function isNumbers(value: ConfigValue | undefined): value is readonly number[] {
  return (
    isConfigList(value) && (value.length === 1 || value.length === 3) && value.every((item) => typeof item === 'number')
  );
}

function typeOf(step: ConfigValue): string | undefined {
  return isConfigObject(step) && typeof step.type === 'string' ? step.type : undefined;
}

/**
 * Test pipelines of mmdet 2 and mmseg 0 as the steps of today. What stands in `MultiScaleFlipAug` takes its place, with its
 * scale; `Normalize`, and a `Pad` to multiples after it, become the data preprocessor. Several scales or a flip are a
 * `tta_pipeline`. A step with more to it than is said here stays as it is, for its schema to take or refuse.
 */
import { LowformerError } from '../core/errors.js';
import { type ConfigObject, type ConfigValue, configPath, isConfigList, isConfigObject } from './config_tree.js';
import { oldPreprocessor } from './old_preprocessor.js';
import { oldScales } from './old_scales.js';
import { todaysStep, typeOf } from './old_steps.js';

/** A step, and where it stands in the file: `data.test.pipeline.1.transforms.0`. */
interface PlacedStep {
  readonly step: ConfigValue;
  readonly path: string;
  /** What takes its place in one look after another, where there are several. */
  readonly looks?: readonly ConfigObject[];
}

export interface ReadPipeline {
  /** Of the first look at a picture, where there are several: the first scale, without a flip. */
  readonly steps: readonly ConfigValue[];
  /** The place of each step in the file. */
  readonly places: readonly string[];
  /** What `Normalize` and `Pad` say, and the place of the former; undefined where they stay steps. */
  readonly preprocessor: { readonly value: ConfigObject; readonly path: string } | undefined;
  /** The same as a `tta_pipeline` of today; undefined where there is one look. */
  readonly augmented: ConfigValue | undefined;
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
 * @throws {LowformerError} `invalid-config` for keys and scales of `MultiScaleFlipAug` that it does not have.
 */
export function readOldPipeline(
  steps: readonly ConfigValue[],
  path: string,
  headKey: 'bbox_head' | 'decode_head' | undefined,
): ReadPipeline {
  const placed = steps.flatMap((step, i) => unwrapped({ step, path: configPath([path, i]) }, headKey));
  const active = placed
    .filter(({ step }) => !IDLE_STEPS.has(typeOf(step) ?? ''))
    .map(({ step, ...place }) => ({ step: todaysStep(step), ...place }));
  const preprocessor = headKey === undefined ? undefined : oldPreprocessor(active, headKey);
  const kept = preprocessor === undefined ? active : active.slice(0, preprocessor.from);
  const plain = kept.filter(({ step }) => !isUnflipped(step));
  return {
    steps: plain.map(({ step }) => step),
    places: plain.map(({ path: at }) => at),
    preprocessor,
    augmented: kept.some(({ looks }) => looks !== undefined) ? asTestTimeAug(kept) : undefined,
  };
}

/** Every step is a list of what it is in one look after another; the last list turns fastest, as in `MultiScaleFlipAug`. */
function asTestTimeAug(steps: readonly PlacedStep[]): ConfigValue {
  return [
    {
      type: 'TestTimeAug',
      transforms: steps.map(({ step, looks }) => looks?.map((look) => todaysStep(look)) ?? [step]),
    },
  ];
}

/** What stands in `MultiScaleFlipAug`, with the scales that it hands to `Resize`, and whether `RandomFlip` flips. */
function unwrapped(
  { step, path }: PlacedStep,
  headKey: 'bbox_head' | 'decode_head' | undefined,
): readonly PlacedStep[] {
  if (!isConfigObject(step) || step.type !== 'MultiScaleFlipAug' || !isConfigList(step.transforms)) {
    return [{ step, path }];
  }
  const unknown = Object.keys(step).find((key) => !AUGMENTATION_KEYS.includes(key));
  if (unknown !== undefined) throw noKey(unknown, path);
  const scales = oldScales(step, path);
  const flips = oldFlips(step, headKey);
  const types = step.transforms.map(typeOf);
  if (flips.length > 1 && !types.includes('RandomFlip')) throw withoutStep(path, 'flip=True', 'RandomFlip');
  if (scales.length > 1 && !types.includes('Resize')) throw withoutStep(path, 'several scales', 'Resize');
  return step.transforms.map((inner, i) => {
    const at = { path: configPath([path, 'transforms', i]) };
    if (typeOf(inner) === 'RandomFlip') return { ...at, ...inLooks(flips) };
    if (typeOf(inner) !== 'Resize' || !isConfigObject(inner)) return { ...at, step: inner };
    const { img_scale: _, ratio_range: __, ...rest } = inner;
    return { ...at, ...inLooks(scales.map((scale) => ({ ...rest, ...scale, keep_ratio: inner.keep_ratio ?? true }))) };
  });
}

function inLooks(looks: readonly ConfigObject[]): Omit<PlacedStep, 'path'> {
  const [step = {}] = looks;
  return looks.length > 1 ? { step, looks } : { step };
}

/** `RandomFlip` is told whether to flip, whatever its own probability: first not, then in each direction. */
function oldFlips(step: ConfigObject, headKey: 'bbox_head' | 'decode_head' | undefined): readonly ConfigObject[] {
  const plain = { type: 'RandomFlip', prob: 0 };
  if ((step.flip ?? false) === false) return [plain];
  const { flip_direction: given = 'horizontal' } = step;
  const flipped = (isConfigList(given) ? given : [given]).map((direction) => ({
    type: 'RandomFlip',
    prob: 1,
    direction,
  }));
  // mmseg sees the picture as it is once for each direction, and averages all of them.
  return headKey === 'decode_head' ? [...flipped.map(() => plain), ...flipped] : [plain, ...flipped];
}

function noKey(key: string, path: string): LowformerError {
  const expected = `one of the keys ${AUGMENTATION_KEYS.join(', ')}`;
  return new LowformerError({ code: 'invalid-config', where: configPath([path, key]), expected, received: key });
}

function withoutStep(path: string, what: string, type: string): LowformerError {
  const expected = `a step ${type} in its transforms, without which ${what} changes nothing`;
  return new LowformerError({ code: 'invalid-config', where: path, expected });
}

function isUnflipped(step: ConfigValue): boolean {
  return isConfigObject(step) && step.type === 'RandomFlip' && (step.flip_ratio ?? step.prob) === 0;
}

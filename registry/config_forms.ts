/** What mmdet 2 and mmseg 0 wrote elsewhere, or otherwise, than mmdet 3 and mmseg 1 do: read as it was meant. */
import { LowformerError } from '../core/errors.js';
import type { Note } from '../core/notes.js';
import {
  type Config,
  type ConfigObject,
  type ConfigValue,
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
  return withThreshold(outer);
}

/** A `test_cfg` in which `nms` has an `iou_threshold` where it has an `iou_thr`: mmcv takes both, and means the same. */
function withThreshold(test: ConfigObject): ConfigObject {
  const { nms } = test;
  if (!isConfigObject(nms) || nms.iou_thr === undefined || nms.iou_threshold !== undefined) return test;
  const { iou_thr: threshold, ...rest } = nms;
  return { ...test, nms: { ...rest, iou_threshold: threshold } };
}

/** A model whose own `test_cfg` is read in the same way. */
export function withTodaysThreshold(model: ConfigValue): ConfigValue {
  return isConfigObject(model) && isConfigObject(model.test_cfg)
    ? { ...model, test_cfg: withThreshold(model.test_cfg) }
    : model;
}

/**
 * What was read although it stands elsewhere than today, or is called otherwise.
 * @param where the file that says it.
 */
export function oldFormNote(kind: string, where: string, message: string): Note {
  return { kind, where, message, count: 1, examples: [] };
}

/**
 * A `metainfo` whose names and colours stand under `CLASSES` and `PALETTE`, as before mmdet 3.0: under today's keys.
 * undefined where it has none of those.
 */
export function todaysMetainfo(metainfo: ConfigValue): ConfigObject | undefined {
  if (!isConfigObject(metainfo)) return undefined;
  const { CLASSES: classes, PALETTE: palette, ...rest } = metainfo;
  if (classes === undefined || rest.classes !== undefined) return undefined;
  return { classes, ...(palette === undefined || palette === null ? {} : { palette }), ...rest };
}

/**
 * An `img_norm_cfg` at the top level is a variable, of which the pipeline of mmdet 2 has its copy: where it says otherwise
 * than what normalises, that is said.
 * @param preprocessor what normalises; undefined where no data preprocessor does.
 */
export function unreadNormalisation(config: Config, preprocessor: ConfigValue | undefined): readonly Note[] {
  const { img_norm_cfg: given } = config.value;
  if (!isConfigObject(given) || preprocessor === undefined || !isConfigObject(preprocessor)) return [];
  const { mean, std, to_rgb: turn = true } = given;
  const { mean: read, std: divided, bgr_to_rgb: turned = preprocessor.to_rgb ?? false } = preprocessor;
  if (JSON.stringify([mean, std, turn]) === JSON.stringify([read, divided, turned])) return [];
  const message = 'img_norm_cfg is a variable that says otherwise than what normalises the pictures, and is not read';
  return [oldFormNote('unread-img-norm-cfg', originAt(config.origins, 'img_norm_cfg'), message)];
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

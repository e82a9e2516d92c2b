/** Single steps of mmdet 2 and mmseg 0 with the keys of today. */
import { type ConfigObject, type ConfigValue, isConfigList, isConfigObject } from './config_tree.js';

/** The same step with today's keys, order of sides and defaults. */
export function todaysStep(step: ConfigObject): ConfigObject;
export function todaysStep(step: ConfigValue): ConfigValue;
export function todaysStep(step: ConfigValue): ConfigValue {
  if (!isConfigObject(step)) return step;
  switch (step.type) {
    case 'LoadImageFromFile':
      return without(step, { channel_order: 'bgr' });
    case 'Resize':
      return todaysResize(step);
    case 'Pad':
      return todaysPad(step);
    case 'RandomFlip':
      return todaysFlip(step);
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

function todaysFlip(step: ConfigObject): ConfigObject {
  const { flip_ratio: prob, ...rest } = step;
  return prob === undefined ? rest : { ...rest, prob };
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
export function without(step: ConfigObject, idle: ConfigObject): ConfigObject {
  return Object.fromEntries(
    Object.entries(step).filter(([key, value]) => !Object.hasOwn(idle, key) || idle[key] !== value),
  );
}

/** undefined for what has none. */
export function typeOf(step: ConfigValue): string | undefined {
  return isConfigObject(step) && typeof step.type === 'string' ? step.type : undefined;
}

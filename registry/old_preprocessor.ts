/** How pictures are normalised and padded, where the pipelines of mmdet 2 and mmseg 0 say so: as a data preprocessor of today. */
import { type ConfigObject, type ConfigValue, isConfigList, isConfigObject } from './config_tree.js';
import { typeOf, without } from './old_steps.js';

/** Of a `Normalize` at the end, or before a last `Pad` to multiples: after it, since padding is not normalised. */
export function oldPreprocessor(
  steps: readonly { readonly step: ConfigValue; readonly path: string }[],
  headKey: 'bbox_head' | 'decode_head',
) {
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

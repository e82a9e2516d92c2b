/** The scales of `MultiScaleFlipAug`: mmdet 2's `img_scale` or `scale_factor`, mmseg 0's `img_scale` with `img_ratios`. */
import { LowformerError } from '../core/errors.js';
import { type ConfigObject, type ConfigValue, configPath, isConfigList } from './config_tree.js';

/** What `Resize` gets: `{scale: [width, height]}`, or `{scale_factor}` of each picture's own size. */
type Scale = { readonly scale: readonly [number, number] } | { readonly scale_factor: number };

/**
 * All scales at which a picture is seen, in order; one or more.
 * @param path of the step.
 * @throws {LowformerError} `invalid-config` for scales of another form, and for a factor that mmdet 2 and mmdet 3 round
 *   to other sizes.
 */
export function oldScales(step: ConfigObject, path: string): readonly [Scale, ...Scale[]] {
  const { img_scale: scale = null, scale_factor: factor = null, img_ratios: ratios = null } = step;
  if (scale === null) {
    const key = factor === null ? 'img_ratios' : 'scale_factor';
    const given = factor ?? ratios;
    if (given === null) throw wrong(configPath([path, 'img_scale']), '[width, height], or a list of them', undefined);
    return notEmpty(listOf(given).map((item) => ({ scale_factor: wholeFactor(item, configPath([path, key])) })));
  }
  const at = configPath([path, 'img_scale']);
  // mmseg looks at the ratios beside a single scale alone.
  if (isPair(scale) && ratios !== null) {
    return notEmpty(listOf(ratios).map((ratio) => ({ scale: scaled(scale, ratio, configPath([path, 'img_ratios'])) })));
  }
  const pairs = isPair(scale) ? [scale] : isConfigList(scale) ? scale : [];
  const scales = pairs.map((pair) => {
    if (isPair(pair)) return { scale: pair };
    throw wrong(at, '[width, height], or a list of them', scale);
  });
  return notEmpty(scales);

  function notEmpty(found: readonly Scale[]): readonly [Scale, ...Scale[]] {
    const [first, ...others] = found;
    if (first === undefined) throw wrong(at, '[width, height], or a list of them', scale);
    return [first, ...others];
  }
}

function scaled([width, height]: readonly [number, number], ratio: ConfigValue, where: string) {
  if (typeof ratio !== 'number') throw wrong(where, 'a number, or a list of them', ratio);
  return [Math.trunc(width * ratio), Math.trunc(height * ratio)] as const;
}

/** mmdet 2 cuts the sides that a factor gives, mmdet 3 rounds them: the same where nothing is left to cut. */
function wholeFactor(factor: ConfigValue, where: string): number {
  if (typeof factor === 'number' && Number.isInteger(factor) && factor > 0) return factor;
  throw wrong(where, 'a whole number: sides that others give are rounded otherwise today', factor);
}

function listOf(value: ConfigValue): readonly ConfigValue[] {
  return isConfigList(value) ? value : [value];
}

function isPair(value: ConfigValue): value is readonly [number, number] {
  return isConfigList(value) && value.length === 2 && value.every((side) => typeof side === 'number');
}

function wrong(where: string, expected: string, received: ConfigValue | undefined): LowformerError {
  return new LowformerError({
    code: 'invalid-config',
    where,
    expected,
    ...(received === undefined ? {} : { received }),
  });
}

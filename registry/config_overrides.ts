/** `--cfg-options key.path=value`: single values set over a config, as mmengine's DictAction and merge_from_dict do. */
import { LowformerError } from '../core/errors.js';
import { deleteUnsupported } from './config_delete.js';
import { LiteralError, parseLiteral } from './config_literal.js';
import { mergeSourced } from './config_merge.js';
import {
  type Config,
  type ConfigObject,
  type ConfigValue,
  childEntries,
  configPath,
  isConfigList,
  isConfigObject,
  type OriginNode,
  OVERRIDE_ORIGIN,
  type Sourced,
  sourced,
  sourcedChild,
} from './config_tree.js';

export interface Override {
  readonly path: readonly [string, ...string[]];
  readonly value: ConfigValue;
}

/** @throws {LowformerError} `invalid-config` for text that is not `key.path=value`, and for a malformed value. */
export function parseOverride(text: string): Override {
  const equals = text.indexOf('=');
  const keys = text.slice(0, Math.max(equals, 0)).trim().split('.');
  const [first, ...rest] = keys;
  if (equals < 0 || first === undefined || keys.some((key) => !/^\S+$/.test(key))) {
    const hint = 'For example: --cfg-options model.test_cfg.score_thr=0.3 "test_pipeline.1.scale=[416,320]"';
    throw new LowformerError({
      code: 'invalid-config',
      where: OVERRIDE_ORIGIN,
      expected: 'key.path=value',
      received: text,
      hint,
    });
  }
  const value = parseValue(text, equals + 1);
  refuseReserved([...keys, ...keysWithin(value)], configPath(keys));
  return { path: [first, ...rest], value };
}

function parseValue(text: string, start: number): ConfigValue {
  try {
    return parseLiteral(text.slice(start));
  } catch (error) {
    if (!(error instanceof LiteralError)) throw error;
    const hint = 'Put text that holds commas or brackets in quotes.';
    const where = `${OVERRIDE_ORIGIN} ${text.slice(0, start - 1).trim()}`;
    throw new LowformerError({
      code: 'invalid-config',
      where,
      expected: error.message,
      received: text.slice(start),
      hint,
    });
  }
}

/**
 * Sets values, in order; the config itself stays as it is. A missing key is created, an object merges with the object
 * that is there, a number in a path is the index of a list item, anything else replaces.
 * @throws {LowformerError} `invalid-config` for a path that leads through a text, number or boolean, or to a list item
 *   that is not there.
 */
export function applyOverrides(config: Config, texts: readonly string[]): Config {
  if (texts.length === 0) return config;
  const whole = texts.map(parseOverride).reduce<Sourced<ConfigObject>>((current, { path, value }) => {
    return setBelow(current, path, 0, path[0], value);
  }, config);
  const sources = [...config.sources.filter((source) => source !== OVERRIDE_ORIGIN), OVERRIDE_ORIGIN];
  return { ...whole, sources };
}

/** Sets below the key of an object that stands at `depth` of the path. */
function setBelow(
  container: Sourced<ConfigObject>,
  path: readonly string[],
  depth: number,
  key: string,
  set: ConfigValue,
): Sourced<ConfigObject> {
  const child = setAt(sourcedChild(container, key), path, depth + 1, set);
  const { value, origins } = container;
  return { value: { ...value, [key]: child.value }, origins: withChild(origins, key, child.origins) };
}

/** What stands at the first `depth` keys of `path`, after setting what stands at all of them. */
function setAt(here: Sourced | undefined, path: readonly string[], depth: number, set: ConfigValue): Sourced {
  const key = path[depth];
  const above = path.slice(0, depth);
  if (key === undefined) {
    const fresh = sourced(set, OVERRIDE_ORIGIN);
    return here === undefined ? fresh : mergeSourced(here, fresh, above);
  }
  // null holds nothing that could be lost: a path through it creates, as a path through a missing key does.
  const container = here === undefined || here.value === null ? sourced<ConfigObject>({}, OVERRIDE_ORIGIN) : here;
  const { value, origins } = container;
  if (isConfigObject(value)) return setBelow({ value, origins }, path, depth, key, set);
  const where = `${OVERRIDE_ORIGIN} ${configPath(path)}`;
  const place = configPath(above);
  if (!isConfigList(value)) {
    const expected = `an object or a list at ${place}`;
    throw new LowformerError({ code: 'invalid-config', where, expected, received: value });
  }
  const index = /^\d+$/.test(key) ? Number(key) : -1;
  if (index < 0 || index >= value.length) {
    const expected =
      value.length === 0
        ? `nothing below ${place}, an empty list,`
        : `an index from 0 to ${value.length - 1} into the list at ${place}`;
    throw new LowformerError({ code: 'invalid-config', where, expected, received: key });
  }
  const item = setAt(sourcedChild(container, String(index)), path, depth + 1, set);
  return { value: value.with(index, item.value), origins: withChild(origins, String(index), item.origins) };
}

function withChild({ origin, children }: OriginNode, key: string, child: OriginNode): OriginNode {
  return { origin, children: new Map(children).set(key, child) };
}

function keysWithin(value: ConfigValue): readonly string[] {
  const own = isConfigObject(value) ? Object.keys(value) : [];
  return [...own, ...childEntries(value).flatMap(([, child]) => keysWithin(child))];
}

function refuseReserved(keys: readonly string[], path: string): void {
  const where = `${OVERRIDE_ORIGIN} ${path}`;
  if (keys.includes('_delete_')) throw deleteUnsupported(where);
  const reserved = keys.find((key) => key === '_base_' || key === '__proto__');
  if (reserved === undefined) return;
  const expected = `no '${reserved}', which is no key that can be set`;
  throw new LowformerError({ code: 'invalid-config', where, expected });
}

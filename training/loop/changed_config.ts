/** A run that goes on with another config than it was begun with. */
import { z } from 'zod';
import type { Note } from '../../core/notes.js';
import { type ConfigObject, type ConfigValue, isConfigList, isConfigObject } from '../../registry/config_tree.js';

/** Of the differences, so many are named. */
const NAMED = 5;

/**
 * What differs, as a note; undefined where nothing does, or where the earlier one is not known.
 * @param before as JSON. @param where the run is.
 */
export function changedConfig(before: string, now: ConfigObject, where: string): Note | undefined {
  const known = jsonText.safeParse(before).data;
  const paths = known === undefined ? [] : differences(known, now, '');
  if (paths.length === 0) return undefined;
  return {
    kind: 'changed-config',
    where,
    message: 'The config differs from the one that the run was begun with, and the run goes on with the new one',
    count: paths.length,
    examples: paths.slice(0, NAMED),
  };
}

function differences(before: ConfigValue | undefined, now: ConfigValue | undefined, path: string): readonly string[] {
  const at = (key: string | number) => (path === '' ? String(key) : `${path}.${key}`);
  if (isConfigObject(before) && isConfigObject(now)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(now)]);
    return [...keys].flatMap((key) => differences(before[key], now[key], at(key)));
  }
  if (isConfigList(before) && isConfigList(now) && before.length === now.length) {
    return before.flatMap((value, i) => differences(value, now[i], at(i)));
  }
  return JSON.stringify(before) === JSON.stringify(now) ? [] : [path];
}

const jsonText = z.string().transform((text, context): ConfigValue => {
  try {
    return z.json().parse(JSON.parse(text));
  } catch {
    context.addIssue({ code: 'custom', message: 'expected JSON' });
    return z.NEVER;
  }
});

/** A resolved config as text: YAML in which a comment says where each value comes from, or JSON. */
import stringWidth from 'string-width';
import { LowformerError } from '../core/errors.js';

import {
  type Config,
  type ConfigObject,
  type ConfigValue,
  childEntries,
  configPath,
  DEFAULT_ORIGIN,
  isConfigList,
  isConfigObject,
  type OriginNode,
  plainValue,
  type Sourced,
  sourced,
  sourcedChild,
} from './config_tree.js';

/** Columns that a line of plain values may fill before it is broken. */
const LINE_WIDTH = 88;
/** Comments stand in one column, but never further right than this. */
const COMMENT_COLUMN = 64;

interface Line {
  readonly text: string;
  /** undefined where the lines below say it. */
  readonly origin?: string;
}

/** JSON, two spaces deep, with a newline at its end: a config file that loads again. */
export function printJson({ value }: Sourced): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/**
 * YAML 1.2 with the origin of each value as a comment at the end of its line; it loads again as a config file.
 * @param unused top-level keys to be marked as not read by inference.
 */
export function printConfig(config: Sourced<ConfigObject>, unused: readonly string[] = []): string {
  const lines = blockLines(config, '').map(({ text, origin }) => {
    const isUnused = unused.some((key) => text.startsWith(`${scalar(key)}:`));
    const notes = [...(origin === undefined ? [] : [origin.replace(/\s/g, ' ')]), ...(isUnused ? ['not used'] : [])];
    return { text, comment: notes.join(', ') };
  });
  const commented = lines.filter(({ comment }) => comment !== '').map(({ text }) => stringWidth(text));
  const width = Math.max(0, ...commented.filter((length) => length < COMMENT_COLUMN));
  // Columns of a terminal, where a Chinese letter takes two.
  const filling = (text: string) => ' '.repeat(Math.max(0, width - stringWidth(text)));
  const printed = lines.map(({ text, comment }) => (comment === '' ? text : `${text}${filling(text)}  # ${comment}`));
  return `${printed.join('\n')}\n`;
}

/** The lines of a container that is not empty. */
function blockLines({ value, origins }: Sourced, indent: string): readonly Line[] {
  if (childEntries(value).length === 0) return [{ text: indent + scalar(value), origin: origins.origin }];
  const listed = isConfigList(value);
  return childEntries(value).flatMap(([key]) => {
    const child = sourcedChild({ value, origins }, key);
    return child === undefined ? [] : childLines(child, `${indent}${listed ? '-' : `${scalar(key)}:`}`, listed, indent);
  });
}

function childLines(child: Sourced, opening: string, listed: boolean, indent: string): readonly Line[] {
  const inline = inlineLines(child, `${opening} `, indent);
  if (inline !== undefined) return inline;
  const deeper = blockLines(child, `${indent}  `);
  const [first, ...rest] = deeper;
  // A list's item opens on the line of its dash.
  if (listed && first !== undefined)
    return [{ ...first, text: `${opening} ${first.text.slice(indent.length + 2)}` }, ...rest];
  return [{ text: opening }, ...deeper];
}

/** Scalars, empty containers and lists of scalars from one place, the latter broken at the line's width. */
function inlineLines({ value, origins }: Sourced, opening: string, indent: string): readonly Line[] | undefined {
  const entries = childEntries(value);
  if (entries.length === 0) return [{ text: opening + scalar(value), origin: origins.origin }];
  const flat = isConfigList(value) && entries.every(([, item]) => childEntries(item).length === 0);
  if (!flat || [...origins.children.values()].some(({ origin }) => origin !== origins.origin)) return undefined;
  const rows: string[] = [];
  let row = `${opening}[`;
  entries.forEach(([, item], i) => {
    const piece = `${scalar(item)}${i === entries.length - 1 ? ']' : ','}`;
    if (row.length + piece.length > LINE_WIDTH && !row.endsWith('[')) {
      rows.push(row.trimEnd());
      row = `${indent}  `;
    }
    row += `${piece} `;
  });
  rows.push(row.trimEnd());
  return rows.map((text, i) => (i === 0 ? { text, origin: origins.origin } : { text }));
}

/** Bare where YAML reads it back as the same text, else quoted as in JSON, which YAML reads too. */
function scalar(value: ConfigValue): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  const bare = /^[A-Za-z_][\w./+-]*$/.test(value) && !/^(?:true|false|null|yes|no|on|off|y|n)$/i.test(value);
  return bare ? value : JSON.stringify(value);
}

/**
 * Adds what a schema filled in, marked as `default`; what the config itself says stays as it is.
 * @param parsed what the schema made of the part at `path`. Values that are not plain data are left out.
 */
export function withDefaults(config: Config, path: readonly string[], parsed: unknown): Config {
  const { value, origins } = filled(config, path, parsed);
  if (!isConfigObject(value)) return config;
  const sources = [DEFAULT_ORIGIN, ...config.sources.filter((source) => source !== DEFAULT_ORIGIN)];
  return { value, origins, sources };
}

function filled(here: Sourced, path: readonly string[], parsed: unknown): Sourced {
  const [key, ...rest] = path;
  if (key !== undefined) {
    const child = sourcedChild(here, key);
    return child === undefined ? here : replaced(here, key, filled(child, rest, parsed));
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed) !== isConfigList(here.value)) return here;
  if (typeof here.value !== 'object' || here.value === null) return here;
  return Object.entries(parsed).reduce<Sourced>((current, [name, value]) => {
    const own = sourcedChild(current, name);
    if (own !== undefined) return replaced(current, name, filled(own, [], value));
    if (isConfigList(current.value)) return current;
    const plain = plainOrNothing(value, name);
    return plain === undefined ? current : replaced(current, name, sourced(plain, DEFAULT_ORIGIN));
  }, here);
}

function replaced(parent: Sourced, key: string, child: Sourced): Sourced {
  const origins: OriginNode = {
    origin: parent.origins.origin,
    children: new Map(parent.origins.children).set(key, child.origins),
  };
  if (isConfigList(parent.value)) return { value: parent.value.with(Number(key), child.value), origins };
  return { value: isConfigObject(parent.value) ? { ...parent.value, [key]: child.value } : parent.value, origins };
}

/** undefined for what no config could hold: functions and other things that schemas may make of a value. */
function plainOrNothing(value: unknown, key: string): ConfigValue | undefined {
  try {
    return plainValue(value, configPath([key]));
  } catch (error) {
    if (error instanceof LowformerError) return undefined;
    throw error;
  }
}

/** The values of `--cfg-options`: what mmengine's DictAction reads, with quotes, escapes and objects as in Python and JSON. */
import type { ConfigValue } from './config_tree.js';

/** Says what is wrong with a value; who knows which option it was says where. */
export class LiteralError extends Error {
  override readonly name = 'LiteralError';
}

const INTEGER_OR_FLOAT = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const NOT_FINITE = /^[+-]?(?:inf|infinity|nan)$/i;
const CLOSING: Readonly<Record<string, string>> = { '[': ']', '(': ')', '{': '}' };

interface Parsed<Value> {
  readonly value: Value;
  /** Index of the first character after it, spaces skipped. */
  readonly end: number;
}

/**
 * `4`, `1e-3`, `true`, `None`, `text`, `"text, with a comma"`, `[1, 2]`, `(1, 2)`, `1,2`, `[(1, 2), [a, b]]`,
 * `{type: nms, iou_threshold: 0.5}`. A word that is nothing else is a string. Tuples become lists, as in JSON.
 * In quotes a backslash escapes a quote or a backslash and is itself before anything else.
 * @throws {LiteralError} for unbalanced brackets or quotes, an empty place between commas, inf and nan.
 */
export function parseLiteral(text: string): ConfigValue {
  if (text.trim() === '') return '';
  const items: ConfigValue[] = [];
  let position = skipSpaces(text, 0);
  let listed = false;
  while (position < text.length) {
    const { value, end } = parseItem(text, position);
    items.push(value);
    if (end < text.length && text[end] !== ',') throw unexpected(text, end);
    listed ||= end < text.length;
    position = skipSpaces(text, end + 1);
  }
  const [only = ''] = items;
  return listed ? items : only;
}

/** One value; stops before a comma or a closing bracket. */
function parseItem(text: string, start: number): Parsed<ConfigValue> {
  const first = text[start] ?? '';
  if (first === '[' || first === '(') return parseList(text, start);
  if (first === '{') return parseObject(text, start);
  if (first === '"' || first === "'") return parseQuoted(text, start);
  return parseWord(text, start);
}

function parseList(text: string, start: number): Parsed<ConfigValue> {
  const items: ConfigValue[] = [];
  const end = parseBracket(text, start, (position) => {
    const item = parseItem(text, position);
    items.push(item.value);
    return item.end;
  });
  return { value: items, end };
}

function parseObject(text: string, start: number): Parsed<ConfigValue> {
  const entries: [string, ConfigValue][] = [];
  const end = parseBracket(text, start, (position) => {
    const key = parseKey(text, position);
    const item = parseItem(text, key.end);
    entries.push([key.value, item.value]);
    return item.end;
  });
  return { value: Object.fromEntries(entries), end };
}

function parseKey(text: string, start: number): Parsed<string> {
  const quoted = text[start] === '"' || text[start] === "'" ? parseQuoted(text, start) : undefined;
  const colon = text.indexOf(':', quoted?.end ?? start);
  const key = quoted?.value ?? text.slice(start, colon).trim();
  if (colon < 0 || !/^[^\s,[\](){}]+$/.test(key) || (quoted !== undefined && quoted.end !== colon)) {
    throw new LiteralError('an object as {key: value, key: value}');
  }
  return { value: key, end: skipSpaces(text, colon + 1) };
}

/** Comma-separated places up to the closing bracket; a comma may follow the last. */
function parseBracket(text: string, start: number, parsePlace: (position: number) => number): number {
  const opening = text[start] ?? '';
  const closing = CLOSING[opening] ?? '';
  let position = skipSpaces(text, start + 1);
  while (text[position] !== closing) {
    if (position >= text.length) throw new LiteralError(`a '${closing}' for every '${opening}'`);
    position = parsePlace(position);
    if (text[position] === ',') position = skipSpaces(text, position + 1);
    else if (position < text.length && text[position] !== closing) throw unexpected(text, position);
  }
  return skipSpaces(text, position + 1);
}

function parseQuoted(text: string, start: number): Parsed<string> {
  const quote = text[start];
  let value = '';
  for (let i = start + 1; i < text.length; i++) {
    const escaped = text[i] === '\\' && ['\\', '"', "'"].includes(text[i + 1] ?? '');
    if (escaped) i++;
    else if (text[i] === quote) return { value, end: skipSpaces(text, i + 1) };
    value += text[i];
  }
  throw new LiteralError(`a closing ${quote}`);
}

/** An unquoted word keeps the brackets that it opens itself: `a(b, c)d`. */
function parseWord(text: string, start: number): Parsed<ConfigValue> {
  const open: string[] = [];
  let end = start;
  for (; end < text.length; end++) {
    const character = text[end] ?? '';
    const closing = CLOSING[character];
    if (closing !== undefined) open.push(closing);
    else if (open.length > 0 && character === open.at(-1)) open.pop();
    else if (open.length === 0 && /[,\])}]/.test(character)) break;
  }
  const missing = open.at(-1);
  if (missing !== undefined) throw new LiteralError(`a closing '${missing}'`);
  const word = text.slice(start, end).trim();
  if (word === '') throw end < text.length && text[end] !== ',' ? unexpected(text, end) : emptyPlace();
  return { value: parseScalar(word), end };
}

function parseScalar(word: string): ConfigValue {
  if (INTEGER_OR_FLOAT.test(word) && Number.isFinite(Number(word))) return Number(word);
  if (INTEGER_OR_FLOAT.test(word) || NOT_FINITE.test(word)) {
    throw new LiteralError(`a finite number (write "'${word}'" for the text)`);
  }
  if (/^true$/i.test(word)) return true;
  if (/^false$/i.test(word)) return false;
  return word === 'None' || word === 'null' ? null : word;
}

function skipSpaces(text: string, start: number): number {
  let position = start;
  while (/\s/.test(text[position] ?? '')) position++;
  return position;
}

function emptyPlace(): LiteralError {
  return new LiteralError('a value between the commas');
}

function unexpected(text: string, position: number): LiteralError {
  return new LiteralError(`a comma or the end before '${text.slice(position)}'`);
}

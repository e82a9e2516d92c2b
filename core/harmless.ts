/**
 * Text of unknown origin (names of files, classes and tensors, values of configs) on its way into a message: cut to a
 * readable length, and without the characters that a terminal obeys or that hide what stands beside them.
 */

/**
 * Control characters of both sets (escape codes begin with one), marks that turn the direction of writing, separators of
 * lines and paragraphs, the byte order mark, and halves of surrogate pairs, which no encoding can write.
 */
const HARMFUL = /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu;

const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** `text` with whatever a terminal would obey written as an escape: `\n`, `\x1b`, `\u202e`. */
export function harmless(text: string): string {
  return text.replace(HARMFUL, (character) => NAMED[character] ?? escaped(character.charCodeAt(0)));
}

/** The same for text of several lines, which stay lines. */
export function harmlessLines(text: string): string {
  return text.split('\n').map(harmless).join('\n');
}

function escaped(code: number): string {
  return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

/** At most `most` characters: of what is longer the beginning, and how much is left out. */
export function cutEnd(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${text.slice(0, most)}… (${text.length - most} more characters)`;
}

/** At most `most` characters: of what is longer both ends, since the end of a path says most. */
export function cutMiddle(text: string, most: number): string {
  if (text.length <= most) return text;
  const half = Math.floor((most - 3) / 2);
  return `${text.slice(0, half)}...${text.slice(text.length - half)}`;
}

/** Of nested values only so many levels are shown. */
const DEPTH = 5;

/**
 * A value as a person would write it, in at most `most` characters: JSON, with text alone in single quotes. However
 * large, deep or tangled the value is, no more of it is looked at than is shown.
 */
export function shown(value: unknown, most = 200): string {
  const text = typeof value === 'string' ? `'${harmless(value.slice(0, most + 1))}'` : json(value, most + 1, DEPTH);
  return text.length > most ? `${text.slice(0, most - 3)}...` : text;
}

/** JSON of a value, given up once `room` characters are there. */
function json(value: unknown, room: number, depth: number): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(harmless(value.slice(0, room)));
    case 'function':
      return harmless(String(value).split('\n', 1)[0] ?? '').slice(0, room);
    case 'object':
      break;
    default:
      // JSON knows no NaN, no infinity, no bigint.
      return String(value);
  }
  if (value === null) return 'null';
  if (ArrayBuffer.isView(value)) return `${value.constructor.name} of ${value.byteLength} bytes`;
  const list = Array.isArray(value);
  if (depth === 0) return list ? '[...]' : '{...}';
  const items = list ? elements(value) : members(value);
  let text = list ? '[' : '{';
  for (const [prefix, item] of items) {
    if (text.length >= room) return text;
    if (text.length > 1) text += ',';
    text += prefix + json(item, room - text.length, depth - 1);
  }
  return text + (list ? ']' : '}');
}

type Item = readonly [prefix: string, value: unknown];

function* elements(list: readonly unknown[]): Generator<Item> {
  for (const item of list) yield ['', item];
}

function* members(value: object): Generator<Item> {
  const plain = [Object.prototype, null].includes(Object.getPrototypeOf(value));
  if (!plain && value.constructor?.name !== undefined) yield [`"${harmless(value.constructor.name)}": `, '...'];
  for (const key in value) {
    if (!Object.hasOwn(value, key)) continue;
    yield [`${JSON.stringify(harmless(key.slice(0, 200)))}:`, read(value, key)];
  }
}

/** A member that cannot be read without running code of the value's is not read. */
function read(value: object, key: string): unknown {
  const described = Object.getOwnPropertyDescriptor(value, key);
  return described !== undefined && 'value' in described ? described.value : '...';
}

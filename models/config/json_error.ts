/** Where a JSON text breaks off being JSON. JSON.parse says so differently in each version of Node, and not always where. */
export interface JsonError {
  /** From 1. */
  readonly line: number;
  readonly column: number;
  /** What JSON allows there. */
  readonly expected: string;
  /** What stands there: a word, a character, or `the end of the file`. */
  readonly found: string;
}

/** Carries the place of the first mistake out of the nested values. */
class Mistake {
  constructor(
    readonly position: number,
    readonly expected: string,
  ) {}
}

// Every character from the space up, but the quote and the backslash.
const STRING = /"(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/y;
const SCALAR = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-])/y;
/** Deeper than any file of ours; each level is a call within a call. */
const MOST_LEVELS = 1000;
const SPACE = /[ \t\r\n]*/y;

/** The first mistake in a text that JSON.parse refuses; undefined where there is none. */
export function jsonError(text: string): JsonError | undefined {
  try {
    const end = valueEnd(text, spaceEnd(text, 0), 0);
    if (end < text.length) throw new Mistake(end, 'the end of the file');
    return undefined;
  } catch (error) {
    if (!(error instanceof Mistake)) throw error;
    const before = text.slice(0, error.position).split('\n');
    const [found = 'the end of the file'] = /^(?:[\w.+-]+|\S)/.exec(text.slice(error.position)) ?? [];
    const column = (before.at(-1)?.length ?? 0) + 1;
    return { line: before.length, column, expected: error.expected, found };
  }
}

/** Each of these gives the position after what it read and the white space behind it. */
function valueEnd(text: string, start: number, level: number): number {
  if (level > MOST_LEVELS) throw new Mistake(start, `at most ${MOST_LEVELS} levels`);
  if (text[start] === '{') return listEnd(text, start, '}', (position) => entryEnd(text, position, level + 1));
  if (text[start] === '[') return listEnd(text, start, ']', (position) => valueEnd(text, position, level + 1));
  if (text[start] === '"') return stringEnd(text, start);
  return matchEnd(text, start, SCALAR, 'a JSON value');
}

function listEnd(text: string, start: number, closing: string, itemEnd: (position: number) => number): number {
  let position = spaceEnd(text, start + 1);
  if (text[position] === closing) return spaceEnd(text, position + 1);
  for (;;) {
    position = itemEnd(position);
    if (text[position] === closing) return spaceEnd(text, position + 1);
    if (text[position] !== ',') throw new Mistake(position, `',' or '${closing}'`);
    position = spaceEnd(text, position + 1);
  }
}

function entryEnd(text: string, start: number, level: number): number {
  if (text[start] !== '"') throw new Mistake(start, 'a key in double quotes');
  const colon = stringEnd(text, start);
  if (text[colon] !== ':') throw new Mistake(colon, "':'");
  return valueEnd(text, spaceEnd(text, colon + 1), level);
}

function stringEnd(text: string, start: number): number {
  return matchEnd(text, start, STRING, 'a text that ends in double quotes on its line, with valid escapes');
}

function matchEnd(text: string, start: number, pattern: RegExp, expected: string): number {
  pattern.lastIndex = start;
  if (!pattern.test(text)) throw new Mistake(start, expected);
  return spaceEnd(text, pattern.lastIndex);
}

function spaceEnd(text: string, start: number): number {
  SPACE.lastIndex = start;
  SPACE.test(text);
  return SPACE.lastIndex;
}

/** Lines are filled up to this many characters. */
const LINE_WIDTH = 100;

const STEP = 2;

/**
 * A value as JSON that a person can read: what fits on a line stands on one (a box, a shape, a small object), long
 * lists of plain values fill their lines, and the rest has an entry a line, two spaces deeper each level. It parses to
 * what `JSON.stringify(value)` parses to; a bigint is written as the whole number that it is.
 * @param indentation spaces that the lines after the first begin with, where the text becomes part of a larger one; the
 * first line is taken to begin there too.
 * @throws {TypeError} where JSON has no form for the value as a whole (undefined, a function).
 */
export function formatJson(value: unknown, indentation = 0): string {
  const text = format(plain(value, ''), indentation, 0);
  if (text === undefined) throw new TypeError(`There is no JSON for a value of type ${typeof value}`);
  return text;
}

/** @param taken characters of the first line that are used already: a key. Undefined for what JSON leaves out. */
function format(value: unknown, indentation: number, taken: number): string | undefined {
  if (typeof value !== 'object' || value === null) {
    return typeof value === 'bigint' ? String(value) : JSON.stringify(value);
  }
  const inner = indentation + STEP;
  if (Array.isArray(value)) {
    const given: readonly unknown[] = value;
    const items = Array.from(given, (item, index) => format(plain(item, String(index)), inner, 0) ?? 'null');
    const scalars = items.every((item) => !/^[[{]/.test(item));
    return enclose(['[', ']'], items, scalars, indentation, taken);
  }
  const entries = Object.entries(value).flatMap(([key, item]) => {
    const name = `${JSON.stringify(key)}: `;
    const text = format(plain(item, key), inner, name.length);
    return text === undefined ? [] : [name + text];
  });
  return enclose(['{', '}'], entries, false, indentation, taken);
}

/** Items between brackets: on one line where they fit and each is a line; else as lines of their own. */
function enclose(
  [opening, closing]: readonly [string, string],
  items: readonly string[],
  scalars: boolean,
  indentation: number,
  taken: number,
): string {
  // One more for the comma that may follow.
  const room = LINE_WIDTH - indentation - taken - 3;
  const length = items.reduce((sum, item) => sum + item.length + 2, -2);
  if (length <= room && !items.some((item) => item.includes('\n'))) return opening + items.join(', ') + closing;
  const lines = scalars ? filled(items, LINE_WIDTH - indentation - STEP) : items;
  const start = `\n${' '.repeat(indentation + STEP)}`;
  return `${opening}${start}${lines.join(`,${start}`)}\n${' '.repeat(indentation)}${closing}`;
}

/** As many items a line as fit. */
function filled(items: readonly string[], width: number): string[] {
  const lines: string[] = [];
  let line: string[] = [];
  let length = 0;
  for (const item of items) {
    if (line.length > 0 && length + item.length + 1 > width) {
      lines.push(line.join(', '));
      line = [];
      length = 0;
    }
    line.push(item);
    length += item.length + 2;
  }
  return [...lines, line.join(', ')];
}

/** What stands for a value in JSON, as `JSON.stringify` asks it: dates and their like say themselves. */
function plain(value: unknown, key: string): unknown {
  if (value instanceof Number || value instanceof String || value instanceof Boolean) return value.valueOf();
  if (typeof value !== 'object' || value === null || !('toJSON' in value)) return value;
  return typeof value.toJSON === 'function' ? value.toJSON(key) : value;
}

/** Which colour stands for which class, as annotation tools write it down. */
import { LowformerError } from '../core/errors.js';
import { readBytes } from './files.js';

export interface ColorMap {
  /** In the order of the file: a class's position is its label. */
  readonly names: readonly string[];
  /** From `red * 65536 + green * 256 + blue` to the label. */
  readonly labelOf: ReadonlyMap<number, number>;
}

const EXPECTED = 'colours of classes: lines NAME R G B, NAME,R,G,B or NAME:R,G,B::, or JSON {"NAME": [R, G, B]}';

/**
 * Reads a colour map: CVAT's `labelmap.txt` (`NAME:R,G,B::`), CamVid's (`R G B NAME`), a table (`NAME,R,G,B`), JSON as
 * `{"NAME": [R, G, B]}`, `{"NAME": "#rrggbb"}` or `[{"name", "color"}]`.
 * @throws {LowformerError} `unreadable-file`; `invalid-argument`, with line and value, for a line that is none of these,
 *   a name or a colour that stands twice.
 */
export async function readColorMap(file: string): Promise<ColorMap> {
  const text = new TextDecoder().decode(await readBytes(file, EXPECTED));
  const entries = file.toLowerCase().endsWith('.json') ? jsonEntries(text, file) : lineEntries(text, file);
  const labelOf = new Map<number, number>();
  const names: string[] = [];
  for (const { where, name, color } of entries) {
    const key = colorKey(...color);
    const before = labelOf.get(key);
    if (before !== undefined) throw wrong(where, 'each colour once', color.join(','), `'${names[before]}' has it too.`);
    if (names.includes(name)) throw wrong(where, 'each name once', name);
    labelOf.set(key, names.length);
    names.push(name);
  }
  if (names.length === 0) throw wrong(file, EXPECTED, 'no colour');
  return { names, labelOf };
}

export function colorKey(red: number, green: number, blue: number): number {
  return (red << 16) | (green << 8) | blue;
}

type Color = readonly [number, number, number];
interface Entry {
  readonly where: string;
  readonly name: string;
  readonly color: Color;
}

function lineEntries(text: string, file: string): readonly Entry[] {
  return text.split(/\r?\n/).flatMap((line, i) => {
    const where = `${file}:${i + 1}`;
    if (line.trim() === '' || /^\s*#(?![0-9a-f]{6}\b)/i.test(line)) return [];
    const entry = lineEntry(line.trim());
    // The head of a table.
    if (entry === undefined && i === 0 && !/\d/.test(line)) return [];
    if (entry === undefined) throw wrong(where, EXPECTED, line.trim());
    return [{ where, ...entry }];
  });
}

function lineEntry(line: string): Omit<Entry, 'where'> | undefined {
  const [, cvatName, cvatColor] = /^(.+?):\s*(\d+\s*,\s*\d+\s*,\s*\d+)\s*(?::.*)?$/.exec(line) ?? [];
  if (cvatName !== undefined && cvatColor !== undefined) return named(cvatName, cvatColor.split(','));
  const words = line.split(/[\s,;]+/).filter(Boolean);
  const [first, last] = [words.slice(0, 3), words.slice(-3)];
  if (words.length < 4) return undefined;
  if (last.every(isByte)) return named(words.slice(0, -3).join(' '), last);
  return first.every(isByte) ? named(words.slice(3).join(' '), first) : undefined;
}

function isByte(word: string): boolean {
  return /^\d{1,3}$/.test(word) && Number(word) <= 255;
}

function named(name: string, words: readonly string[]): Omit<Entry, 'where'> | undefined {
  const color = colorOf(words.map(Number));
  return color === undefined ? undefined : { name: name.trim(), color };
}

function jsonEntries(text: string, file: string): readonly Entry[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const hint = 'It is no valid JSON.';
    throw new LowformerError({ code: 'unreadable-file', where: file, expected: EXPECTED, hint, cause });
  }
  if (typeof value !== 'object' || value === null) throw wrong(file, EXPECTED, value);
  const list: readonly (readonly [string, unknown, unknown])[] = Array.isArray(value)
    ? value.map((entry: unknown, i) => [
        `[${i}]`,
        member(entry, 'name'),
        member(entry, 'color') ?? member(entry, 'colour'),
      ])
    : Object.entries(value).map(([name, color]) => [name, name, color]);
  return list.map(([place, name, given]) => {
    const color = colorOf(given);
    const where = `${file}: ${place}`;
    if (typeof name !== 'string' || color === undefined) throw wrong(where, EXPECTED, given);
    return { where, name, color };
  });
}

function member(entry: unknown, key: string): unknown {
  if (typeof entry !== 'object' || entry === null) return undefined;
  return Object.entries(entry).find(([name]) => name === key)?.[1];
}

function colorOf(given: unknown): Color | undefined {
  const [, hex] = typeof given === 'string' ? (/^#?([0-9a-f]{6})$/i.exec(given.trim()) ?? []) : [];
  const bytes: readonly unknown[] =
    hex === undefined
      ? Array.isArray(given)
        ? given
        : []
      : [0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
  const [red, green, blue] = bytes;
  const isValue = (one: unknown): one is number =>
    typeof one === 'number' && Number.isInteger(one) && one >= 0 && one <= 255;
  return bytes.length === 3 && isValue(red) && isValue(green) && isValue(blue) ? [red, green, blue] : undefined;
}

function wrong(where: string, expected: string, received: unknown, hint?: string): LowformerError {
  const parts = { code: 'invalid-argument', where, expected, received } as const;
  return new LowformerError(hint === undefined ? parts : { ...parts, hint });
}

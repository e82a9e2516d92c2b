/** Single values of a record in a JSON file, checked while they are read; every mistake names file, entry and value. */
import { LowformerError } from '../core/errors.js';
import type { JsonReader } from './json_reader.js';

/** What a mistake's message opens with, put together only when there is one: `gt.json: annotations[12].bbox`. */
export type Place = (key?: string) => string;

/** A place in `file`: `${file}: ${list}[${entry()}].${key}`. */
export function entryPlace(file: string, list: string, entry: () => number): Place {
  return (key) => `${file}: ${list}[${entry()}]${key === undefined ? '' : `.${key}`}`;
}

/** A mistake at `where`. */
export function wrongEntry(where: string, expected: string, received: unknown, hint?: string): LowformerError {
  // JSON has no word for these, and a message would show null.
  const shown = typeof received === 'number' && !Number.isFinite(received) ? String(received) : received;
  const parts = { code: 'invalid-argument', where, expected, received: shown } as const;
  return new LowformerError(hint === undefined ? parts : { ...parts, hint });
}

/** A mistake: nothing at `where`. */
export function missingKey(where: string, expected: string): LowformerError {
  return new LowformerError({ code: 'invalid-argument', where, expected, hint: 'The key is missing.' });
}

/** A finite number of at least `least`. */
export function readNumber(json: JsonReader, place: Place, key: string, least = Number.NEGATIVE_INFINITY): number {
  const received = json.kind() === 'number' ? json.number() : json.value();
  if (typeof received === 'number' && Number.isFinite(received) && received >= least) return received;
  const bound = least === Number.NEGATIVE_INFINITY ? '' : ` of ${least} or more`;
  throw wrongEntry(place(key), `a finite number${bound}`, received);
}

/** A whole number that float64 holds exactly. */
export function readInteger(json: JsonReader, place: Place, key: string): number {
  const received = json.kind() === 'number' ? json.number() : json.value();
  if (typeof received === 'number' && Number.isSafeInteger(received)) return received;
  throw wrongEntry(place(key), 'a whole number', received);
}

/** An image id: COCO's are whole numbers, other tools write file names. */
export function readId(json: JsonReader, place: Place, key: string): number | string {
  return json.kind() === 'string' ? json.string() : readInteger(json, place, key);
}

/** A string. */
export function readText(json: JsonReader, place: Place, key: string): string {
  if (json.kind() === 'string') return json.string();
  throw wrongEntry(place(key), 'a text', json.value());
}

/** 0, 1, false or true. */
export function readFlag(json: JsonReader, place: Place, key: string): boolean {
  const received = json.value();
  if (received === 0 || received === 1 || typeof received === 'boolean') return Boolean(received);
  throw wrongEntry(place(key), '0 or 1', received);
}

/** `[x, y, width, height]` into `box` from `at` on. */
export function readBox(json: JsonReader, place: Place, box: Float64Array, at: number, leastSize = 0): void {
  if (json.kind() !== 'array') throw wrongEntry(place('bbox'), BOX, json.value());
  let count = 0;
  json.array((index) => {
    if (index > 3) throw wrongEntry(place('bbox'), BOX, 'more than 4 values');
    const least = index > 1 ? leastSize : Number.NEGATIVE_INFINITY;
    const received = json.kind() === 'number' ? json.number() : json.value();
    if (typeof received !== 'number' || !Number.isFinite(received) || received < least) {
      throw wrongEntry(place(`bbox[${index}]`), NUMBERS[index] ?? BOX, received);
    }
    box[at + index] = received;
    count++;
  });
  if (count < 4) throw wrongEntry(place('bbox'), BOX, `${count} values`);
}

const BOX = '[x, y, width, height]';
const NUMBERS = ['a finite x', 'a finite y', 'a finite width of 0 or more', 'a finite height of 0 or more'];

/**
 * A list of objects: `begin` before each, `member` for each key (it must read the value), `end` behind each. `whole`, where
 * given, may read an entry at once; false leaves it to the others.
 */
export function readEntries(
  json: JsonReader,
  place: Place,
  calls: { whole?(index: number): boolean; begin(index: number): void; member(key: string): void; end(): void },
): void {
  json.array((index) => {
    if (calls.whole?.(index) === true) return;
    calls.begin(index);
    if (json.kind() !== 'object') throw wrongEntry(place(), 'an object', json.value());
    json.object(calls.member);
    calls.end();
  });
}

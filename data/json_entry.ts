/** Single values of a record in a JSON file, checked while they are read; every mistake names file, entry and value. */
import { LowformerError } from '../core/errors.js';
import type { Mistakes } from '../core/mistakes.js';
import type { Notes } from '../core/notes.js';
import type { PictureId } from './dataset.js';
import type { JsonReader } from './json_reader.js';

/** What is taken although it is not quite as COCO's format says, by kind. */
const NOTED = {
  'text-number': 'Numbers are written as text, and read as numbers',
  'missing-size': 'Pictures are listed with a size of 0, or a part of it: the size counts as unknown',
  'text-annotation-id': 'Ids of annotations are texts: annotations are counted instead',
  'missing-annotation-id': 'Annotations have no id: they are counted instead',
  'annotation-id-0':
    'An annotation has the id 0: pycocotools takes a match with it for none, and so do these figures. Count ids from 1',
  'unread-keypoints': 'Keypoints are not read',
  'unread-key': 'Annotations have keys that are not read',
} as const;

/** A place in a file. */
export interface Place {
  /** What a mistake's message opens with, put together only when there is one: `gt.json: annotations[12].bbox`. */
  (key?: string): string;
  /** Notes an oddity there. */
  readonly note: (kind: keyof typeof NOTED, key?: string) => void;
}

/** A place in `file`: `${file}: ${list}[${entry()}].${key}`. */
export function entryPlace(file: string, list: string, entry: () => number, notes?: Notes): Place {
  const inFile = (key?: string) => `${list}[${entry()}]${key === undefined ? '' : `.${key}`}`;
  return Object.assign((key?: string) => `${file}: ${inFile(key)}`, {
    note: (kind: keyof typeof NOTED, key?: string) =>
      notes?.add({ kind, where: file, message: NOTED[kind] }, inFile(key)),
  });
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

/** A finite number of at least `least`, or one that is written as text. */
export function readNumber(json: JsonReader, place: Place, key: string, least = Number.NEGATIVE_INFINITY): number {
  const received = json.kind() === 'number' ? json.number() : json.value();
  const value = numberFrom(received, place, key);
  if (value !== undefined && value >= least) return value;
  const bound = least === Number.NEGATIVE_INFINITY ? '' : ` of ${least} or more`;
  throw wrongEntry(place(key), `a finite number${bound}`, received);
}

/** A whole number that float64 holds exactly, or one that is written as text. */
export function readInteger(json: JsonReader, place: Place, key: string): number {
  const received = json.kind() === 'number' ? json.number() : json.value();
  const value = numberFrom(received, place, key);
  if (value !== undefined && Number.isSafeInteger(value)) return value;
  throw wrongEntry(place(key), 'a whole number', received);
}

const NUMBER_TEXT = /^\s*[+-]?\d+(\.\d*)?(e[+-]?\d+)?\s*$/i;

/** Undefined for what is no finite number. */
function numberFrom(received: unknown, place: Place, key: string): number | undefined {
  if (typeof received === 'number') return Number.isFinite(received) ? received : undefined;
  if (typeof received !== 'string' || !NUMBER_TEXT.test(received) || !Number.isFinite(Number(received)))
    return undefined;
  place.note('text-number', key);
  return Number(received);
}

/** An image id: COCO's are whole numbers, of any length; other tools write file names. */
export function readId(json: JsonReader, place: Place, key: string): PictureId {
  if (json.kind() === 'string') return json.string();
  const whole = readWhole(json);
  if (whole !== undefined) return whole;
  throw wrongEntry(place(key), 'a whole number', json.value());
}

/** The whole number that comes next, exactly; undefined, with nothing read, where there is none. */
export function readWhole(json: JsonReader): number | bigint | undefined {
  const start = json.position();
  if (json.kind() !== 'number') return undefined;
  const value = json.number();
  if (Number.isSafeInteger(value)) return value;
  const text = new TextDecoder().decode(json.since(start));
  if (/^-?\d+$/.test(text)) return BigInt(text);
  json.rewind(start);
  return undefined;
}

/** A string. */
export function readText(json: JsonReader, place: Place, key: string): string {
  if (json.kind() === 'string') return json.string();
  throw wrongEntry(place(key), 'a text', json.value());
}

/** 0, 1, false or true, or such a number as text. */
export function readFlag(json: JsonReader, place: Place, key: string): boolean {
  const read = json.value();
  const received = typeof read === 'string' ? (numberFrom(read, place, key) ?? read) : read;
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
    const value = typeof received === 'number' ? received : numberFrom(received, place, `bbox[${index}]`);
    if (value === undefined || !Number.isFinite(value) || value < least) {
      throw wrongEntry(place(`bbox[${index}]`), NUMBERS[index] ?? BOX, received);
    }
    box[at + index] = value;
    count++;
  });
  if (count < 4) throw wrongEntry(place('bbox'), BOX, `${count} values`);
}

const BOX = '[x, y, width, height]';
const NUMBERS = ['a finite x', 'a finite y', 'a finite width of 0 or more', 'a finite height of 0 or more'];

export interface EntryCalls {
  /** Before each entry. */
  begin(index: number): void;
  /** May read all keys of an entry at once; false, with nothing read, leaves them to `member`. */
  members?(): boolean;
  /** For each key; it must read the value. */
  member(key: string): void;
  /** Behind each entry. */
  end(): void;
}

/** A list of objects. Of a mistake in one it goes on behind it; it is for the caller to check `mistakes` in the end. */
export function readEntries(json: JsonReader, place: Place, mistakes: Mistakes, calls: EntryCalls): void {
  json.array((index) => {
    const start = json.position();
    try {
      calls.begin(index);
      if (calls.members?.() !== true) {
        if (json.kind() !== 'object') throw wrongEntry(place(), 'an object', json.value());
        json.object(calls.member);
      }
      calls.end();
    } catch (error) {
      if (!mistakes.keep(error)) throw error;
      json.rewind(start);
      json.skip();
    }
  });
}

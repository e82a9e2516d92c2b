/**
 * Entries that a program wrote: a million objects of the same few keys, all numbers. They are read whole, without a call
 * for each key; whatever differs in an entry is left to who reads it key by key and can say what is wrong.
 */
import { scanNumber } from './json_number.js';

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

interface Field {
  /** The key in its quotes. */
  readonly key: Uint8Array;
  /** Where its numbers go in `values`. */
  readonly slot: number;
  /** 0: a number; else a list of that many. */
  readonly count: number;
}

/** An object of numbers and lists of numbers, each key once, in any order. */
export interface NumberRecord {
  /** Of the entry that was read last, key by key. */
  readonly values: Float64Array;
  readonly fields: readonly Field[];
  /** By field (the last: the beginning) the one that came behind it last time: it is looked for first. */
  readonly following: Uint8Array;
  /** Whether the numbers are such as nobody has to judge. */
  readonly isPlain: (values: Float64Array) => boolean;
}

/** @param keys by key 0 for a number, else the length of its list; at most 31. */
export function numberRecord(
  keys: Readonly<Record<string, number>>,
  isPlain: (values: Float64Array) => boolean,
): NumberRecord {
  let slot = 0;
  const fields = Object.entries(keys).map(([key, count]) => {
    const field = { key: new TextEncoder().encode(JSON.stringify(key)), slot, count };
    slot += Math.max(1, count);
    return field;
  });
  const following = Uint8Array.from([...fields.keys(), 0], (_, i) => ((i + 1) % (fields.length + 1)) % fields.length);
  return { values: new Float64Array(slot), fields, following, isPlain };
}

/** Where the entry that begins at `at` ends, its numbers being in `record.values`; -1 where it is not one of its kind. */
export function scanRecord(bytes: Uint8Array, at: number, record: NumberRecord): number {
  const { fields, following, values } = record;
  if (bytes[at] !== OPEN_OBJECT) return -1;
  let place = at;
  let before = fields.length;
  let missing = (1 << fields.length) - 1;
  do {
    place = pastSpace(bytes, place + 1);
    const found = findField(record, bytes, place, following[before] ?? 0);
    const field = fields[found];
    if (field === undefined || (missing & (1 << found)) === 0) return -1;
    following[before] = found;
    before = found;
    missing &= ~(1 << found);
    place = pastSpace(bytes, place + field.key.length);
    if (bytes[place] !== COLON) return -1;
    place = pastSpace(bytes, place + 1);
    place = field.count === 0 ? scanNumber(bytes, place, values, field.slot) : scanList(bytes, place, values, field);
    if (place < 0) return -1;
    place = pastSpace(bytes, place);
  } while (bytes[place] === COMMA);
  return bytes[place] === CLOSE_OBJECT && missing === 0 && record.isPlain(values) ? place + 1 : -1;
}

function scanList(bytes: Uint8Array, at: number, values: Float64Array, { slot, count }: Field): number {
  if (bytes[at] !== OPEN_ARRAY) return -1;
  let place = at;
  for (let i = 0; i < count; i++) {
    place = scanNumber(bytes, pastSpace(bytes, place + 1), values, slot + i);
    if (place < 0) return -1;
    place = pastSpace(bytes, place);
    if (bytes[place] !== (i + 1 < count ? COMMA : CLOSE_ARRAY)) return -1;
  }
  return place + 1;
}

/** The field whose key stands at `at`, the likely one looked at first; -1 for another. */
function findField({ fields }: NumberRecord, bytes: Uint8Array, at: number, likely: number): number {
  if (bytes[at] !== QUOTE) return -1;
  if (stands(fields[likely], bytes, at)) return likely;
  return fields.findIndex((field) => stands(field, bytes, at));
}

function stands(field: Field | undefined, bytes: Uint8Array, at: number): boolean {
  if (field === undefined) return false;
  const { key } = field;
  for (let i = key.length - 1; i > 0; i--) if (bytes[at + i] !== key[i]) return false;
  return true;
}

function pastSpace(bytes: Uint8Array, at: number): number {
  let place = at;
  let byte = bytes[place] ?? 0;
  while (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) byte = bytes[++place] ?? 0;
  return place;
}

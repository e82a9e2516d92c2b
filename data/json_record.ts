/**
 * Entries that a program wrote: a million objects of the same few keys, all numbers. They are read whole, without a call
 * for each key; whatever differs in an entry is left to who reads it key by key and can say what is wrong.
 */
import { scanNumber } from './json_number.js';
import { nestedEnd, plainStringEnd, stringEnd } from './json_skip.js';

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * `optional`: 0 where it is missing. `text`: may be missing; ASCII without escapes, as the places where its characters
 * begin, -1 where it is missing, and end. `passed`: may be missing, and nobody looks at it. A number: a list of so many.
 */
type FieldKind = 'number' | 'optional' | 'text' | 'passed' | number;

/** Numbers that a field takes; a list takes its length. */
const SLOTS: Readonly<Partial<Record<FieldKind, number>>> = { number: 1, optional: 1, text: 2, passed: 0 };

interface Field {
  /** The key in its quotes. */
  readonly key: Uint8Array;
  readonly kind: FieldKind;
  /** Where its numbers go in `values`. */
  readonly slot: number;
}

/** An object of numbers, lists of numbers and texts, each key once, in any order. */
export interface NumberRecord {
  /** Of the entry that was read last, key by key. */
  readonly values: Float64Array;
  readonly fields: readonly Field[];
  /** Bits: the fields that must be there. */
  readonly required: number;
  /** By field (the last: the beginning) the one that came behind it last time: it is looked for first. */
  readonly following: Uint8Array;
  /** Whether the numbers are such as nobody has to judge. */
  readonly isPlain: (values: Float64Array) => boolean;
}

/** @param keys at most 31. */
export function numberRecord(
  keys: Readonly<Record<string, FieldKind>>,
  isPlain: (values: Float64Array) => boolean,
): NumberRecord {
  let slots = 0;
  let required = 0;
  const fields = Object.entries(keys).map(([key, kind], i) => {
    const field = { key: new TextEncoder().encode(JSON.stringify(key)), kind, slot: slots };
    slots += SLOTS[kind] ?? Number(kind);
    if (typeof kind === 'number' || kind === 'number') required |= 1 << i;
    return field;
  });
  const following = Uint8Array.from([...fields.keys(), 0], (_, i) => ((i + 1) % (fields.length + 1)) % fields.length);
  // One more, for numbers that are passed over.
  const values = new Float64Array(slots + 1);
  return { values, fields, required, following, isPlain };
}

/** Where the entry that begins at `at` ends, what it holds being in `record.values`; -1 where it is not of this kind. */
export function scanRecord(bytes: Uint8Array, at: number, record: NumberRecord): number {
  const { fields, following, values } = record;
  if (bytes[at] !== OPEN_OBJECT) return -1;
  let place = at;
  let before = fields.length;
  let seen = 0;
  do {
    place = pastSpace(bytes, place + 1);
    const found = findField(record, bytes, place, following[before] ?? 0);
    const field = fields[found];
    if (field === undefined || (seen & (1 << found)) !== 0) return -1;
    following[before] = found;
    before = found;
    seen |= 1 << found;
    place = pastSpace(bytes, place + field.key.length);
    if (bytes[place] !== COLON) return -1;
    place = scanField(bytes, pastSpace(bytes, place + 1), values, field);
    if (place < 0) return -1;
    place = pastSpace(bytes, place);
  } while (bytes[place] === COMMA);
  if (bytes[place] !== CLOSE_OBJECT || (record.required & ~seen) !== 0) return -1;
  fillMissing(fields, seen, values);
  return record.isPlain(values) ? place + 1 : -1;
}

function fillMissing(fields: readonly Field[], seen: number, values: Float64Array): void {
  for (let i = 0; i < fields.length; i++) {
    const field = fields[i];
    if ((seen >> i) & 1 || field === undefined) continue;
    if (field.kind === 'text') values[field.slot] = -1;
    else if (field.kind === 'optional') values[field.slot] = 0;
  }
}

function scanField(bytes: Uint8Array, at: number, values: Float64Array, { kind, slot }: Field): number {
  if (kind === 'number' || kind === 'optional') return scanNumber(bytes, at, values, slot);
  if (kind === 'text') {
    const end = plainStringEnd(bytes, at);
    values[slot] = at + 1;
    values[slot + 1] = end - 1;
    return end;
  }
  if (kind === 'passed') {
    const byte = bytes[at] ?? 0;
    if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) return nestedEnd(bytes, at);
    return byte === QUOTE ? stringEnd(bytes, at) : scanNumber(bytes, at, values, values.length - 1);
  }
  return scanList(bytes, at, values, slot, kind);
}

function scanList(bytes: Uint8Array, at: number, values: Float64Array, slot: number, count: number): number {
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

/** Of a record's numbers: a whole number of 32 bits. */
export function isInt32(value: number | undefined): boolean {
  return value !== undefined && value === (value | 0);
}

/** Those from `from` to before `to` are finite. */
export function isFiniteFrom(values: Float64Array, from: number, to: number): boolean {
  let sum = 0;
  for (let i = from; i < to; i++) sum += values[i] ?? 0;
  // A sum is finite only where all its parts are.
  return Number.isFinite(sum);
}

/** The width and height at `at`. */
export function hasSizes(values: Float64Array, at: number, least: number): boolean {
  return (values[at] ?? 0) >= least && (values[at + 1] ?? 0) >= least;
}

/**
 * Reads JSON where it lies, value by value, and makes objects of nothing. COCO's annotation files are half a gigabyte,
 * most of it outlines that no box metric looks at, and `JSON.parse` would hold all of it several times over. Python
 * also writes `NaN` and `Infinity`, which `JSON.parse` refuses without saying where: here they are numbers, for the
 * caller to refuse by their entry.
 */
import { LowformerError } from '../core/errors.js';
import type { ByteWindow } from './byte_window.js';
import { scanNumber } from './json_number.js';
import { type NumberRecord, scanRecord } from './json_record.js';
import { nestedEnd } from './json_skip.js';

export type JsonKind = 'object' | 'array' | 'string' | 'number' | 'boolean' | 'null';

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const PLUS = 0x2b;
const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** A file that ends inside of one of these is cut off, as one that ends before it. */
const WORDS = ['true', 'false', 'null', 'NaN', 'Infinity'];

/** A cursor over a JSON text. Every method but `kind` reads one whole value and stands behind it. */
export class JsonReader {
  readonly #file: string;
  readonly #window: ByteWindow | undefined;
  #bytes: Buffer;
  /** How many bytes of the file lie before these. */
  #passed = 0;
  #depth = 0;
  readonly #keys = new Map<number, string>();
  readonly #number = new Float64Array(1);
  #at = 0;

  /** A window moves on between the elements of the outermost list. `file` is what errors call the text. */
  constructor(text: Uint8Array | ByteWindow, file: string) {
    this.#window = text instanceof Uint8Array ? undefined : text;
    this.#bytes = bufferOf(text instanceof Uint8Array ? text : text.bytes);
    this.#file = file;
    if (this.#bytes[0] === 0xef && this.#bytes[1] === 0xbb && this.#bytes[2] === 0xbf) this.#at = 3;
  }

  /** Of the value that comes next. @throws {LowformerError} `unreadable-file` where none does, as all methods do. */
  kind(): JsonKind {
    const byte = this.#next();
    if (byte === OPEN_OBJECT) return 'object';
    if (byte === OPEN_ARRAY) return 'array';
    if (byte === QUOTE) return 'string';
    if (byte === MINUS || isDigit(byte) || this.#sees('NaN') || this.#sees('Infinity')) return 'number';
    if (this.#sees('true') || this.#sees('false')) return 'boolean';
    if (this.#sees('null')) return 'null';
    return this.#fail('a value');
  }

  /** Calls `member` with each key; it must read the value. */
  object(member: (key: string) => void): void {
    this.#take(OPEN_OBJECT, "'{'");
    if (this.#next() === CLOSE_OBJECT) {
      this.#at++;
      return;
    }
    for (;;) {
      if (this.#next() !== QUOTE) this.#fail('a key in double quotes');
      const key = this.#key();
      this.#take(COLON, "':'");
      member(key);
      const byte = this.#next();
      if (byte !== COMMA && byte !== CLOSE_OBJECT) this.#fail("',' or '}'");
      this.#at++;
      if (byte === CLOSE_OBJECT) return;
    }
  }

  /** Calls `element` with each index; it must read the value. */
  array(element: (index: number) => void): void {
    this.#take(OPEN_ARRAY, "'['");
    if (this.#next() === CLOSE_ARRAY) {
      this.#at++;
      return;
    }
    const isOutermost = this.#depth++ === 0;
    for (let index = 0; ; index++) {
      if (isOutermost) this.#readOn();
      element(index);
      const byte = this.#next();
      if (byte !== COMMA && byte !== CLOSE_ARRAY) this.#fail("',' or ']'");
      this.#at++;
      if (byte === CLOSE_ARRAY) break;
    }
    this.#depth--;
  }

  /** To the last bit what `JSON.parse` reads; `NaN`, `Infinity` and `-Infinity` too. */
  number(): number {
    this.#next();
    const end = scanNumber(this.#bytes, this.#at, this.#number, 0);
    if (end < 0) return this.#word();
    this.#at = end;
    return this.#number[0] ?? 0;
  }

  /**
   * Reads a whole object of numbers at once into `record.values`. Where the next value is no such object, or needs a
   * judgement, gives false and stays before it.
   */
  record(record: NumberRecord): boolean {
    this.#next();
    const end = scanRecord(this.#bytes, this.#at, record);
    if (end < 0) return false;
    this.#at = end;
    return true;
  }

  string(): string {
    if (this.#next() !== QUOTE) this.#fail('a string');
    const from = this.#at;
    const { escaped, ascii } = this.#passString();
    const to = this.#at;
    if (!escaped) return this.#bytes.toString(ascii ? 'latin1' : 'utf8', from + 1, to - 1);
    try {
      const text: unknown = JSON.parse(this.#bytes.toString('utf8', from, to));
      return String(text);
    } catch {
      this.#at = from;
      return this.#fail('a string with valid escapes');
    }
  }

  /** Where the next value begins. */
  position(): number {
    this.#next();
    return this.#at;
  }

  /** Goes back to such a position. */
  rewind(position: number): void {
    this.#at = position;
  }

  /** The bytes from such a position to here. */
  since(position: number): Uint8Array {
    return this.#bytes.subarray(position, this.#at);
  }

  /** The characters from `from` to before `to`, such as a record has for a text: equal ones are made once. */
  characters(from: number, to: number): string {
    const bytes = this.#bytes;
    let hash = 0;
    for (let at = from; at < to; at++) hash = (Math.imul(hash, 31) + (bytes[at] ?? 0)) | 0;
    const known = this.#keys.get(hash);
    if (known !== undefined && known.length === to - from && equals(bytes, from, known)) return known;
    const text = bytes.toString('latin1', from, to);
    if (this.#keys.size < 1000) this.#keys.set(hash, text);
    return text;
  }

  /** Any value, for messages: as `JSON.parse` gives it, as text where it does not. */
  value(): unknown {
    this.#next();
    const from = this.#at;
    this.skip();
    const text = this.#bytes.toString('utf8', from, this.#at);
    try {
      return JSON.parse(text);
    } catch {
      return text;
    }
  }

  /** Passes over a value. Of objects and arrays only brackets and strings are looked at. */
  skip(): void {
    const kind = this.kind();
    if (kind === 'number') this.number();
    else if (kind === 'string') this.#passString();
    else if (kind === 'boolean') this.#at += this.#sees('true') ? 4 : 5;
    else if (kind === 'null') this.#at += 4;
    else this.#passNested();
  }

  /** @throws {LowformerError} where anything follows the last value. */
  end(): void {
    while (this.#next() === 0 && this.#at >= this.#bytes.length && this.#window?.isLast === false) this.#readOn();
    if (this.#next() !== 0 || this.#at < this.#bytes.length) this.#fail('the end of the file');
  }

  /** Moves the window on where little of it is left. */
  #readOn(): void {
    const window = this.#window;
    if (window === undefined || window.isLast || this.#bytes.length - this.#at > window.margin) return;
    window.advance(this.#at);
    this.#passed += this.#at;
    this.#at = 0;
    this.#bytes = bufferOf(window.bytes);
  }

  #passNested(): void {
    const end = nestedEnd(this.#bytes, this.#at);
    this.#at = end < 0 ? this.#bytes.length : end;
    if (end < 0) this.#fail('the end of an object or array');
  }

  #passString(): { readonly escaped: boolean; readonly ascii: boolean } {
    const bytes = this.#bytes;
    let escaped = false;
    let ascii = true;
    for (let at = this.#at + 1; at < bytes.length; at++) {
      const byte = bytes[at] ?? 0;
      if (byte === QUOTE) {
        this.#at = at + 1;
        return { escaped, ascii };
      }
      if (byte === BACKSLASH) {
        escaped = true;
        at++;
      } else if (byte > 0x7f) ascii = false;
    }
    this.#at = bytes.length;
    return this.#fail('the end of a string');
  }

  /** Keys repeat a million times: each is made once, found again by its hash, and compared. */
  #key(): string {
    const bytes = this.#bytes;
    const start = this.#at + 1;
    let hash = 0;
    let at = start;
    for (let byte = bytes[at] ?? QUOTE; byte !== QUOTE; byte = bytes[++at] ?? QUOTE) {
      if (byte === BACKSLASH) return this.string();
      hash = (Math.imul(hash, 31) + byte) | 0;
    }
    const known = this.#keys.get(hash);
    if (known !== undefined && known.length === at - start && equals(bytes, start, known)) {
      if (at < bytes.length) this.#at = at + 1;
      else this.#passString();
      return known;
    }
    const key = this.string();
    if (this.#keys.size < 1000) this.#keys.set(hash, key);
    return key;
  }

  /** What no number of JSON is: a word of Python's, or a mistake, whose place is found. */
  #word(): number {
    const bytes = this.#bytes;
    const negative = bytes[this.#at] === MINUS;
    let at = this.#at + (negative ? 1 : 0);
    for (const [word, value] of [['NaN', Number.NaN] as const, ['Infinity', Number.POSITIVE_INFINITY] as const]) {
      if (equals(bytes, at, word)) {
        this.#at = at + word.length;
        return negative ? -value : value;
      }
    }
    const pastDigits = () => {
      while (isDigit(bytes[at] ?? 0)) at++;
    };
    if (!isDigit(bytes[at] ?? 0)) this.#fail('a number', at);
    const first = at;
    pastDigits();
    if (at - first > 1 && bytes[first] === ZERO) this.#fail('a number without leading zeros');
    if (bytes[at] === DOT && !isDigit(bytes[++at] ?? 0)) this.#fail('a digit behind the point', at);
    pastDigits();
    if (bytes[++at] === MINUS || bytes[at] === PLUS) at++;
    return this.#fail('a digit in the exponent', at);
  }

  /** The first byte behind white space; 0 at the end of the file. */
  #next(): number {
    const bytes = this.#bytes;
    let byte = bytes[this.#at] ?? 0;
    while (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) byte = bytes[++this.#at] ?? 0;
    return byte;
  }

  #take(wanted: number, name: string): void {
    if (this.#next() !== wanted) this.#fail(name);
    this.#at++;
  }

  #sees(word: string): boolean {
    return equals(this.#bytes, this.#at, word);
  }

  #fail(expected: string, at = this.#at): never {
    const { length } = this.#bytes;
    if (this.#passed + length === 0) throw notJson(this.#file, 'a JSON file', 'It is empty (0 bytes).');
    const rest = this.#bytes.toString('utf8', at, Math.min(at + 24, length));
    const place = `${expected} at byte ${this.#passed + at}`;
    if (WORDS.some((word) => word.startsWith(rest))) {
      if (this.#window?.isLast === false) {
        throw notJson(this.#file, place, `Entries of more than ${this.#window.margin} bytes are not read.`);
      }
      const hint = `The file ends after ${this.#passed + length} bytes in the middle of its JSON: it is cut off.`;
      throw notJson(this.#file, expected, hint);
    }
    throw notJson(this.#file, place, 'The file is no valid JSON.', rest);
  }
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function notJson(where: string, expected: string, hint: string, received?: string): LowformerError {
  const parts = { code: 'unreadable-file', where, expected, hint } as const;
  return new LowformerError(received === undefined ? parts : { ...parts, received });
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE;
}

function equals(bytes: Uint8Array, at: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text.charCodeAt(i)) return false;
  return true;
}

/**
 * Where the records of an uncompressed zip archive lie, by PKWARE's APPNOTE 6.3: the end record at the end of the file
 * (4.3.16; zip64: 4.3.14, 4.3.15) says where the directory stands (4.3.12), each entry of it where its record's own
 * header stands (4.3.7), after which its bytes follow. torch.save writes such archives; nothing is copied or unpacked.
 */
import { cutEnd } from '../core/harmless.js';
import { type ByteSource, readBytes, section, unreadable } from './byte_source.js';

const decoder = new TextDecoder();

const SIGNATURE = { record: 0x04034b50, entry: 0x02014b50, end: 0x06054b50, end64: 0x06064b50, locator64: 0x07064b50 };
/** Bytes of each of them, before names and comments. */
const LENGTH = { record: 30, entry: 46, end: 22, end64: 56, locator64: 20 };
/** With name, extra fields and comment, each of at most 64 KB. */
const LONGEST_ENTRY = LENGTH.entry + 3 * 0xffff;
/** A field of 16 or 32 bits with all bits set is said in 64 bits elsewhere. */
const ELSEWHERE = { short: 0xffff, long: 0xffffffff };
/** Thirty times as many as the largest checkpoints have, and no more than are read in a moment. */
const MOST_RECORDS = 200_000;
const ZIP64_EXTRA = 1;
const ENCRYPTED = 1;

interface Directory {
  readonly position: number;
  readonly size: number;
  readonly entries: number;
}

interface Entry {
  readonly name: string;
  readonly size: number;
  readonly position: number;
  /** Whether its bytes lie there as they are. */
  readonly isPlain: boolean;
}

/**
 * The bytes of each record by its name, in the directory's order.
 * @param check looks at the names before the records are asked for: it throws where the archive is of another kind.
 * @throws {LowformerError} `unreadable-checkpoint` for a damaged directory, and for records that are compressed.
 */
export function locateRecords(
  file: ByteSource,
  check: (names: readonly string[]) => void = () => {},
): ReadonlyMap<string, ByteSource> {
  const { position, size, entries } = findDirectory(file);
  if (entries > MOST_RECORDS) {
    throw unreadable(file.path, `a zip archive of at most ${MOST_RECORDS} records`, { received: entries });
  }
  if (size > entries * LONGEST_ENTRY) throw damaged(file, 'directory');
  const bytes = view(file, position, size);
  const found = new Map<string, Entry>();
  let at = 0;
  for (let i = 0; i < entries; i++) {
    if (at + LENGTH.entry > size || bytes.getUint32(at, true) !== SIGNATURE.entry) throw damaged(file, 'directory');
    const length = LENGTH.entry + [28, 30, 32].reduce((sum, field) => sum + bytes.getUint16(at + field, true), 0);
    if (at + length > size) throw damaged(file, 'directory');
    const entry = readEntry(file, new DataView(bytes.buffer, bytes.byteOffset + at, length));
    // Readers take one or the other.
    if (found.has(entry.name)) throw unreadable(file.path, 'each record once', { received: cutEnd(entry.name, 100) });
    found.set(entry.name, entry);
    at += length;
  }
  check([...found.keys()]);
  return new Map([...found].map(([name, entry]) => [name, plainBytes(file, entry)]));
}

function findDirectory(file: ByteSource): Directory {
  const longestComment = 0xffff;
  const start = Math.max(0, file.size - LENGTH.end - longestComment);
  const tail = view(file, start, file.size - start);
  let at = tail.byteLength - LENGTH.end;
  while (at >= 0 && tail.getUint32(at, true) !== SIGNATURE.end) at--;
  if (at < 0) throw damaged(file, 'end record');
  const entries = tail.getUint16(at + 10, true);
  const size = tail.getUint32(at + 12, true);
  const position = tail.getUint32(at + 16, true);
  const inFull = entries !== ELSEWHERE.short && size !== ELSEWHERE.long && position !== ELSEWHERE.long;
  return within(file, inFull ? { position, size, entries } : findDirectory64(file, start + at));
}

/** @param end position of the end record, before which the locator stands. */
function findDirectory64(file: ByteSource, end: number): Directory {
  const locator = view(file, end - LENGTH.locator64, LENGTH.locator64);
  if (locator.getUint32(0, true) !== SIGNATURE.locator64) throw damaged(file, 'zip64 locator');
  const record = view(file, wide(locator, 8), LENGTH.end64);
  if (record.getUint32(0, true) !== SIGNATURE.end64) throw damaged(file, 'zip64 end record');
  return { entries: wide(record, 32), size: wide(record, 40), position: wide(record, 48) };
}

function within(file: ByteSource, directory: Directory): Directory {
  if (directory.position + directory.size > file.size) throw damaged(file, 'directory');
  return directory;
}

function readEntry(file: ByteSource, entry: DataView): Entry {
  const nameLength = entry.getUint16(28, true);
  const name = decoder.decode(new Uint8Array(entry.buffer, entry.byteOffset + LENGTH.entry, nameLength));
  const [flags, method] = [entry.getUint16(8, true), entry.getUint16(10, true)];
  const [stored = 0, size = 0, position = 0] = fullFields(file, entry, LENGTH.entry + nameLength);
  return { name, size, position, isPlain: method === 0 && (flags & ENCRYPTED) === 0 && stored === size };
}

function plainBytes(file: ByteSource, entry: Entry): ByteSource {
  if (!entry.isPlain) {
    throw unreadable(file.path, 'uncompressed records, as torch.save writes them', {
      received: `a compressed '${cutEnd(entry.name, 100)}'`,
      hint: 'The file was packed again by another program: save it with torch.save.',
    });
  }
  return section(file, dataStart(file, entry), entry.size);
}

/** Stored size, size and position; those that do not fit into 32 bits stand in an extra field, in the order of `long`. */
function fullFields(file: ByteSource, entry: DataView, extrasStart: number): readonly number[] {
  const long = {
    size: entry.getUint32(24, true),
    stored: entry.getUint32(20, true),
    position: entry.getUint32(42, true),
  };
  const missing = Object.values(long).filter((value) => value === ELSEWHERE.long).length;
  let at = extrasStart;
  const end = at + entry.getUint16(30, true);
  while (missing > 0 && at + 4 <= end && entry.getUint16(at, true) !== ZIP64_EXTRA)
    at += 4 + entry.getUint16(at + 2, true);
  if (missing > 0 && at + 4 + 8 * missing > end) throw damaged(file, 'zip64 sizes');
  at += 4;
  const full = (value: number): number => {
    if (value !== ELSEWHERE.long) return value;
    at += 8;
    return wide(entry, at - 8);
  };
  const size = full(long.size);
  const stored = full(long.stored);
  return [stored, size, full(long.position)];
}

/** The record's own header repeats its name; what it says of sizes may be left open. */
function dataStart(file: ByteSource, { name, position }: Entry): number {
  const header = view(file, position, LENGTH.record);
  if (header.getUint32(0, true) !== SIGNATURE.record) throw damaged(file, `header of '${name}'`);
  return position + LENGTH.record + header.getUint16(26, true) + header.getUint16(28, true);
}

/** 64 bits; what a double cannot hold reaches beyond any file. */
function wide(bytes: DataView, at: number): number {
  return Number(bytes.getBigUint64(at, true));
}

function view(file: ByteSource, position: number, size: number): DataView {
  if (position < 0 || position + size > file.size) throw damaged(file, 'place that it refers to');
  return new DataView(readBytes(file, position, size).buffer);
}

function damaged(file: ByteSource, part: string) {
  return unreadable(file.path, 'a whole zip archive as torch.save writes it', {
    received: `no readable ${part}`,
    hint: 'The file is truncated or damaged: copy or download it again.',
  });
}

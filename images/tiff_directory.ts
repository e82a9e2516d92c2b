/**
 * The first directory of a TIFF file: what it says of its picture, and the same file with a directory that says
 * something else. libvips decodes; where it takes a kind for another, it is told in terms that it takes rightly.
 */

/** TIFF's numbers of the tags that are looked at. */
export const TAG = {
  subfileType: 254,
  width: 256,
  height: 257,
  bitsPerSample: 258,
  compression: 259,
  photometric: 262,
  stripOffsets: 273,
  samplesPerPixel: 277,
  rowsPerStrip: 278,
  stripByteCounts: 279,
  planarConfiguration: 284,
  tileOffsets: 324,
  tileByteCounts: 325,
  subDirectories: 330,
  extraSamples: 338,
  sampleFormat: 339,
  ycbcrCoefficients: 529,
  ycbcrSubsampling: 530,
  referenceBlackWhite: 532,
} as const;

export type Tag = (typeof TAG)[keyof typeof TAG];

/** A file's bytes as numbers: a `DataView`, or what reads them when they are asked for. */
export type NumberView = Pick<DataView, 'byteLength' | 'getUint8' | 'getUint16' | 'getUint32' | 'getBigUint64'>;

/** What a directory says. */
export interface TiffTags {
  /** The values of a tag; undefined where it is absent, lies outside the file, or is of no kind of number. */
  values(tag: Tag): readonly number[] | undefined;
}

export interface TiffDirectory extends TiffTags {
  /** Bytes of the file. */
  readonly fileLength: number;
  /** The file with other values of some tags; undefined leaves a tag out. Pages behind the first are left out. */
  changed(changes: ReadonlyMap<Tag, readonly number[] | undefined>): Uint8Array;
}

interface Entry {
  readonly tag: number;
  readonly type: number;
  readonly count: number;
  /** Of the value, or of where it stands. */
  readonly valueAt: number;
}

/** Bytes of each type that is read: BYTE, SHORT, LONG, RATIONAL, LONG8. */
const SIZES: Readonly<Record<number, number>> = { 1: 1, 3: 2, 4: 4, 5: 8, 16: 8 };

/** Values of a longer list are no picture's. */
const MOST_VALUES = 2 ** 22;

/** Classic TIFF has 32-bit offsets, BigTIFF 64-bit ones. */
interface Layout {
  readonly big: boolean;
  readonly little: boolean;
}

/** undefined for what is no TIFF, or whose first directory is damaged: decoding will say so. */
export function readTiffDirectory(bytes: Uint8Array): TiffDirectory | undefined {
  const read = readTags(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  if (read === undefined) return undefined;
  const { layout, entries, values } = read;
  return {
    fileLength: bytes.length,
    values,
    changed: (changes) => changedFile(bytes, layout, entries, changes),
  };
}

/** The same of a file that is not held, to be looked at alone. */
export function readTiffTags(view: NumberView): TiffTags | undefined {
  return readTags(view);
}

function readTags(view: NumberView) {
  const layout = layoutOf(view);
  if (layout === undefined) return undefined;
  try {
    const entries = readEntries(view, layout);
    const values = (tag: Tag) => {
      const entry = entries.find((candidate) => candidate.tag === tag);
      return entry === undefined ? undefined : readValues(view, layout, entry);
    };
    return { layout, entries, values };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function layoutOf(view: NumberView): Layout | undefined {
  if (view.byteLength < 16) return undefined;
  const order = view.getUint16(0);
  if (order !== 0x4949 && order !== 0x4d4d) return undefined;
  const little = order === 0x4949;
  const version = view.getUint16(2, little);
  return version === 42 || version === 43 ? { big: version === 43, little } : undefined;
}

/** @throws {RangeError} where the directory leaves the file. */
function readEntries(view: NumberView, { big, little }: Layout): readonly Entry[] {
  const at = big ? long8(view, 8, little) : view.getUint32(4, little);
  const count = big ? long8(view, at, little) : view.getUint16(at, little);
  const first = at + (big ? 8 : 2);
  const size = big ? 20 : 12;
  if (count > 65536) throw new RangeError('too many entries');
  return Array.from({ length: count }, (_, i) => {
    const start = first + i * size;
    return {
      tag: view.getUint16(start, little),
      type: view.getUint16(start + 2, little),
      count: big ? long8(view, start + 4, little) : view.getUint32(start + 4, little),
      valueAt: start + (big ? 12 : 8),
    };
  });
}

function readValues(view: NumberView, { big, little }: Layout, entry: Entry): readonly number[] | undefined {
  const { type, count, valueAt } = entry;
  const size = SIZES[type];
  if (size === undefined || count === 0 || count > MOST_VALUES) return undefined;
  const inline = size * count <= (big ? 8 : 4);
  const at = inline ? valueAt : big ? long8(view, valueAt, little) : view.getUint32(valueAt, little);
  if (at + size * count > view.byteLength) return undefined;
  const read = (place: number): number => {
    switch (type) {
      case 1:
        return view.getUint8(place);
      case 3:
        return view.getUint16(place, little);
      case 4:
        return view.getUint32(place, little);
      case 5:
        return view.getUint32(place, little) / view.getUint32(place + 4, little);
      default:
        return long8(view, place, little);
    }
  };
  return Array.from({ length: count }, (_, i) => read(at + i * size));
}

/** @throws {RangeError} for a place that no file has. */
function long8(view: NumberView, at: number, little: boolean): number {
  const value = view.getBigUint64(at, little);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new RangeError('an offset beyond any file');
  return Number(value);
}

/** The new directory and its lists stand behind the file's bytes, which stay where they are. */
function changedFile(
  bytes: Uint8Array,
  layout: Layout,
  entries: readonly Entry[],
  changes: ReadonlyMap<number, readonly number[] | undefined>,
): Uint8Array {
  const { big, little } = layout;
  const written = [...changes].flatMap(([tag, values]) => (values === undefined ? [] : [{ tag, values }]));
  const kept = entries.filter(({ tag }) => !changes.has(tag));
  const size = big ? 20 : 12;
  const room = big ? 8 : 4;
  const start = Math.ceil(bytes.length / 16) * 16;
  const count = kept.length + written.length;
  let listAt = start + (big ? 8 : 2) + count * size + room;
  const end = listAt + written.reduce((sum, { values }) => sum + values.length * room, 0);
  const file = new Uint8Array(end);
  file.set(bytes);
  const view = new DataView(file.buffer);
  const putWide = (at: number, value: number) =>
    big ? view.setBigUint64(at, BigInt(value), little) : view.setUint32(at, value, little);
  putWide(big ? 8 : 4, start);
  if (big) view.setBigUint64(start, BigInt(count), little);
  else view.setUint16(start, count, little);

  // Directories are sorted by tag.
  const all = [...kept, ...written].sort((a, b) => a.tag - b.tag);
  let at = start + (big ? 8 : 2);
  for (const entry of all) {
    if ('values' in entry) {
      view.setUint16(at, entry.tag, little);
      // LONG8 or LONG, which readers take for any whole number; SHORT where one value has to fit in.
      const short = entry.values.length === 1 && (entry.values[0] ?? 0) < 65536;
      view.setUint16(at + 2, short ? 3 : big ? 16 : 4, little);
      putWide(at + 4, entry.values.length);
      const inline = entry.values.length === 1;
      if (short) view.setUint16(at + 4 + room, entry.values[0] ?? 0, little);
      else if (!inline) putWide(at + 4 + room, listAt);
      else putWide(at + 4 + room, entry.values[0] ?? 0);
      if (!inline)
        for (const value of entry.values) {
          putWide(listAt, value);
          listAt += room;
        }
    } else {
      file.copyWithin(at, entry.valueAt - (big ? 12 : 8), entry.valueAt - (big ? 12 : 8) + size);
    }
    at += size;
  }
  return file;
}

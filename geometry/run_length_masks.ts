/**
 * Masks as COCO writes them: run lengths down the columns, first of pixels outside the mask, in the compressed form of pycocotools
 * (`rleToString` and `rleFrString` of `common/maskApi.c`): each length less the one two before it, in groups of five bits from the
 * lowest on, as letters from `0`.
 */
import type { Size } from '../core/frame.js';

/** COCO's `segmentation`, which `pycocotools.mask.decode` reads. */
export interface RunLengthMask {
  /** Height, then width. */
  readonly size: readonly [height: number, width: number];
  readonly counts: string;
}

/**
 * A mask of each class that occurs, in one pass over the label map.
 * @param labels row-major class indices, `width * height`.
 */
export function masksOfLabels(
  labels: Uint8Array | Uint16Array,
  { width, height }: Size,
): ReadonlyMap<number, RunLengthMask> {
  const runs = new Map<number, number[]>();
  const ends = new Map<number, number>();
  const close = (label: number, start: number, end: number) => {
    let own = runs.get(label);
    if (own === undefined) {
      own = [];
      runs.set(label, own);
    }
    own.push(start - (ends.get(label) ?? 0), end - start);
    ends.set(label, end);
  };
  const total = width * height;
  let [start, last, at] = [0, labels[0] ?? 0, 0];
  for (let column = 0; column < width; column++) {
    for (let pixel = column; pixel < total; pixel += width, at++) {
      const label = labels[pixel] ?? 0;
      if (label === last) continue;
      close(last, start, at);
      [start, last] = [at, label];
    }
  }
  if (total > 0) close(last, start, total);
  const masks = new Map<number, RunLengthMask>();
  for (const [label, own] of runs) {
    const rest = total - (ends.get(label) ?? 0);
    masks.set(label, { size: [height, width], counts: toLetters(rest > 0 ? [...own, rest] : own) });
  }
  return masks;
}

/**
 * Writes `label` into the pixels of a mask.
 * @param labels row-major, of the mask's size.
 * @throws {RangeError} for runs that do not fill the mask's size, or another size than that of `labels`.
 */
export function paintMask(labels: Uint8Array | Uint16Array, { size, counts }: RunLengthMask, label: number): void {
  const [height, width] = size;
  const lengths = fromLetters(counts);
  const total = lengths.reduce((sum, length) => sum + length, 0);
  if (total !== height * width || total !== labels.length) {
    throw new RangeError(`run lengths of ${total} pixels for a mask of ${width}x${height} over ${labels.length}`);
  }
  let at = 0;
  for (const [i, length] of lengths.entries()) {
    if (i % 2 === 1) {
      for (let pixel = at; pixel < at + length; pixel++) {
        labels[(pixel % height) * width + Math.floor(pixel / height)] = label;
      }
    }
    at += length;
  }
}

const FIRST_LETTER = '0'.charCodeAt(0);
const [GROUP, SIGN, MORE] = [0x1f, 0x10, 0x20];

function toLetters(lengths: readonly number[]): string {
  let text = '';
  for (const [i, length] of lengths.entries()) {
    let value = i > 2 ? length - (lengths[i - 2] ?? 0) : length;
    for (let more = true; more; ) {
      const group = value & GROUP;
      value >>= 5;
      more = (group & SIGN) !== 0 ? value !== -1 : value !== 0;
      text += String.fromCharCode((more ? group | MORE : group) + FIRST_LETTER);
    }
  }
  return text;
}

/** @throws {RangeError} for what is no text of `toLetters`. */
function fromLetters(text: string): readonly number[] {
  const lengths: number[] = [];
  for (let at = 0; at < text.length; ) {
    let value = 0;
    for (let shift = 0, more = true; more; shift += 5, at++) {
      const group = text.charCodeAt(at) - FIRST_LETTER;
      if (!(group >= 0 && group < 64) || shift > 30) throw new RangeError(`run lengths: a letter at ${at} is none`);
      value |= (group & GROUP) << shift;
      more = (group & MORE) !== 0;
      if (!more && (group & SIGN) !== 0 && shift < 27) value |= -1 << (shift + 5);
    }
    if (lengths.length > 2) value += lengths[lengths.length - 2] ?? 0;
    if (value < 0) throw new RangeError(`run lengths: one of ${value} pixels`);
    lengths.push(value);
  }
  return lengths;
}

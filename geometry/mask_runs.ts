/** Run-length encoding of masks as COCO has it (pycocotools, common/maskApi.c): column by column, the background's run first. */
import type { Size } from '../core/frame.js';

/** Lengths of runs that alternate between outside and inside, outside first (0 where the first pixel is inside); their sum is the area of the picture. */
export type MaskRuns = readonly number[];

/** COCO's `segmentation`, which `pycocotools.mask.decode` reads. */
export interface RunLengthMask {
  /** Height, then width. */
  readonly size: readonly [height: number, width: number];
  readonly counts: string;
}

/**
 * The pixels of each label that occurs, in one pass over the map.
 * @param labels row-major, `width * height`.
 */
export function runsByLabel({
  width,
  height,
  labels,
}: Size & { readonly labels: Uint8Array | Uint16Array }): ReadonlyMap<number, MaskRuns> {
  const found = new Map<number, { readonly counts: number[]; end: number }>();
  let start = 0;
  let label = labels[0] ?? 0;
  const total = width * height;
  const close = (end: number) => {
    const runs = found.get(label) ?? { counts: [], end: 0 };
    found.set(label, runs);
    runs.counts.push(start - runs.end, end - start);
    runs.end = end;
  };
  for (let x = 0, at = 0; x < width; x++) {
    for (let y = 0; y < height; y++, at++) {
      const own = labels[y * width + x] ?? 0;
      if (own === label) continue;
      close(at);
      start = at;
      label = own;
    }
  }
  if (total > 0) close(total);
  for (const { counts, end } of found.values()) if (end < total) counts.push(total - end);
  return new Map([...found].map(([one, { counts }]) => [one, counts]));
}

/** COCO's `segmentation` of each label that occurs. @param map as of `runsByLabel`. */
export function masksOfLabels(
  map: Size & { readonly labels: Uint8Array | Uint16Array },
): ReadonlyMap<number, RunLengthMask> {
  const { width, height } = map;
  return new Map(
    [...runsByLabel(map)].map(([label, runs]) => [label, { size: [height, width], counts: compressRuns(runs) }]),
  );
}

/**
 * Writes `label` into the pixels of a mask.
 * @param labels row-major, of the mask's size.
 * @throws {RangeError} for runs that do not fill the mask's size, or another size than that of `labels`.
 */
export function paintMask(labels: Uint8Array | Uint16Array, { size, counts }: RunLengthMask, label: number): void {
  const [height, width] = size;
  paintRuns(labels, expandRuns(counts), label, { width, height });
}

/** The same of runs that are not compressed. @throws {RangeError} likewise. */
export function paintRuns(
  labels: Uint8Array | Uint16Array,
  lengths: MaskRuns,
  label: number,
  { width, height }: Size,
): void {
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

/** pycocotools' compressed form: differences to the run before the last, five bits a character, least first (`rleToString`). */
export function compressRuns(runs: MaskRuns): string {
  let text = '';
  for (const [i, run] of runs.entries()) {
    let rest = i > 2 ? run - (runs[i - 2] ?? 0) : run;
    for (let more = true; more; ) {
      const group = rest & GROUP;
      rest >>= 5;
      more = (group & SIGN) !== 0 ? rest !== -1 : rest !== 0;
      text += String.fromCharCode((more ? group | MORE : group) + FIRST_LETTER);
    }
  }
  return text;
}

/** Runs of their compressed form (`rleFrString`). @throws {RangeError} for what is none. */
export function expandRuns(text: string): MaskRuns {
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

/** Run-length encoding of masks as COCO has it (pycocotools, common/maskApi.c): column by column, the background's run first. */
import type { Size } from '../core/frame.js';

/** Lengths of runs that alternate between outside and inside, outside first (0 where the first pixel is inside); their sum is the area of the picture. */
export type MaskRuns = readonly number[];

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

/** pycocotools' compressed form: differences to the run before the last, five bits a character, least first (`rleToString`). */
export function compressRuns(runs: MaskRuns): string {
  const characters: number[] = [];
  runs.forEach((run, i) => {
    let rest = i > 2 ? run - (runs[i - 2] ?? 0) : run;
    for (let more = true; more; ) {
      const bits = rest & 0x1f;
      rest >>= 5;
      more = (bits & 0x10) === 0 ? rest !== 0 : rest !== -1;
      characters.push((more ? bits | 0x20 : bits) + 48);
    }
  });
  let text = '';
  // In pieces: a call takes only so many arguments.
  for (let i = 0; i < characters.length; i += 8192) text += String.fromCharCode(...characters.slice(i, i + 8192));
  return text;
}

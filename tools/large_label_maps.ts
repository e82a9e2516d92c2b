/** Label maps of pictures that are too large to be held: written row by row, and kept smaller for drawing. */
import type { Size } from '../core/frame.js';
import type { SegmentationMap } from '../core/results.js';
import type { LabelMapOptions } from '../drawing/label_map.js';
import { type LabelMapRows, openLabelMapRows } from '../drawing/label_map_rows.js';
import { reducedSize } from '../images/reduced_picture.js';
import type { LabelRows } from '../tasks/parted_predictor.js';

/** Disposing of it leaves no file of maps that are not finished. */
export interface LargeLabelMaps extends AsyncDisposable {
  onLabels(rows: LabelRows): Promise<void>;
  /** The map's file takes its place. @returns the map as `drawnPixels` has room for it, its labels taken at the pixels' centres. */
  finish(picture: string, map: SegmentationMap): Promise<SegmentationMap>;
}

interface OpenMap {
  readonly file: LabelMapRows;
  readonly size: Size;
  readonly smaller: Size;
  readonly labels: Uint16Array;
  /** The next row of the smaller map. */
  next: number;
}

/**
 * @param pathOf the file of a picture's map.
 * @param drawnPixels of the smaller map.
 */
export function largeLabelMaps(
  pathOf: (picture: string) => string,
  drawnPixels: number,
  options: LabelMapOptions,
): LargeLabelMaps {
  const maps = new Map<string, OpenMap>();
  const begin = async (picture: string, size: Size): Promise<OpenMap> => {
    const smaller = reducedSize(size, drawnPixels);
    const file = await openLabelMapRows(pathOf(picture), size, options);
    const map = { file, size, smaller, labels: new Uint16Array(smaller.width * smaller.height), next: 0 };
    maps.set(picture, map);
    return map;
  };
  return {
    async onLabels({ picture, size, rows, labels }) {
      const map = maps.get(picture) ?? (await begin(picture, size));
      takeRows(map, rows.start, labels);
      await map.file.add(labels);
    },
    async finish(picture, map) {
      const open = maps.get(picture);
      if (open === undefined) throw new RangeError(`no rows of ${picture}`);
      await open.file.finish();
      maps.delete(picture);
      const { width, height } = open.smaller;
      const share = (width * height) / (map.width * map.height);
      const classes = map.classes.map(({ pixels, ...label }) => ({ ...label, pixels: pixels * share }));
      return { kind: 'segmentation', width, height, labels: open.labels, classes };
    },
    async [Symbol.asyncDispose]() {
      for (const { file } of maps.values()) await file[Symbol.asyncDispose]();
      maps.clear();
    },
  };
}

/** The rows of the smaller map whose centres lie in these. */
function takeRows(map: OpenMap, start: number, labels: Uint8Array | Uint16Array): void {
  const { size, smaller } = map;
  const end = start + labels.length / size.width;
  for (; map.next < smaller.height; map.next++) {
    const row = Math.floor(((map.next + 0.5) * size.height) / smaller.height);
    if (row >= end) return;
    for (let x = 0; x < smaller.width; x++) {
      const column = Math.floor(((x + 0.5) * size.width) / smaller.width);
      map.labels[map.next * smaller.width + x] = labels[(row - start) * size.width + column] ?? 0;
    }
  }
}

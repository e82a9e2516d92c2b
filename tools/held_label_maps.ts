/** Label maps of large pictures for formats that need all of one: a byte a pixel, two of more than 256 classes. */
import { LowformerError } from '../core/errors.js';
import type { LabelMap } from '../core/frame.js';
import type { LabelRows } from '../tasks/parted_predictor.js';

/** Pixels of a map: 1 GB of up to 256 classes. */
const MOST_PIXELS = 2 ** 30;

export interface HeldLabelMaps {
  /** @throws {LowformerError} `invalid-argument` for a picture whose map is too large. */
  onLabels(rows: LabelRows): void;
  /** The map of a picture, which is held no longer; undefined where it had no rows. */
  take(picture: string): LabelMap['labels'] | undefined;
}

/** @param format what is asked for, for messages. */
export function heldLabelMaps(format: string, mostPixels = MOST_PIXELS): HeldLabelMaps {
  const maps = new Map<string, LabelMap['labels']>();
  return {
    onLabels({ picture, size: { width, height }, rows, labels }) {
      if (width * height > mostPixels) {
        throw new LowformerError({
          code: 'invalid-argument',
          where: `${picture}: --format ${format}`,
          expected: `a picture of at most ${Math.round(mostPixels / 1e6)} megapixels, whose label map is held whole,`,
          received: `${width}x${height}`,
          hint: 'With --out the label map is written as its rows come, and its classes are counted in the records.',
        });
      }
      let map = maps.get(picture);
      if (map === undefined) {
        const pixels = width * height;
        map = labels instanceof Uint16Array ? new Uint16Array(pixels) : new Uint8Array(pixels);
        maps.set(picture, map);
      }
      map.set(labels, rows.start * width);
    },
    take(picture) {
      const map = maps.get(picture);
      maps.delete(picture);
      return map;
    },
  };
}

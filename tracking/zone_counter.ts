/**
 * Objects in a zone, counted on their tracks. The reference is `PolygonZone` of PyPI's `supervision` 0.31.2: which objects are
 * inside in which frame is equal.
 */
import { maskHas, type PixelPoint, polygonMask } from '../geometry/polygon_mask.js';
import { type ClassCounts, type CountableTrack, createClassCounts, createTrackCheck } from './counted_tracks.js';

export interface ZoneCounter {
  /**
   * Takes the tracks of the next frame, in any order, all of those that are seen.
   * @returns places in what was given of those that are inside.
   * @throws {LowformerError} for NaN or infinity in a box, a `trackId` that is no whole number, and one that comes twice; the
   *   counter then is as before.
   */
  update(tracks: readonly CountableTrack[]): readonly number[];
  /** Objects inside in the last frame. */
  readonly inside: number;
  readonly insideByClass: ClassCounts;
  /** Different tracks that have been inside in any frame so far. */
  readonly tracks: number;
  /** The same by class: that which an object had when it was first inside. */
  readonly tracksByClass: ClassCounts;
  /** Forgets all of it. */
  reset(): void;
}

/**
 * A counter for a zone. An object is inside when the middle of its box's lower edge, rounded to the pixel (halves to the even
 * one), is a pixel of the polygon as `polygonMask` fills it: a box that ends with a frame of height h has its lower edge at h,
 * so that a zone which reaches the frame's edge has its corners at h too.
 * @param polygon three corners or more in whole pixels; it closes by itself.
 * @throws {LowformerError} as `polygonMask`.
 */
export function createZoneCounter(polygon: readonly PixelPoint[]): ZoneCounter {
  const mask = polygonMask(polygon);
  const [present, all] = [createClassCounts(), createClassCounts()];
  const known = new Set<number>();
  const { check } = createTrackCheck('createZoneCounter');
  return {
    get inside() {
      return present.total();
    },
    get insideByClass() {
      return present.byClass();
    },
    get tracks() {
      return known.size;
    },
    get tracksByClass() {
      return all.byClass();
    },
    reset() {
      present.clear();
      all.clear();
      known.clear();
    },
    update(tracks) {
      check(tracks);
      present.clear();
      const inside: number[] = [];
      tracks.forEach(({ trackId, box: [x1, , x2, y2], classIndex }, i) => {
        if (!maskHas(mask, halfToEven((x1 + x2) / 2), halfToEven(y2))) return;
        inside.push(i);
        present.add(classIndex);
        if (known.has(trackId)) return;
        known.add(trackId);
        all.add(classIndex);
      });
      return inside;
    },
  };
}

/** C's `rint`. */
function halfToEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest !== 0.5) return rest < 0.5 ? below : below + 1;
  return below % 2 === 0 ? below : below + 1;
}

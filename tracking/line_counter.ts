/**
 * Objects that cross a line, counted on their tracks. The reference is `LineZone` of PyPI's `supervision` 0.31.2: which objects
 * cross in which frame, and in which direction, is equal.
 */
import { LowformerError } from '../core/errors.js';
import { type ClassCounts, type CountableTrack, createClassCounts, createTrackCheck } from './counted_tracks.js';

/** A place in pixels of the frame; fractions are fine. */
export type LinePoint = readonly [x: number, y: number];

/** A line has a direction: what goes over it to its left, seen from `start` to `end`, goes in. */
export interface CountedLine {
  readonly start: LinePoint;
  readonly end: LinePoint;
}

export interface LineCounterOptions {
  /** Frames that an object is to be seen beyond the line before it has crossed; 1 by default. */
  readonly minimum_crossing_threshold?: number;
  /**
   * After as many frames without it, an object's side is forgotten: it crosses nothing when it is found again. By default
   * `minimum_crossing_threshold` + 1, as in the reference.
   */
  readonly frames_until_forgotten?: number;
}

/** Places in what was given of the objects that crossed in a frame. */
export interface Crossings {
  readonly in: readonly number[];
  readonly out: readonly number[];
}

export interface LineCounter {
  /**
   * Takes the tracks of the next frame, in any order, all of those that are seen.
   * @throws {LowformerError} for NaN or infinity in a box, a `trackId` that is no whole number, and one that comes twice; the
   *   counter then is as before.
   */
  update(tracks: readonly CountableTrack[]): Crossings;
  /** Objects that went over the line to its left, and to its right, so far. An object counts every time that it crosses. */
  readonly in: number;
  readonly out: number;
  /** The same by class: that which an object has in the frame in which it crosses. */
  readonly inByClass: ClassCounts;
  readonly outByClass: ClassCounts;
  /** Forgets all of it. */
  reset(): void;
}

/** What is known of a track. */
interface Side {
  /** The side that it is known to be on. */
  confirmed: boolean;
  /** Where it was last found on one side, and in how many frames on end. */
  last: boolean;
  run: number;
  /** Frames in which it was found on one side, as far as that matters. */
  seen: number;
  absent: number;
}

/**
 * A counter for a line. An object has crossed when all four corners of its box are beyond it, having been before it; only
 * frames in which all four are between the perpendiculars through the line's ends count, and those in which corners are on both
 * sides say nothing. A corner on the line is on its right.
 * @throws {LowformerError} `invalid-argument` for a line without length, and for options that are no whole numbers from 1.
 */
export function createLineCounter({ start, end }: CountedLine, options: LineCounterOptions = {}): LineCounter {
  const threshold = wholeFromOne(options, 'minimum_crossing_threshold') ?? 1;
  const patience = wholeFromOne(options, 'frames_until_forgotten') ?? threshold + 1;
  const place = sideOf(start, end);
  const [entered, left] = [createClassCounts(), createClassCounts()];
  const sides = new Map<number, Side>();
  const { check, ids } = createTrackCheck('createLineCounter');

  return {
    get in() {
      return entered.total();
    },
    get out() {
      return left.total();
    },
    get inByClass() {
      return entered.byClass();
    },
    get outByClass() {
      return left.byClass();
    },
    reset() {
      sides.clear();
      entered.clear();
      left.clear();
    },
    update(tracks) {
      check(tracks);
      sides.forEach((side, id) => {
        side.absent = ids.has(id) ? 0 : side.absent + 1;
        if (side.absent >= patience) sides.delete(id);
      });
      const crossed: { readonly in: number[]; readonly out: number[] } = { in: [], out: [] };
      tracks.forEach(({ trackId, box, classIndex }, i) => {
        const inside = place(box);
        if (inside === undefined) return;
        let side = sides.get(trackId);
        if (side === undefined) {
          side = { confirmed: inside, last: inside, run: 0, seen: 0, absent: 0 };
          sides.set(trackId, side);
        }
        side.run = side.last === inside ? side.run + 1 : 1;
        side.last = inside;
        side.seen++;
        if (side.seen <= threshold || inside === side.confirmed || side.run < threshold) return;
        side.confirmed = inside;
        (inside ? entered : left).add(classIndex);
        (inside ? crossed.in : crossed.out).push(i);
      });
      return crossed;
    },
  };
}

/**
 * Whether a box is left of the line (true) or right of it; undefined where it is neither, or beyond the ends. In the
 * reference's own order of operations: what lies on a border lies on the same side of it.
 */
function sideOf([startX, startY]: LinePoint, [endX, endY]: LinePoint) {
  const [dx, dy] = [endX - startX, endY - startY];
  const length = Math.sqrt(dx * dx + dy * dy);
  if (!(length > 0 && Number.isFinite(length))) {
    const received = `${startX},${startY} to ${endX},${endY}`;
    throw wrong('line', 'two different points,', received);
  }
  const [acrossX, acrossY] = [-(dy / length), dx / length];
  const [firstX, firstY] = [startX + acrossX - startX, startY + acrossY - startY];
  const [secondX, secondY] = [endX - acrossX - endX, endY - acrossY - endY];
  return ([x1, y1, x2, y2]: CountableTrack['box']): boolean | undefined => {
    let [left, right] = [false, false];
    for (let corner = 0; corner < 4; corner++) {
      const x = corner < 2 ? x1 : x2;
      const y = corner % 2 === 0 ? y1 : y2;
      const behindStart = firstX * (y - startY) - firstY * (x - startX) > 0;
      const beforeEnd = secondX * (y - endY) - secondY * (x - endX) > 0;
      if (behindStart !== beforeEnd) return undefined;
      if (dx * (y - startY) - dy * (x - startX) < 0) left = true;
      else right = true;
    }
    return left === right ? undefined : left;
  };
}

function wholeFromOne(options: LineCounterOptions, key: keyof LineCounterOptions): number | undefined {
  const value = options[key];
  if (value === undefined || (Number.isInteger(value) && value >= 1)) return value;
  throw wrong(key, 'a whole number from 1,', value);
}

function wrong(key: string, expected: string, received: unknown): LowformerError {
  return new LowformerError({ code: 'invalid-argument', where: `createLineCounter.${key}`, expected, received });
}

/** What each kind of mistake costs: the AP at overlap 0.5 with that kind repaired, less the AP as it is (TIDE, section 2.3). */
import type { CocoObject, CocoScoredBox } from './coco_records.js';
import { type TideError, type TideKind, type TidePoint, tidePicture } from './tide_errors.js';

export interface TideCost {
  readonly count: number;
  /** AP gained by repairing this kind alone, a fraction; 0 where rounding of the curve would make it negative. */
  readonly dAP: number;
}

export interface TideResult {
  /**
   * Mean over the categories that have objects or detections, at overlap 0.5 with the best 100 detections of a picture:
   * not COCO's AP50, which takes 100 of each category and leaves categories without objects out. null without any.
   */
  readonly AP50: number | null;
  readonly kinds: Readonly<Record<TideKind, TideCost>>;
  /** AP gained if all wrong detections had the lowest scores, and if all objects not found were none. */
  readonly falsePositive: number;
  readonly falseNegative: number;
}

export interface TideAnalysis {
  /** Takes in one picture and gives its mistakes. Of equal scores, the earlier picture's counts first. */
  add(objects: readonly CocoObject[], detections: readonly CocoScoredBox[]): readonly TideError[];
  result(): TideResult;
}

type Tally = ReadonlyMap<number, number>;

/** Memory: about 100 bytes a detection. */
export function createTideAnalysis(): TideAnalysis {
  const points: TidePoint[] = [];
  const right: TidePoint[] = [];
  const errors: TideError[] = [];
  const positives = new Map<number, number>();
  const unfound = new Map<number, number>();

  return {
    add(objects, detections) {
      const picture = tidePicture(objects, detections);
      for (const { category_id, iscrowd } of objects) if (!iscrowd) increase(positives, category_id, 1);
      for (const category of picture.unfound) increase(unfound, category, 1);
      for (const point of picture.points) {
        points.push(point);
        if (point.right) right.push(point);
      }
      for (const error of picture.errors) errors.push(error);
      return picture.errors;
    },

    result() {
      const AP50 = meanAp(points, positives);
      const gain = (changed: readonly TidePoint[], objects: Tally) => (meanAp(changed, objects) ?? 0) - (AP50 ?? 0);
      const cost = (kind: TideKind): TideCost => {
        const objects = new Map(positives);
        // Repaired mistakes come before the right detections, and so they count first where scores are equal.
        const changed = errors.flatMap((error) => {
          const { as, fixed, missedCategory } = error;
          if (error.kind !== kind) return as ?? [];
          if (missedCategory !== undefined) increase(objects, missedCategory, -1);
          return fixed ?? [];
        });
        const count = errors.filter((error) => error.kind === kind).length;
        return { count, dAP: Math.max(0, gain([...changed, ...right], objects)) };
      };
      const wrong = errors.flatMap(({ as }) => as ?? []);
      const ranked = [...wrong, ...right].map((point) => ({ ...point, score: point.right ? 1 : 0 }));
      const found = new Map(
        [...positives].map(([category, count]) => [category, count - (unfound.get(category) ?? 0)]),
      );
      const kinds = {
        classification: cost('classification'),
        localisation: cost('localisation'),
        both: cost('both'),
        duplicate: cost('duplicate'),
        background: cost('background'),
        missed: cost('missed'),
      };
      return {
        AP50,
        kinds,
        falsePositive: gain(ranked, positives),
        falseNegative: gain([...wrong, ...right], found),
      };
    },
  };
}

function increase(tally: Map<number, number>, category: number, by: number): void {
  tally.set(category, (tally.get(category) ?? 0) + by);
}

/** A category with detections and no object has AP 0. */
function meanAp(points: readonly TidePoint[], positives: Tally): number | null {
  const byCategory = new Map<number, TidePoint[]>();
  for (const [category, count] of positives) if (count > 0) byCategory.set(category, []);
  for (const point of points) {
    const list = byCategory.get(point.category);
    if (list === undefined) byCategory.set(point.category, [point]);
    else list.push(point);
  }
  if (byCategory.size === 0) return null;
  let sum = 0;
  for (const [category, list] of byCategory) sum += averagePrecision(list, positives.get(category) ?? 0);
  return sum / byCategory.size;
}

/** Mean of the best precision from each of the recalls 0, 0.01, … 1 on. */
function averagePrecision(points: TidePoint[], objects: number): number {
  if (objects === 0) return 0;
  points.sort((a, b) => b.score - a.score);
  const precisions = new Float64Array(points.length);
  const recalls = new Float64Array(points.length);
  let right = 0;
  points.forEach((point, i) => {
    if (point.right) right++;
    precisions[i] = right / (i + 1);
    recalls[i] = right / objects;
  });
  for (let i = points.length - 1; i > 0; i--) {
    precisions[i - 1] = Math.max(precisions[i - 1] ?? 0, precisions[i] ?? 0);
  }
  let sum = 0;
  let at = 0;
  for (let step = 0; step <= 100; step++) {
    while (at < points.length && (recalls[at] ?? 0) < step / 100) at++;
    sum += precisions[at] ?? 0;
  }
  return sum / 101;
}

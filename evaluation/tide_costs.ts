/** What each kind of mistake costs: the AP at overlap 0.5 with that kind repaired, less the AP as it is (TIDE, section 2.3). */
import type { CocoObject, CocoScoredBox } from './coco_records.js';
import { type TideError, type TideKind, type TidePoint, tidePicture } from './tide_errors.js';

export interface TideCost {
  readonly count: number;
  /** AP gained by repairing this kind alone, a fraction; 0 where rounding of the curve would make it negative. */
  readonly dAP: number;
}

export type TideCosts = Readonly<Record<TideKind, TideCost>>;

/** One category that has objects or detections. */
export interface TideCategory {
  readonly id: number;
  readonly AP50: number;
  /** Mistakes of its detections, and its missed objects; what repairing a kind everywhere gains for this category. */
  readonly kinds: TideCosts;
}

export interface TideResult {
  /**
   * Mean over the categories that have objects or detections, at overlap 0.5 with the best 100 detections of a picture:
   * not COCO's AP50, which takes 100 of each category and leaves categories without objects out. null without any.
   */
  readonly AP50: number | null;
  readonly kinds: TideCosts;
  /** AP gained if all wrong detections had the lowest scores, and if all objects not found were none. */
  readonly falsePositive: number;
  readonly falseNegative: number;
  /** By ascending id. */
  readonly categories: readonly TideCategory[];
}

export interface TideAnalysis {
  /** Takes in one picture and gives its mistakes. Of equal scores, the earlier picture's counts first. */
  add(objects: readonly CocoObject[], detections: readonly CocoScoredBox[]): readonly TideError[];
  result(): TideResult;
}

type Tally = ReadonlyMap<number, number>;
/** AP at overlap 0.5 by category. */
type CategoryAps = ReadonlyMap<number, number>;

/** What is kept of a mistake: the boxes are let go. */
interface KeptError extends Pick<TideError, 'kind' | 'as' | 'fixed'> {
  readonly category: number;
}

/** Memory: about 100 bytes a detection. */
export function createTideAnalysis(): TideAnalysis {
  const points: TidePoint[] = [];
  const right: TidePoint[] = [];
  const errors: KeptError[] = [];
  const positives = new Map<number, number>();
  const unfound = new Map<number, number>();

  /** With one kind of mistake repaired. Repaired mistakes come before the right detections, and so first of equal scores. */
  const repaired = (kind: TideKind): CategoryAps => {
    const objects = new Map(positives);
    const changed = errors.flatMap((error) => {
      if (error.kind !== kind) return error.as ?? [];
      if (kind === 'missed') increase(objects, error.category, -1);
      return error.fixed ?? [];
    });
    return categoryAps([...changed, ...right], objects);
  };

  return {
    add(objects, detections) {
      const picture = tidePicture(objects, detections);
      for (const { category_id, iscrowd } of objects) if (!iscrowd) increase(positives, category_id, 1);
      for (const category of picture.unfound) increase(unfound, category, 1);
      for (const point of picture.points) {
        points.push(point);
        if (point.right) right.push(point);
      }
      for (const { kind, as, fixed, detection, object } of picture.errors) {
        errors.push({ kind, as, fixed, category: detection?.category_id ?? object?.category_id ?? 0 });
      }
      return picture.errors;
    },

    result() {
      // Sorted once: what follows merges runs that are in order already. Equal scores stay as they came.
      points.sort((a, b) => b.score - a.score);
      right.sort((a, b) => b.score - a.score);
      errors.sort((a, b) => scoreOf(b) - scoreOf(a));
      const before = categoryAps(points, positives);
      const AP50 = mean(before);
      const gain = (after: CategoryAps) => (mean(after) ?? 0) - (AP50 ?? 0);
      const counts = countErrors(errors);
      const after = kindRecord(repaired);
      const wrong = errors.flatMap(({ as }) => as ?? []);
      const ranked = [...wrong, ...right].map((point) => ({ ...point, score: point.right ? 1 : 0 }));
      const found = new Map(
        [...positives].map(([category, count]) => [category, count - (unfound.get(category) ?? 0)]),
      );
      return {
        AP50,
        kinds: kindRecord((kind) => ({ count: counts.all[kind], dAP: Math.max(0, gain(after[kind])) })),
        falsePositive: gain(categoryAps(ranked, positives)),
        falseNegative: gain(categoryAps([...wrong, ...right], found)),
        categories: [...before]
          .sort(([a], [b]) => a - b)
          .map(([id, ap]) => ({
            id,
            AP50: ap,
            // A category that has neither objects nor detections left has nothing wrong left either.
            kinds: kindRecord((kind) => ({
              count: counts.byCategory.get(id)?.[kind] ?? 0,
              dAP: Math.max(0, (after[kind].get(id) ?? 1) - ap),
            })),
          })),
      };
    },
  };
}

/** A missed object has none, and no point on a curve either. */
function scoreOf({ as, fixed }: KeptError): number {
  return as?.score ?? fixed?.score ?? 0;
}

function kindRecord<Value>(of: (kind: TideKind) => Value): Record<TideKind, Value> {
  return {
    classification: of('classification'),
    localisation: of('localisation'),
    both: of('both'),
    duplicate: of('duplicate'),
    background: of('background'),
    missed: of('missed'),
  };
}

function countErrors(errors: readonly KeptError[]) {
  const all = kindRecord(() => 0);
  const byCategory = new Map<number, Record<TideKind, number>>();
  for (const { kind, category } of errors) {
    const own = byCategory.get(category) ?? kindRecord(() => 0);
    byCategory.set(category, own);
    own[kind]++;
    all[kind]++;
  }
  return { all, byCategory };
}

function increase(tally: Map<number, number>, category: number, by: number): void {
  tally.set(category, (tally.get(category) ?? 0) + by);
}

/** A category with detections and no object has AP 0. */
function categoryAps(points: readonly TidePoint[], positives: Tally): CategoryAps {
  const byCategory = new Map<number, TidePoint[]>();
  for (const [category, count] of positives) if (count > 0) byCategory.set(category, []);
  for (const point of points) {
    const list = byCategory.get(point.category);
    if (list === undefined) byCategory.set(point.category, [point]);
    else list.push(point);
  }
  return new Map(
    [...byCategory].map(([category, list]) => [category, averagePrecision(list, positives.get(category) ?? 0)]),
  );
}

function mean(aps: CategoryAps): number | null {
  if (aps.size === 0) return null;
  return [...aps.values()].reduce((sum, ap) => sum + ap, 0) / aps.size;
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

/** Two runs of detectors on the same pictures: what got better, what got worse, and how sure that is. */
import { type Difference, differenceOf, resamples } from './bootstrap.js';
import { byCategory, categoryOutcomes } from './category_outcomes.js';
import type { CocoCategory, CocoObject, CocoScoredBox } from './coco_records.js';
import { countPictureErrors, type PictureDifference } from './picture_errors.js';
import { createWeightedAp, type MatchedDetections } from './weighted_ap.js';

export interface ComparisonOptions {
  /** 1000 by default; fewer where that would take long, at least 200. */
  readonly resamples?: number;
  /** 0 by default. */
  readonly seed?: number;
}

export interface CategoryDifference extends CocoCategory, Difference {
  /** That show an object of the category. */
  readonly pictures: number;
  readonly objects: number;
}

export interface DetectionComparison {
  readonly resamples: number;
  readonly seed: number;
  /** Means over the categories that have objects. */
  readonly AP: Difference;
  readonly AP50: Difference;
  /** Of all classes together at each run's threshold. */
  readonly F1: Difference;
  /** Of the best F1 over all classes; null where nothing is right. */
  readonly thresholds: { readonly ours: number | null; readonly against: number | null };
  /** AP of those that have objects, by ascending id. */
  readonly categories: readonly CategoryDifference[];
  readonly pictures: {
    readonly better: number;
    readonly worse: number;
    readonly same: number;
    /** All that differ, from the greatest gain to the greatest loss. */
    readonly changed: readonly PictureDifference[];
  };
}

export interface DetectionComparer {
  /** One picture, once: `ours` and `against` are the detections of the two runs. */
  add(
    imageId: number,
    objects: readonly CocoObject[],
    ours: readonly CocoScoredBox[],
    against: readonly CocoScoredBox[],
  ): void;
  /** @param pause awaited now and then, so that others can be heard. */
  result(pause?: () => Promise<void>): Promise<DetectionComparison>;
}

/** Steps of the bootstrap, all resamples together: some seconds. */
const MOST_STEPS = 8e8;
const FEWEST_RESAMPLES = 200;

interface Run {
  /** By category. */
  readonly matched: readonly MatchedDetections[];
}

/** Memory: about 50 bytes a detection, and 8 bytes a resample and category. */
export function createDetectionComparer(
  categories: readonly CocoCategory[],
  { resamples: wanted = 1000, seed = 0 }: ComparisonOptions = {},
): DetectionComparer {
  const sorted = categories.toSorted((a, b) => a.id - b.id);
  const positions = new Map(sorted.map(({ id }, k) => [id, k]));
  const newRun = (): Run => ({ matched: sorted.map(() => ({ scores: [], pictures: [], bits: [] })) });
  const [ours, against] = [newRun(), newRun()];
  const imageIds: number[] = [];
  /** By category: picture, count, picture, count, … */
  const objectsOf = sorted.map((): number[] => []);

  return {
    add(imageId, objects, own, other) {
      const picture = imageIds.push(imageId) - 1;
      [own, other].forEach((detections, run) => {
        for (const [id, sides] of byCategory(objects, detections)) {
          const k = positions.get(id);
          if (k === undefined) continue;
          const matched = (run === 0 ? ours : against).matched[k];
          for (const { detection, bits } of categoryOutcomes(sides.objects, sides.detections)) {
            matched?.scores.push(detection.score);
            matched?.pictures.push(picture);
            matched?.bits.push(bits);
          }
          const count = sides.objects.filter(({ iscrowd }) => !iscrowd).length;
          if (run === 0 && count > 0) objectsOf[k]?.push(picture, count);
        }
      });
    },

    async result(pause) {
      const order = pictureOrder(imageIds);
      const [left, right] = [ours, against].map(({ matched }) =>
        matched.map(({ scores, pictures, bits }) =>
          createWeightedAp({ scores, bits, pictures: pictures.map((picture) => order[picture] ?? 0) }),
        ),
      );
      const truth = objectsOf.map((list) => list.map((value, i) => (i % 2 === 0 ? (order[value] ?? 0) : value)));
      const present = truth.flatMap((list, k) => (list.length > 0 ? [k] : []));
      const errors = countPictureErrors({ ours: ours.matched, against: against.matched }, objectsOf, imageIds.length);

      const measure = (weights: Int32Array) => {
        const perCategory = present.map((k) => {
          const objects = weightedObjects(truth[k] ?? [], weights);
          if (objects === 0) return undefined;
          return { ours: left?.[k]?.at(weights, objects), against: right?.[k]?.at(weights, objects) };
        });
        const mean = (of: (entry: (typeof perCategory)[number]) => number | undefined) => {
          const known = perCategory.flatMap((entry) => of(entry) ?? []);
          return known.length === 0 ? Number.NaN : known.reduce((sum, value) => sum + value, 0) / known.length;
        };
        return { perCategory, mean };
      };

      const whole = measure(new Int32Array(imageIds.length).fill(1));
      const steps = [left, right].flatMap((run) => run ?? []).reduce((sum, { work }) => sum + work, 0);
      const count = Math.max(
        Math.min(FEWEST_RESAMPLES, wanted),
        Math.min(wanted, Math.floor(MOST_STEPS / (steps + 1))),
      );
      const drawn = present.map(() => new Float64Array(count).fill(Number.NaN));
      const [ap, ap50, f1] = [new Float64Array(count), new Float64Array(count), new Float64Array(count)];
      let at = 0;
      for (const weights of resamples(imageIds.length, count, seed)) {
        const { perCategory, mean } = measure(weights);
        perCategory.forEach((entry, i) => {
          const list = drawn[i];
          if (list !== undefined && entry !== undefined) list[at] = (entry.ours?.AP ?? 0) - (entry.against?.AP ?? 0);
        });
        ap[at] = mean((entry) => entry?.ours?.AP) - mean((entry) => entry?.against?.AP);
        ap50[at] = mean((entry) => entry?.ours?.AP50) - mean((entry) => entry?.against?.AP50);
        f1[at] = errors.f1('ours', weights, order) - errors.f1('against', weights, order);
        at++;
        if (pause !== undefined && at % 10 === 0) await pause();
      }

      const figure = (side: 'ours' | 'against', of: 'AP' | 'AP50') => {
        const value = whole.mean((entry) => entry?.[side]?.[of]);
        return Number.isNaN(value) ? null : value;
      };
      const ones = new Int32Array(imageIds.length).fill(1);
      const orNull = (value: number) => (Number.isNaN(value) ? null : value);
      return {
        resamples: count,
        seed,
        AP: differenceOf(figure('ours', 'AP'), figure('against', 'AP'), ap, imageIds.length),
        AP50: differenceOf(figure('ours', 'AP50'), figure('against', 'AP50'), ap50, imageIds.length),
        F1: differenceOf(
          orNull(errors.f1('ours', ones, order)),
          orNull(errors.f1('against', ones, order)),
          f1,
          imageIds.length,
        ),
        thresholds: errors.thresholds,
        categories: present.map((k, i) => {
          const category = sorted[k] ?? { id: 0, name: '' };
          const list = truth[k] ?? [];
          const entry = whole.perCategory[i];
          const pictures = list.length / 2;
          return {
            ...category,
            pictures,
            objects: weightedObjects(list, ones),
            ...differenceOf(entry?.ours?.AP ?? null, entry?.against?.AP ?? null, drawn[i] ?? [], pictures),
          };
        }),
        pictures: errors.pictures(imageIds),
      };
    },
  };
}

/** Rank of each picture by its id: of equal scores COCO counts the lower id first. */
function pictureOrder(imageIds: readonly number[]): Uint32Array {
  const ranks = new Uint32Array(imageIds.length);
  [...imageIds.keys()]
    .sort((a, b) => (imageIds[a] ?? 0) - (imageIds[b] ?? 0))
    .forEach((picture, rank) => {
      ranks[picture] = rank;
    });
  return ranks;
}

/** @param list picture, count, picture, count, … */
function weightedObjects(list: readonly number[], weights: Int32Array): number {
  let sum = 0;
  for (let i = 0; i < list.length; i += 2) sum += (weights[list[i] ?? 0] ?? 0) * (list[i + 1] ?? 0);
  return sum;
}

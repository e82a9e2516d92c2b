/** COCO's box metric, one picture at a time: equal to pycocotools 2.0.11 in every number, whatever the order of the pictures. */
import { LowformerError } from '../core/errors.js';
import { emptyCurves, writeCurves } from './coco_curves.js';
import { isIgnored, matchDetections } from './coco_matching.js';
import { createOutcomeColumns } from './coco_outcomes.js';
import { AREA_RANGES, MAX_DETECTIONS, type MaxDetections } from './coco_parameters.js';
import type {
  CocoBbox,
  CocoCategory,
  CocoDetection,
  CocoGroundTruth,
  CocoObject,
  CocoScoredBox,
} from './coco_records.js';
import { type CocoSummary, categoryAps, cocoStats } from './coco_summary.js';

export interface CocoEvaluatorOptions {
  /** Ascending; 1, 10 and 100 by default. mmdet uses 100, 300 and 1000. */
  readonly maxDetections?: MaxDetections;
}

export interface CocoEvaluator {
  /**
   * Takes in one picture, also one without objects or without detections. Pictures may come in any order; of the
   * objects and the detections of one picture the order matters where overlaps or scores are equal: that of the files.
   *
   * @throws {LowformerError} on a picture that was given before, a category that is not in the list, a score or a box
   *   that is not finite, a negative size. Nothing of the picture is taken in then.
   */
  add(imageId: number, objects: readonly CocoObject[], detections: readonly CocoScoredBox[]): void;
  /** The figures of the pictures so far; more may follow. */
  result(): CocoSummary;
}

/**
 * Memory: 36 bytes a detection that is within `maxDetections`, nothing of the pictures themselves.
 *
 * @throws {LowformerError} on two categories of one id, and on `maxDetections` that are not ascending whole numbers.
 */
export function createCocoEvaluator(
  categories: readonly CocoCategory[],
  { maxDetections = MAX_DETECTIONS }: CocoEvaluatorOptions = {},
): CocoEvaluator {
  checkMaxDetections(maxDetections);
  const sorted = categories.toSorted((a, b) => a.id - b.id);
  const classes = sorted.map(() => ({
    columns: createOutcomeColumns(),
    /** Objects that count, by range of sizes. */
    positives: new Float64Array(AREA_RANGES.length),
    /** Those of the picture at hand. */
    objects: [] as CocoObject[],
    detections: [] as CocoScoredBox[],
  }));
  const byId = new Map(sorted.map(({ id }, k) => [id, classes[k]]));
  if (byId.size < categories.length) {
    const id = sorted.find((category, k) => category.id === sorted[k + 1]?.id)?.id;
    throw mistake('createCocoEvaluator: categories', 'each id once', id);
  }
  type Class = (typeof classes)[number];

  const pictures = new Set<number>();
  const counts = { pictures: 0, objects: 0, detections: 0 };
  let hasIdZero = false;

  function find(id: number, where: () => string): Class {
    const found = byId.get(id);
    if (found === undefined) throw mistake(`${where()}.category_id`, `one of ${listed(byId.keys())}`, id);
    return found;
  }

  function score({ columns, positives, objects, detections }: Class, imageId: number): void {
    for (let range = 0; range < AREA_RANGES.length; range++) {
      for (const object of objects) if (!isIgnored(object, range)) positives[range] = (positives[range] ?? 0) + 1;
    }
    if (detections.length > 1) detections.sort((a, b) => b.score - a.score);
    if (detections.length > maxDetections[2]) detections.length = maxDetections[2];
    const outcomes = columns.append(
      imageId,
      detections.map((detection) => detection.score),
    );
    matchDetections(objects, detections, outcomes);
  }

  return {
    add(imageId, objects, detections) {
      if (pictures.has(imageId)) throw mistake('CocoEvaluator.add', 'each picture once', imageId);
      const touched = new Set<Class>();
      try {
        objects.forEach((object, i) => {
          const where = () => `CocoEvaluator.add: picture ${imageId}: objects[${i}]`;
          checkBox(object.bbox, where);
          if (!(object.area >= 0)) throw mistake(`${where()}.area`, 'a number of 0 or more', String(object.area));
          const found = find(object.category_id, where);
          found.objects.push(object);
          touched.add(found);
        });
        detections.forEach((detection, i) => {
          const where = () => `CocoEvaluator.add: picture ${imageId}: detections[${i}]`;
          checkBox(detection.bbox, where);
          if (!Number.isFinite(detection.score)) {
            throw mistake(`${where()}.score`, 'a finite number', String(detection.score));
          }
          const found = find(detection.category_id, where);
          found.detections.push(detection);
          touched.add(found);
        });
        // From here on nothing can go wrong: a picture counts whole or not at all.
        pictures.add(imageId);
        counts.pictures++;
        counts.objects += objects.length;
        counts.detections += detections.length;
        hasIdZero ||= objects.some(({ id }) => id === 0);
        for (const found of touched) score(found, imageId);
      } finally {
        for (const found of touched) {
          found.objects = [];
          found.detections = [];
        }
      }
    },

    result() {
      const curves = emptyCurves(sorted.length, maxDetections);
      classes.forEach(({ columns, positives }, k) => {
        writeCurves(curves, k, columns.rows(), columns.order(), positives, maxDetections);
      });
      return {
        ...curves,
        stats: cocoStats(curves, maxDetections),
        perCategory: categoryAps(curves, sorted, maxDetections),
        counts: { ...counts },
        notes: hasIdZero ? [ID_ZERO] : [],
      };
    },
  };
}

/**
 * Scores a whole results file in memory. Both sides as `checkGroundTruth` and `checkDetections` return them.
 *
 * @throws {LowformerError} as `CocoEvaluator.add` does, and on detections of a picture that the ground truth lacks.
 */
export function evaluateCoco(
  groundTruth: CocoGroundTruth,
  detections: readonly CocoDetection[],
  options?: CocoEvaluatorOptions,
): CocoSummary {
  const evaluator = createCocoEvaluator(groundTruth.categories, options);
  const pictures = new Map(
    groundTruth.images.map(({ id }) => [id, { objects: [] as CocoObject[], detections: [] as CocoScoredBox[] }]),
  );
  const of = (imageId: number, where: () => string) => {
    const picture = pictures.get(imageId);
    if (picture === undefined) throw mistake(where(), `one of ${listed(pictures.keys())}`, imageId);
    return picture;
  };
  groundTruth.annotations.forEach((annotation, i) => {
    of(annotation.image_id, () => `evaluateCoco: annotations[${i}].image_id`).objects.push(annotation);
  });
  detections.forEach((detection, i) => {
    of(detection.image_id, () => `evaluateCoco: detections[${i}].image_id`).detections.push(detection);
  });
  for (const [id, picture] of pictures) evaluator.add(id, picture.objects, picture.detections);
  return evaluator.result();
}

const ID_ZERO =
  'An annotation has the id 0. pycocotools takes that for no match, and so do these figures: count ids from 1.';

function checkMaxDetections(given: MaxDetections): void {
  const ascends = given.every((value, i) => Number.isInteger(value) && value > (given[i - 1] ?? 0));
  if (!ascends || given.length !== 3) {
    throw mistake('createCocoEvaluator: maxDetections', 'three ascending whole numbers from 1', given);
  }
}

function checkBox([x, y, width, height]: CocoBbox, where: () => string): void {
  // A sum is finite only where all its parts are.
  if (Number.isFinite(x + y + width + height) && width >= 0 && height >= 0) return;
  throw mistake(
    `${where()}.bbox`,
    'finite [x, y, width, height], sizes of 0 or more',
    [x, y, width, height].join(', '),
  );
}

function listed(ids: Iterable<number>): string {
  const all = [...ids];
  return all.length <= 10 ? all.join(', ') : `${all.slice(0, 10).join(', ')}, … (${all.length} ids)`;
}

function mistake(where: string, expected: string, received: unknown): LowformerError {
  return new LowformerError({ code: 'invalid-argument', where, expected, received });
}

/** COCO's box metric, one picture at a time: equal to pycocotools 2.0.11 in every number, whatever the order of the pictures. */
import { LowformerError } from '../core/errors.js';
import { type CocoCounts, checkCocoCounts, cocoCounts } from './coco_counts.js';
import { MAX_DETECTIONS, type MaxDetections } from './coco_parameters.js';
import type {
  CocoBbox,
  CocoCategory,
  CocoDetection,
  CocoGroundTruth,
  CocoObject,
  CocoScoredBox,
} from './coco_records.js';
import { cocoCurves } from './coco_scoring.js';
import { type CocoSummary, categoryAps, cocoStats } from './coco_summary.js';
import {
  type CocoDetectionTable,
  type CocoObjectTable,
  growingDetections,
  growingObjects,
  ID_ZERO,
  markedObject,
} from './coco_tables.js';

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
  /**
   * Adds what another part of the data gave. Parts may come in any order: the figures are those of one run, to the last bit.
   * @throws {LowformerError} for other categories or `maxDetections`, and for a picture that is there already; then nothing
   *   of the part is counted.
   */
  merge(other: CocoCounts): void;
  /** Plain JSON: 7 numbers a detection, 8 an object. */
  counts(): CocoCounts;
  /** The figures of the pictures so far; more may follow. */
  result(): CocoSummary;
}

/**
 * Memory: 48 bytes a detection and 57 an object.
 *
 * @throws {LowformerError} on two categories of one id, and on `maxDetections` that are not ascending whole numbers.
 */
export function createCocoEvaluator(
  categories: readonly CocoCategory[],
  options: CocoEvaluatorOptions = {},
): CocoEvaluator {
  const scorer = createCocoScorer(categories, options);
  const { maxDetections = MAX_DETECTIONS } = options;
  const settings = { categoryIds: scorer.categories.map(({ id }) => id), maxDetections };
  const positions = new Map(scorer.categories.map(({ id }, k) => [id, k]));
  const pictures = new Map<number, number>();
  const objectTable = growingObjects();
  const detectionTable = growingDetections();

  function find(id: number, where: () => string): number {
    const found = positions.get(id);
    if (found === undefined) throw mistake(`${where()}.category_id`, `one of ${listed(positions.keys())}`, id);
    return found;
  }

  return {
    add(imageId, objects, detections) {
      if (pictures.has(imageId)) throw mistake('CocoEvaluator.add', 'each picture once', imageId);
      const objectCategories = objects.map((object, i) => {
        const where = () => `CocoEvaluator.add: picture ${imageId}: objects[${i}]`;
        checkBox(object.bbox, where);
        if (!(object.area >= 0)) throw mistake(`${where()}.area`, 'a number of 0 or more', String(object.area));
        return find(object.category_id, where);
      });
      const detectionCategories = detections.map((detection, i) => {
        const where = () => `CocoEvaluator.add: picture ${imageId}: detections[${i}]`;
        checkBox(detection.bbox, where);
        if (!Number.isFinite(detection.score)) {
          throw mistake(`${where()}.score`, 'a finite number', String(detection.score));
        }
        return find(detection.category_id, where);
      });
      // From here on nothing can go wrong: a picture counts whole or not at all.
      const picture = pictures.size;
      pictures.set(imageId, picture);
      objects.forEach((object, i) => {
        objectTable.add(picture, objectCategories[i] ?? 0, object);
      });
      detections.forEach((detection, i) => {
        detectionTable.add(picture, detectionCategories[i] ?? 0, detection);
      });
    },

    merge(other) {
      checkCocoCounts(other, settings);
      const twice = other.imageIds.find((id) => pictures.has(id));
      if (twice !== undefined) throw mistake('CocoEvaluator.merge', 'each picture once', twice);
      const first = pictures.size;
      for (const id of other.imageIds) pictures.set(id, pictures.size);
      const { objects, detections } = other;
      objects.pictures.forEach((picture, row) => {
        const category_id = objects.categories[row] ?? 0;
        const area = objects.areas[row] ?? 0;
        const object = { ...markedObject(objects.marks[row] ?? 0), category_id, bbox: boxAt(objects.boxes, row), area };
        objectTable.add(first + picture, category_id, object);
      });
      detections.pictures.forEach((picture, row) => {
        const category_id = detections.categories[row] ?? 0;
        const detection = { category_id, bbox: boxAt(detections.boxes, row), score: detections.scores[row] ?? 0 };
        detectionTable.add(first + picture, category_id, detection);
      });
    },

    counts: () => cocoCounts(settings, pictures.keys(), objectTable.table(), detectionTable.table()),

    result() {
      const places = placesById(pictures.keys());
      const placed = <Table extends CocoObjectTable | CocoDetectionTable>(table: Table) => ({
        ...table,
        pictures: table.pictures.map((picture) => places[picture] ?? 0),
      });
      return scorer.score(pictures.size, placed(objectTable.table()), placed(detectionTable.table()));
    },
  };
}

/** Scores tables of objects and detections at once. */
export interface CocoScorer {
  /** By ascending id: what the tables count their categories by. */
  readonly categories: readonly CocoCategory[];
  /** What the tables hold is taken as checked. */
  score(pictures: number, objects: CocoObjectTable, detections: CocoDetectionTable): CocoSummary;
}

/** @throws {LowformerError} as `createCocoEvaluator`. */
export function createCocoScorer(
  categories: readonly CocoCategory[],
  { maxDetections = MAX_DETECTIONS }: CocoEvaluatorOptions = {},
): CocoScorer {
  checkMaxDetections(maxDetections);
  const sorted = categories.toSorted((a, b) => a.id - b.id);
  const twice = sorted.find((category, k) => category.id === sorted[k + 1]?.id);
  if (twice !== undefined) throw mistake('createCocoEvaluator: categories', 'each id once', twice.id);
  return {
    categories: sorted,
    score(pictures, objects, detections) {
      const curves = cocoCurves({ pictures, categories: sorted.length }, objects, detections, maxDetections);
      return {
        ...curves,
        stats: cocoStats(curves, maxDetections),
        perCategory: categoryAps(curves, sorted, maxDetections),
        counts: { pictures, objects: objects.length, detections: detections.length },
        notes: objects.marks.some((marks) => (marks & ID_ZERO) !== 0) ? [NOTE_ON_ZERO] : [],
      };
    },
  };
}

/** By position, the place of each id among all, ascending: the order in which equal scores of two pictures count. */
export function placesById(ids: Iterable<number>): Uint32Array {
  const all = Float64Array.from(ids);
  const places = new Uint32Array(all.length);
  Uint32Array.from(all, (_, position) => position)
    .sort((a, b) => (all[a] ?? 0) - (all[b] ?? 0))
    .forEach((position, place) => {
      places[position] = place;
    });
  return places;
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

const NOTE_ON_ZERO =
  'An annotation has the id 0. pycocotools takes that for no match, and so do these figures: count ids from 1.';

function checkMaxDetections(given: MaxDetections): void {
  const ascends = given.every((value, i) => Number.isInteger(value) && value > (given[i - 1] ?? 0));
  if (!ascends || given.length !== 3) {
    throw mistake('createCocoEvaluator: maxDetections', 'three ascending whole numbers from 1', given);
  }
}

function boxAt(boxes: readonly number[], row: number): CocoBbox {
  const [x = 0, y = 0, width = 0, height = 0] = boxes.slice(row * 4, row * 4 + 4);
  return [x, y, width, height];
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

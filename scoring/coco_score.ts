/** COCO's figures of a dataset in the toolkit's own records: counting, JSON and table. */
import type { Notes } from '../core/notes.js';
import type { AnnotatedPicture, DetectionAnnotations, GroundTruthObject } from '../data/dataset.js';
import { comparePictureIds } from '../data/picture_id.js';
import { table } from '../drawing/text_table.js';
import { type CocoCounts, withoutIdZero } from '../evaluation/coco_counts.js';
import { createCocoEvaluator, createCocoScorer, placesById } from '../evaluation/coco_evaluator.js';
import { MAX_DETECTIONS, type MaxDetections } from '../evaluation/coco_parameters.js';
import type { CocoCategory, CocoObject, CocoScoredBox } from '../evaluation/coco_records.js';
import type { CocoSummary } from '../evaluation/coco_summary.js';
import { type CocoDetectionTable, growingObjects, ID_ZERO, joinDetections } from '../evaluation/coco_tables.js';
import { fraction, type Report } from './report.js';
import type { PlacedResults } from './results_by_picture.js';

/** Counts pictures by their position in the dataset, in any order. */
export interface CocoScore {
  add(picture: number, detections: readonly CocoScoredBox[]): void;
  counts(): CocoCounts;
  /** @throws {LowformerError} as `CocoEvaluator.merge`. */
  merge(other: CocoCounts): void;
  summary(): CocoSummary;
}

export function createCocoScore(
  annotations: DetectionAnnotations,
  notes: Notes,
  maxDetections: MaxDetections = MAX_DETECTIONS,
): CocoScore {
  const { samples } = annotations;
  const categories = cocoCategories(annotations);
  const evaluator = createCocoEvaluator(categories, { maxDetections });
  const numbers = pictureNumbers(samples);
  return {
    add(picture, detections) {
      evaluator.add(numbers[picture] ?? picture, (samples[picture]?.objects ?? []).map(cocoObject), detections);
    },
    counts: () => evaluator.counts(),
    merge: (other) => evaluator.merge(other),
    summary() {
      const summary = evaluator.result();
      if (annotations.hasIdZero !== true) return summary;
      const counted = createCocoEvaluator(categories, { maxDetections });
      counted.merge(withoutIdZero(evaluator.counts()));
      noteIdZero(annotations, summary, counted.result(), notes);
      return summary;
    },
  };
}

/**
 * The figures of results files; their detections are never made records.
 */
export function scoreCoco(
  annotations: DetectionAnnotations,
  placed: readonly PlacedResults[],
  notes: Notes,
  maxDetections: MaxDetections = MAX_DETECTIONS,
): CocoSummary {
  const { samples, categoryIds } = annotations;
  const scorer = createCocoScorer(cocoCategories(annotations), { maxDetections });
  const pictures = placesById(pictureNumbers(samples));
  const categories = placesById(categoryIds);
  const categoryOf = new Map<number, number>(categoryIds.map((id, i) => [id, categories[i] ?? i]));
  const objects = growingObjects();
  samples.forEach((sample, position) => {
    for (const object of sample.objects) {
      objects.add(pictures[position] ?? position, categoryOf.get(object.categoryId) ?? 0, cocoObject(object));
    }
  });
  const [truth, found] = [objects.table(), detectionTable(placed, { pictures, categories })];
  const summary = scorer.score(samples.length, truth, found);
  if (annotations.hasIdZero === true) {
    const marks = truth.marks.map((mark) => mark & ~ID_ZERO);
    noteIdZero(annotations, summary, scorer.score(samples.length, { ...truth, marks }, found), notes);
  }
  return summary;
}

/** What the id 0 of an object costs: pycocotools takes a match with it for none. */
function noteIdZero({ name }: DetectionAnnotations, { stats }: CocoSummary, counted: CocoSummary, notes: Notes): void {
  const figures = `AP ${fraction(stats.AP)} and not ${fraction(counted.stats.AP)}, AP50 ${fraction(stats.AP50)} and not ${fraction(counted.stats.AP50)}`;
  const message = `An annotation has the id 0. pycocotools takes a match with it for none, and so do these figures: ${figures}, which it is with ids from 1`;
  notes.add({ kind: 'annotation-id-0', where: name, message }, undefined, 0);
}

/** @param places by position among the annotations' samples and classes, the place by ascending id. */
function detectionTable(
  placed: readonly PlacedResults[],
  places: { readonly pictures: Uint32Array; readonly categories: Uint32Array },
): CocoDetectionTable {
  const tables = placed.map(({ results: { length, boxes, scores }, pictures, categories }) => ({
    length,
    pictures: replaced(pictures, places.pictures),
    categories: replaced(categories, places.categories),
    boxes,
    scores,
  }));
  const [first, ...others] = tables;
  return first !== undefined && others.length === 0 ? first : joinDetections(tables);
}

/** Looks up each number in `table`. */
function replaced(numbers: Uint32Array, table: Uint32Array): Uint32Array {
  const found = new Uint32Array(numbers.length);
  for (let i = 0; i < numbers.length; i++) found[i] = table[numbers[i] ?? 0] ?? 0;
  return found;
}

/** The classes as COCO's categories. */
export function cocoCategories({
  classes,
  categoryIds,
}: Pick<DetectionAnnotations, 'classes' | 'categoryIds'>): readonly CocoCategory[] {
  return classes.map((name, i) => ({ id: categoryIds[i] ?? i + 1, name }));
}

/** An object as COCO's annotations have it. */
export function cocoObject({ id, categoryId, box, area, crowd }: GroundTruthObject): CocoObject {
  return { id, category_id: Number(categoryId), bbox: box, area, iscrowd: crowd };
}

/** Equal scores count in the order of the pictures' ids: texts by code unit. */
export function pictureNumbers(samples: readonly AnnotatedPicture[]): readonly number[] {
  const ids = samples.map(({ id }) => id);
  if (ids.every((id) => typeof id === 'number')) return ids;
  const ranks = new Map(ids.toSorted(comparePictureIds).map((id, rank) => [id, rank]));
  return ids.map((id) => ranks.get(id) ?? 0);
}

/**
 * As JSON and as a table; -1 where COCO has -1. Of other numbers of detections than COCO's, recall is called by them:
 * AR100, AR300, AR1000.
 */
export function cocoReport(
  { stats: named, perCategory, counts }: CocoSummary,
  maxDetections: MaxDetections = MAX_DETECTIONS,
): Report {
  const names = new Map(MAX_DETECTIONS.map((usual, i) => [`AR${usual}`, `AR${maxDetections[i] ?? usual}`]));
  const stats = Object.fromEntries(Object.entries(named).map(([name, value]) => [names.get(name) ?? name, value]));
  const figures = table(
    ['figure', 'value'],
    Object.entries(stats).map(([name, value]) => [name, fraction(value)]),
    ['left', 'right'],
  );
  const categories = table(
    ['category', 'id', 'AP'],
    perCategory.map(({ id, name, AP }) => [name, String(id), fraction(AP)]),
    ['left', 'right', 'right'],
  );
  return {
    record: {
      stats,
      per_category: Object.fromEntries(perCategory.map(({ id, name, AP }) => [String(id), { name, AP }])),
    },
    text: `${counts.pictures} pictures, ${counts.objects} objects, ${counts.detections} detections\n\n${figures}\n\n${categories}`,
    headline: `AP ${fraction(named.AP)}, AP50 ${fraction(named.AP50)}, AP75 ${fraction(named.AP75)}`,
  };
}

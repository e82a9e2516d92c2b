/** Pascal VOC's mAP of a dataset in the toolkit's own records: counting, JSON and table. */
import type { DetectionAnnotations, XywhBox } from '../data/dataset.js';
import { table } from '../drawing/text_table.js';
import type { CocoScoredBox } from '../evaluation/coco_records.js';
import { createVocMap, type VocCounts, type VocResult } from '../evaluation/voc_map.js';
import { fraction, type Report } from './report.js';
import type { DetectionsOf } from './results_by_picture.js';

export interface VocChoice {
  readonly iou: number;
  readonly mode: 'area' | '11points';
  /** Widths as `x2 - x1 + 1`, as Pascal VOC's toolkit and mmdet's `VOCMetric` have them. */
  readonly legacyCoordinates: boolean;
}

/** Counts pictures by their position in the dataset, in any order. */
export interface VocScore {
  add(picture: number, detections: readonly CocoScoredBox[]): void;
  counts(): VocCounts;
  /** @throws {LowformerError} as `VocMap.merge`. */
  merge(other: VocCounts): void;
  result(): VocResult;
}

/**
 * As mmdet's `eval_map`, without the toolkit's `+ 1` unless it is chosen. Objects that are difficult and crowds (mmdet's `ignore_flag`) count
 * neither way.
 */
export function createVocScore({ classes, categoryIds, samples }: DetectionAnnotations, choice: VocChoice): VocScore {
  const map = createVocMap({
    numClasses: classes.length,
    iouThresholds: [choice.iou],
    legacyCoordinates: choice.legacyCoordinates,
    invertedDetections: 'score',
  });
  const indices = new Map<number, number>(categoryIds.map((id, index) => [id, index]));
  // A category that the dataset lacks has been refused before.
  const indexOf = (category: number) => indices.get(category) ?? -1;
  return {
    add(picture, detections) {
      const sample = samples[picture];
      map.add(
        sample?.id ?? picture,
        (sample?.objects ?? []).map(({ box, categoryId, difficult, crowd }) => ({
          box: corners(box),
          classIndex: indexOf(categoryId),
          difficult: difficult || crowd,
        })),
        detections.map(({ bbox, category_id, score }) => ({
          box: corners(bbox),
          classIndex: indexOf(category_id),
          score,
        })),
      );
    },
    counts: () => map.counts(),
    merge: (other) => map.merge(other),
    result: () => map.result({ iouThreshold: choice.iou, mode: choice.mode }),
  };
}

/** The mAP of results files. */
export function scoreVoc(annotations: DetectionAnnotations, detectionsOf: DetectionsOf, choice: VocChoice): VocResult {
  const score = createVocScore(annotations, choice);
  annotations.samples.forEach((_, picture) => {
    score.add(picture, detectionsOf(picture));
  });
  return score.result();
}

function corners([x, y, width, height]: XywhBox): readonly [number, number, number, number] {
  return [x, y, x + width, y + height];
}

/** By the dataset's own category ids; AP is null for a class without objects that count. */
export function vocReport({ classes, categoryIds }: DetectionAnnotations, result: VocResult): Report {
  const rows = result.perClass.map(({ classIndex, ...row }) => ({
    ...row,
    id: String(categoryIds[classIndex] ?? classIndex + 1),
    name: classes[classIndex] ?? '',
  }));
  const categories = table(
    ['category', 'id', 'AP', 'objects', 'detections'],
    rows.map(({ id, name, AP, objects, detections }) => [name, id, fraction(AP), `${objects}`, `${detections}`]),
    ['left', 'right', 'right', 'right', 'right'],
  );
  const headline = `mAP ${fraction(result.mAP)} at IoU ${result.iouThreshold} (${result.mode})`;
  return {
    record: {
      mAP: result.mAP,
      per_category: Object.fromEntries(rows.map(({ id, name, AP }) => [id, { name, AP }])),
    },
    text: `${headline}\n\n${categories}`,
    headline,
  };
}

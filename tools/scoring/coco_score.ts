/** COCO's figures of a dataset in the toolkit's own records: counting, JSON and table. */
import type { AnnotatedPicture, DetectionAnnotations } from '../../data/dataset.js';
import { createCocoEvaluator } from '../../evaluation/coco_evaluator.js';
import type { CocoScoredBox } from '../../evaluation/coco_records.js';
import type { CocoSummary } from '../../evaluation/coco_summary.js';
import { table } from '../text_table.js';
import { fraction, type Report } from './report.js';
import type { DetectionsOf } from './results_by_picture.js';

/** Counts pictures by their position in the dataset, in any order. */
export interface CocoScore {
  add(picture: number, detections: readonly CocoScoredBox[]): void;
  summary(): CocoSummary;
}

export function createCocoScore({ classes, categoryIds, samples }: DetectionAnnotations): CocoScore {
  const evaluator = createCocoEvaluator(classes.map((name, i) => ({ id: categoryIds[i] ?? i + 1, name })));
  const numbers = pictureNumbers(samples);
  return {
    add(picture, detections) {
      const objects = (samples[picture]?.objects ?? []).map(({ id, categoryId, box, area, crowd }) => ({
        id,
        category_id: Number(categoryId),
        bbox: box,
        area,
        iscrowd: crowd,
      }));
      evaluator.add(numbers[picture] ?? picture, objects, detections);
    },
    summary: () => evaluator.result(),
  };
}

/** The figures of results files. */
export function scoreCoco(annotations: DetectionAnnotations, detectionsOf: DetectionsOf): CocoSummary {
  const score = createCocoScore(annotations);
  annotations.samples.forEach((_, picture) => {
    score.add(picture, detectionsOf(picture));
  });
  return score.summary();
}

/** Equal scores count in the order of the pictures' ids: texts by code unit. */
export function pictureNumbers(samples: readonly AnnotatedPicture[]): readonly number[] {
  const ids = samples.map(({ id }) => id);
  if (ids.every((id) => typeof id === 'number')) return ids;
  const ranks = new Map(ids.toSorted((a, b) => (String(a) < String(b) ? -1 : 1)).map((id, rank) => [id, rank]));
  return ids.map((id) => ranks.get(id) ?? 0);
}

/** As JSON and as a table; -1 where COCO has -1. */
export function cocoReport({ stats, perCategory, counts }: CocoSummary): Report {
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
    headline: `AP ${fraction(stats.AP)}, AP50 ${fraction(stats.AP50)}, AP75 ${fraction(stats.AP75)}`,
  };
}

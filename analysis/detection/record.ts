/** A detector's report for programs. */
import type { PictureId } from '../../data/dataset.js';
import type { CocoObject, CocoScoredBox } from '../../evaluation/coco_records.js';
import type { DetectionAnalysis } from '../../evaluation/detection_analysis.js';
import type { DetectionComparison } from '../../evaluation/detection_comparison.js';
import { confusedPairs } from './confused_pairs.js';

/** More classes have the pairs that occur alone: their matrix would be millions of zeros. */
const MATRIX_CLASSES = 200;

export interface PictureNames {
  readonly idOf: (imageId: number) => PictureId;
  readonly fileNameOf: (imageId: number) => string;
}

/** As JSON: null stands for nothing to measure, but in `stats`, which are COCO's with its -1. */
export function detectionRecord(
  { coco, categories, all, macro, tide, confusion, thresholds, worst, labels }: DetectionAnalysis,
  comparison: DetectionComparison | undefined,
  names: PictureNames,
) {
  const { categories: tideCategories, ...tideAll } = tide;
  const tideOf = new Map(tideCategories.map(({ id, ...rest }) => [id, rest]));
  const ids = categories.map(({ id }) => id);
  return {
    stats: coco.stats,
    counts: coco.counts,
    per_category: Object.fromEntries(
      categories.map(({ id, ...rest }) => [String(id), { ...rest, tide: tideOf.get(id) ?? null }]),
    ),
    all: { ...all, macro },
    tide: tideAll,
    confusion: {
      score_threshold: thresholds.score,
      iou_threshold: thresholds.overlap,
      categories: ids,
      matrix: ids.length > MATRIX_CLASSES ? null : confusion,
      pairs: confusedPairs(confusion).map(({ is, taken, count }) => ({
        is: ids[is] ?? null,
        taken_for: ids[taken] ?? null,
        count,
      })),
    },
    worst: worst.map(({ imageId, weight, marks }) => ({
      image_id: names.idOf(imageId),
      file: names.fileNameOf(imageId),
      weight,
      marks: marks.map(({ kind, detection, object }) => ({ kind, ...sides(detection, object) })),
    })),
    labels: labelRecord(labels, names),
    ...(comparison === undefined ? {} : { against: comparisonRecord(comparison, names) }),
  };
}

function sides(detection: CocoScoredBox | undefined, object: CocoObject | undefined) {
  return {
    ...(detection === undefined
      ? {}
      : { detection: { category_id: detection.category_id, bbox: detection.bbox, score: detection.score } }),
    ...(object === undefined ? {} : { object: { id: object.id, category_id: object.category_id, bbox: object.bbox } }),
  };
}

function labelRecord({ missing, unfound, wrongClass, score }: DetectionAnalysis['labels'], names: PictureNames) {
  const picture = (imageId: number) => ({ image_id: names.idOf(imageId), file: names.fileNameOf(imageId) });
  return {
    score_threshold: score,
    missing: {
      count: missing.count,
      list: missing.list.map(({ imageId, detection }) => ({ ...picture(imageId), ...sides(detection, undefined) })),
    },
    wrong_class: {
      count: wrongClass.count,
      list: wrongClass.list.map(({ imageId, detection, object, overlap }) => ({
        ...picture(imageId),
        ...sides(detection, object),
        overlap,
      })),
    },
    never_found: {
      count: unfound.count,
      list: unfound.list.map(({ imageId, object, overlap }) => ({
        ...picture(imageId),
        ...sides(undefined, object),
        overlap,
      })),
    },
  };
}

function comparisonRecord({ categories, pictures, ...figures }: DetectionComparison, names: PictureNames) {
  const { changed, ...counts } = pictures;
  return {
    method: 'percentile bootstrap over pictures, paired, 95 %',
    ...figures,
    per_category: Object.fromEntries(categories.map(({ id, ...rest }) => [String(id), rest])),
    pictures: {
      ...counts,
      changed: changed.map(({ imageId, ours, against }) => ({
        image_id: names.idOf(imageId),
        file: names.fileNameOf(imageId),
        errors: ours,
        errors_against: against,
      })),
    },
  };
}

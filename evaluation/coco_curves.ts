/** COCO's arrays: what `accumulate` of pycocotools 2.0.11 gives. */
import { AREA_RANGES, IOU_THRESHOLDS, type MaxDetections, RECALL_THRESHOLDS } from './coco_parameters.js';

/** Numbers in row-major order. */
export interface CocoArray {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/**
 * T overlap thresholds, R recall thresholds, K categories by ascending id, A ranges of sizes, M numbers of detections.
 * -1 where a category has no object in a range.
 */
export interface CocoCurves {
  /** `[T, R, K, A, M]`: the best precision at that recall or beyond, 0 where the recall is not reached. */
  readonly precision: CocoArray;
  /** `[T, K, A, M]`: the largest recall. */
  readonly recall: CocoArray;
  /** `[T, R, K, A, M]`: the score at which that recall is reached, 0 where it is not. */
  readonly scores: CocoArray;
}

const T = IOU_THRESHOLDS.length;
const R = RECALL_THRESHOLDS.length;
const A = AREA_RANGES.length;

/** -1 everywhere. */
export function emptyCurves(categories: number, maxDetections: MaxDetections): CocoCurves {
  const filled = (...shape: number[]): CocoArray => ({
    shape,
    data: new Float64Array(shape.reduce((product, extent) => product * extent, 1)).fill(-1),
  });
  const M = maxDetections.length;
  return {
    precision: filled(T, R, categories, A, M),
    recall: filled(T, categories, A, M),
    scores: filled(T, R, categories, A, M),
  };
}

/**
 * Intersection over union and its kin, by the definitions of MMSegmentation 1.2 (`IoUMetric.total_area_to_metrics`), in
 * float64 where that works in float32.
 */

/** Fractions of 1; null stands for mmseg's NaN: 0 divided by 0. */
export interface ClassScores {
  readonly IoU: number | null;
  readonly Acc: number | null;
  readonly Dice: number | null;
  readonly Fscore: number | null;
  readonly Precision: number | null;
  readonly Recall: number | null;
}

export interface SegmentationClassScores extends ClassScores {
  readonly classIndex: number;
  readonly labelPixels: number;
  readonly predictedPixels: number;
}

/** Means over the classes that have the figure; null where none has. `aAcc` is the share of scored pixels that are right. */
export interface SegmentationScores {
  readonly mIoU: number | null;
  readonly mAcc: number | null;
  readonly aAcc: number | null;
  readonly mDice: number | null;
  readonly mFscore: number | null;
  readonly mPrecision: number | null;
  readonly mRecall: number | null;
  readonly perClass: readonly SegmentationClassScores[];
  /** Pixels that count: all but the ignored. */
  readonly pixels: number;
}

/**
 * Every figure from a confusion matrix of `numClasses * numClasses` pixel counts, row-major: ground truth by row,
 * prediction by column.
 */
export function segmentationScores(confusion: Float64Array, numClasses: number): SegmentationScores {
  const labelPixels = new Float64Array(numClasses);
  const predictedPixels = new Float64Array(numClasses);
  let right = 0;
  let pixels = 0;
  for (let label = 0; label < numClasses; label++) {
    for (let predicted = 0; predicted < numClasses; predicted++) {
      const count = confusion[label * numClasses + predicted] ?? 0;
      labelPixels[label] = (labelPixels[label] ?? 0) + count;
      predictedPixels[predicted] = (predictedPixels[predicted] ?? 0) + count;
      if (label === predicted) right += count;
      pixels += count;
    }
  }
  const perClass = Array.from({ length: numClasses }, (_, classIndex): SegmentationClassScores => {
    const counts = { labelPixels: labelPixels[classIndex] ?? 0, predictedPixels: predictedPixels[classIndex] ?? 0 };
    return { classIndex, ...classScores(confusion[classIndex * (numClasses + 1)] ?? 0, counts), ...counts };
  });
  const mean = (name: keyof ClassScores) => meanOfKnown(perClass.map((one) => one[name]));
  return {
    mIoU: mean('IoU'),
    mAcc: mean('Acc'),
    aAcc: ratio(right, pixels),
    mDice: mean('Dice'),
    mFscore: mean('Fscore'),
    mPrecision: mean('Precision'),
    mRecall: mean('Recall'),
    perClass,
    pixels,
  };
}

/** Dice and F-score are one number, but for a class of which no pixel is right: Dice is 0 there, the F-score 0 / 0. */
function classScores(
  intersection: number,
  { labelPixels, predictedPixels }: { readonly labelPixels: number; readonly predictedPixels: number },
): ClassScores {
  const precision = ratio(intersection, predictedPixels);
  const recall = ratio(intersection, labelPixels);
  return {
    IoU: ratio(intersection, labelPixels + predictedPixels - intersection),
    Acc: recall,
    Dice: ratio(2 * intersection, labelPixels + predictedPixels),
    Fscore: precision === null || recall === null ? null : ratio(2 * precision * recall, precision + recall),
    Precision: precision,
    Recall: recall,
  };
}

function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

function meanOfKnown(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return ratio(
    known.reduce((sum, value) => sum + value, 0),
    known.length,
  );
}

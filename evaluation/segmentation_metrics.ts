/**
 * Counts what a segmenter got right, pixel by pixel, as MMSegmentation 1.2 does (`IoUMetric.intersect_and_union`, labels
 * read as by its `LoadAnnotations`). Counts are exact integers here; there they are summed as float32.
 */
import { LowformerError } from '../core/errors.js';
import type { LabelMap } from '../core/frame.js';
import { createPairCounter } from './label_pairs.js';
import { type SegmentationScores, segmentationScores } from './segmentation_scores.js';

export type { LabelMap } from '../core/frame.js';

export interface SegmentationSettings {
  readonly numClasses: number;
  /** Ground truth of this value is left out, whatever was predicted there. May be the index of a class. */
  readonly ignoreIndex: number;
  /** Ground truth 0 is ignored too and the other values are classes counted from 1. Predictions stay as they are. */
  readonly reduceZeroLabel: boolean;
}

/** What was counted so far, as plain JSON: enough to continue, to merge and to score. */
export interface SegmentationCounts extends SegmentationSettings {
  readonly pictures: number;
  readonly ignoredPixels: number;
  /** `numClasses * numClasses` pixel counts, row-major: ground truth by row, prediction by column. */
  readonly confusion: readonly number[];
}

export interface SegmentationResult extends SegmentationScores {
  readonly pictures: number;
  readonly ignoredPixels: number;
}

export interface SegmentationMetrics {
  /**
   * Counts one picture; `picture` names it in errors. Predictions under ignored ground truth are not looked at.
   * @throws {LowformerError} when the sizes differ or a scored value is no class; then nothing of the picture is counted.
   */
  add(picture: string, truth: LabelMap, prediction: LabelMap): void;
  /** Adds what another part of the data gave. @throws {LowformerError} unless it was counted with the same settings. */
  merge(other: SegmentationCounts): void;
  counts(): SegmentationCounts;
  result(): SegmentationResult;
}

/** The confusion matrix grows with the square: 64 MB of counters at this many classes. */
const MOST_CLASSES = 4096;

/**
 * Streaming segmentation scores, one picture at a time, in memory that does not grow.
 * `ignoreIndex` defaults to 255, `reduceZeroLabel` to false; with the latter, `ignoreIndex` has to lie beyond the labels,
 * where mmseg's rule (0 becomes 255, 255 stays, the others lose 1) has one meaning.
 * @throws {LowformerError} for settings that contradict one another.
 */
export function createSegmentationMetrics(
  options: Pick<SegmentationSettings, 'numClasses'> & Partial<SegmentationSettings>,
): SegmentationMetrics {
  const settings = checkedSettings({ ignoreIndex: 255, reduceZeroLabel: false, ...options });
  const { numClasses } = settings;
  const confusion = new Float64Array(numClasses * numClasses);
  let pictures = 0;
  let ignoredPixels = 0;

  // Of one picture: a row each for the classes, the ignored, the impossible; a column each for the classes, the impossible.
  const columns = numClasses + 1;
  const cells = new Uint32Array((numClasses + 2) * columns);
  const rowOf = rowOfValue(settings);
  const counter = createPairCounter(rowOf, columns);

  return {
    add(picture, truth, prediction) {
      checkSizes(picture, truth, prediction);
      cells.fill(0);
      counter.count(truth.labels, prediction.labels, cells);
      if (hasImpossible(cells, numClasses)) throw impossibleValue(picture, truth, prediction, rowOf, settings);
      for (let label = 0; label < numClasses; label++) {
        for (let predicted = 0; predicted < numClasses; predicted++) {
          const cell = label * numClasses + predicted;
          confusion[cell] = (confusion[cell] ?? 0) + (cells[label * columns + predicted] ?? 0);
        }
      }
      for (let column = 0; column < columns; column++) ignoredPixels += cells[numClasses * columns + column] ?? 0;
      pictures++;
    },
    merge(other) {
      checkCounts(other, settings);
      pictures += other.pictures;
      ignoredPixels += other.ignoredPixels;
      other.confusion.forEach((count, cell) => {
        confusion[cell] = (confusion[cell] ?? 0) + count;
      });
    },
    counts: () => ({ ...settings, pictures, ignoredPixels, confusion: Array.from(confusion) }),
    result: () => ({ ...segmentationScores(confusion, numClasses), pictures, ignoredPixels }),
  };
}

/** The row of `cells` for every raw ground-truth value. */
function rowOfValue({ numClasses, ignoreIndex, reduceZeroLabel }: SegmentationSettings): Uint16Array {
  return Uint16Array.from({ length: 65536 }, (_, value) => {
    if (value === ignoreIndex || (reduceZeroLabel && value === 0)) return numClasses;
    const classIndex = reduceZeroLabel ? value - 1 : value;
    return classIndex < numClasses ? classIndex : numClasses + 1;
  });
}

function hasImpossible(cells: Uint32Array, numClasses: number): boolean {
  const columns = numClasses + 1;
  for (let label = 0; label < numClasses; label++) {
    if (cells[label * columns + numClasses] !== 0) return true;
  }
  return cells.subarray((numClasses + 1) * columns).some((count) => count !== 0);
}

/** The first value that is no class, with its place. */
function impossibleValue(
  picture: string,
  truth: LabelMap,
  prediction: LabelMap,
  rowOf: Uint16Array,
  { numClasses, ignoreIndex, reduceZeroLabel }: SegmentationSettings,
): LowformerError {
  const row = (i: number) => rowOf[truth.labels[i] ?? 0] ?? 0;
  const isImpossible = (i: number) =>
    row(i) > numClasses || (row(i) < numClasses && (prediction.labels[i] ?? 0) >= numClasses);
  const i = truth.labels.findIndex((_, position) => isImpossible(position));
  const at = `at x ${i % truth.width}, y ${Math.floor(i / truth.width)}`;
  if (row(i) < numClasses) {
    const expected = `a class from 0 to ${numClasses - 1}`;
    const predicted = prediction.labels[i];
    const hint = predicted === 65535 ? 'This stands for no class: where predictions count from 1, for 0.' : undefined;
    return mistake(`${picture}: prediction ${at}`, expected, predicted, hint);
  }
  const value = truth.labels[i] ?? 0;
  const classes = reduceZeroLabel ? `from 1 to ${numClasses}, or 0 or` : `from 0 to ${numClasses - 1}, or`;
  const countsFromOne = !reduceZeroLabel && value === numClasses;
  const hint = countsFromOne ? 'Where labels count from 1 and 0 is to be ignored, set reduce_zero_label' : undefined;
  return mistake(`${picture}: label ${at}`, `a class ${classes} ${ignoreIndex} (ignored)`, value, hint);
}

function checkSizes(picture: string, truth: LabelMap, prediction: LabelMap): void {
  const size = (map: LabelMap) => `${map.width}x${map.height}`;
  if (truth.width !== prediction.width || truth.height !== prediction.height) {
    throw mistake(picture, `a prediction of the labels' size ${size(truth)}`, size(prediction));
  }
  for (const [name, map] of Object.entries({ labels: truth, prediction })) {
    if (map.labels.length !== map.width * map.height) {
      throw mistake(`${picture}: ${name}`, `${map.width * map.height} values for ${size(map)}`, map.labels.length);
    }
  }
}

function checkedSettings(settings: SegmentationSettings): SegmentationSettings {
  const { numClasses, ignoreIndex, reduceZeroLabel } = settings;
  const isCount = Number.isInteger(numClasses) && numClasses >= 1 && numClasses <= MOST_CLASSES;
  if (!isCount) throw mistake('numClasses', `an integer from 1 to ${MOST_CLASSES}`, numClasses);
  if (!Number.isInteger(ignoreIndex) || ignoreIndex < 0 || ignoreIndex > 65535) {
    throw mistake('ignoreIndex', 'an integer from 0 to 65535', ignoreIndex);
  }
  if (reduceZeroLabel && ignoreIndex <= numClasses) {
    throw mistake(
      'ignoreIndex',
      `a value beyond the labels 0 to ${numClasses} that reduceZeroLabel reads`,
      ignoreIndex,
    );
  }
  return { numClasses, ignoreIndex, reduceZeroLabel };
}

function checkCounts(counts: SegmentationCounts, settings: SegmentationSettings): void {
  const shown = ({ numClasses, ignoreIndex, reduceZeroLabel }: SegmentationSettings) =>
    `numClasses ${numClasses}, ignoreIndex ${ignoreIndex}, reduceZeroLabel ${reduceZeroLabel}`;
  if (shown(counts) !== shown(settings)) throw mistake('merge', `counts made with ${shown(settings)}`, shown(counts));
  const cells = settings.numClasses ** 2;
  if (counts.confusion.length !== cells) throw mistake('merge: confusion', `${cells} counts`, counts.confusion.length);
  const isCount = (value: number) => Number.isSafeInteger(value) && value >= 0;
  counts.confusion.forEach((value, i) => {
    if (!isCount(value)) throw mistake(`merge: confusion[${i}]`, 'a count of pixels', value);
  });
  if (!isCount(counts.pictures)) throw mistake('merge: pictures', 'a count of pictures', counts.pictures);
  if (!isCount(counts.ignoredPixels)) throw mistake('merge: ignoredPixels', 'a count of pixels', counts.ignoredPixels);
}

function mistake(where: string, expected: string, received: unknown, hint?: string): LowformerError {
  return new LowformerError({
    code: 'invalid-argument',
    where,
    expected,
    received,
    ...(hint === undefined ? {} : { hint }),
  });
}

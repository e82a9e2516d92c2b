/** Two runs of segmentors on the same pictures: what got better, what got worse, and how sure that is. */
import { type Difference, differenceOf, resamples } from './bootstrap.js';
import type { ComparisonOptions } from './detection_comparison.js';
import { distinctScenes, type Scene, sceneSignature } from './same_scene.js';
import { createSegmentationMetrics, type LabelMap, type SegmentationSettings } from './segmentation_metrics.js';

export interface ClassDifference extends Difference {
  readonly classIndex: number;
  /** That show the class in their labels or in a prediction. */
  readonly pictures: number;
}

/** Shares of the scored pixels that are wrong. */
export interface SegmentedPictureDifference {
  readonly picture: string;
  readonly ours: number;
  readonly against: number;
}

export interface SegmentationComparison {
  readonly resamples: number;
  readonly seed: number;
  readonly mIoU: Difference;
  readonly aAcc: Difference;
  /** IoU by class. */
  readonly classes: readonly ClassDifference[];
  readonly pictures: {
    readonly better: number;
    readonly worse: number;
    readonly same: number;
    /** All that differ, from the greatest gain to the greatest loss. */
    readonly changed: readonly SegmentedPictureDifference[];
    /** The greatest gains and losses that do not show nearly the same. */
    readonly gained: readonly SegmentedPictureDifference[];
    readonly lost: readonly SegmentedPictureDifference[];
  };
}

export interface SegmentationComparer {
  /** One picture, once. @throws {LowformerError} as `SegmentationMetrics.add`. */
  add(picture: string, truth: LabelMap, ours: LabelMap, against: LabelMap): void;
  /** @param pause awaited now and then, so that others can be heard. */
  result(pause?: () => Promise<void>): Promise<SegmentationComparison>;
}

/** Of gains and losses each. */
const NOTABLE = 3;

/** Of one picture and run, the classes that occur. */
interface Counts {
  readonly classes: Uint16Array;
  /** Right pixels of each, and pixels of label and prediction together. */
  readonly right: Float64Array;
  readonly union: Float64Array;
  readonly wrong: number;
  readonly pixels: number;
}

interface CountedPicture extends Scene {
  readonly name: string;
  readonly ours: Counts;
  readonly against: Counts;
}

/** Memory: some 40 bytes a picture, run and class that occurs in it. */
export function createSegmentationComparer(
  settings: Pick<SegmentationSettings, 'numClasses'> & Partial<SegmentationSettings>,
  { resamples: wanted = 1000, seed = 0 }: ComparisonOptions = {},
): SegmentationComparer {
  const { numClasses } = settings;
  const pictures: CountedPicture[] = [];
  const counted = (picture: string, truth: LabelMap, prediction: LabelMap): Counts => {
    const metrics = createSegmentationMetrics(settings);
    metrics.add(picture, truth, prediction);
    return sparse(metrics.counts().confusion, numClasses);
  };
  return {
    add(name, truth, ours, against) {
      const [place, signature] = [pictures.length, sceneSignature(truth)];
      pictures.push({
        name,
        place,
        signature,
        ours: counted(name, truth, ours),
        against: counted(name, truth, against),
      });
    },
    async result(pause) {
      const whole = new Int32Array(pictures.length).fill(1);
      const [ours, against] = [
        score(pictures, 'ours', whole, numClasses),
        score(pictures, 'against', whole, numClasses),
      ];
      const drawn = Array.from({ length: numClasses }, () => new Float64Array(wanted).fill(Number.NaN));
      const [mIoU, aAcc] = [new Float64Array(wanted), new Float64Array(wanted)];
      let at = 0;
      for (const weights of resamples(pictures.length, wanted, seed)) {
        const [left, right] = [
          score(pictures, 'ours', weights, numClasses),
          score(pictures, 'against', weights, numClasses),
        ];
        mIoU[at] = left.mIoU - right.mIoU;
        aAcc[at] = left.aAcc - right.aAcc;
        drawn.forEach((list, index) => {
          list[at] = (left.IoU[index] ?? Number.NaN) - (right.IoU[index] ?? Number.NaN);
        });
        at++;
        if (pause !== undefined && at % 10 === 0) await pause();
      }
      const shows = new Uint32Array(numClasses);
      for (const picture of pictures) {
        for (const index of new Set([...picture.ours.classes, ...picture.against.classes])) {
          shows[index] = (shows[index] ?? 0) + 1;
        }
      }
      return {
        resamples: wanted,
        seed,
        mIoU: differenceOf(orNull(ours.mIoU), orNull(against.mIoU), mIoU, pictures.length),
        aAcc: differenceOf(orNull(ours.aAcc), orNull(against.aAcc), aAcc, pictures.length),
        classes: drawn.map((list, classIndex) => ({
          classIndex,
          pictures: shows[classIndex] ?? 0,
          ...differenceOf(orNull(ours.IoU[classIndex]), orNull(against.IoU[classIndex]), list, shows[classIndex] ?? 0),
        })),
        pictures: changes(pictures),
      };
    },
  };
}

function sparse(confusion: readonly number[], numClasses: number): Counts {
  const [label, predicted] = [new Float64Array(numClasses), new Float64Array(numClasses)];
  let right = 0;
  let pixels = 0;
  confusion.forEach((count, cell) => {
    if (count === 0) return;
    const [row, column] = [Math.floor(cell / numClasses), cell % numClasses];
    label[row] = (label[row] ?? 0) + count;
    predicted[column] = (predicted[column] ?? 0) + count;
    pixels += count;
    if (row === column) right += count;
  });
  const classes = Uint16Array.from([...label.keys()].filter((k) => (label[k] ?? 0) + (predicted[k] ?? 0) > 0));
  const correct = Float64Array.from(classes, (k) => confusion[k * numClasses + k] ?? 0);
  const union = Float64Array.from(classes, (k, i) => (label[k] ?? 0) + (predicted[k] ?? 0) - (correct[i] ?? 0));
  return { classes, right: correct, union, wrong: pixels - right, pixels };
}

/** NaN where there is nothing to measure. */
function score(pictures: readonly CountedPicture[], side: 'ours' | 'against', weights: Int32Array, numClasses: number) {
  const [right, union] = [new Float64Array(numClasses), new Float64Array(numClasses)];
  let wrong = 0;
  let pixels = 0;
  pictures.forEach((picture, p) => {
    const weight = weights[p] ?? 0;
    if (weight === 0) return;
    const counts = picture[side];
    wrong += weight * counts.wrong;
    pixels += weight * counts.pixels;
    for (let i = 0; i < counts.classes.length; i++) {
      const k = counts.classes[i] ?? 0;
      right[k] = (right[k] ?? 0) + weight * (counts.right[i] ?? 0);
      union[k] = (union[k] ?? 0) + weight * (counts.union[i] ?? 0);
    }
  });
  const IoU = right.map((own, k) => own / (union[k] ?? 0));
  const known = IoU.filter((value) => !Number.isNaN(value));
  return { IoU, mIoU: known.reduce((sum, value) => sum + value, 0) / known.length, aAcc: 1 - wrong / pixels };
}

function changes(pictures: readonly CountedPicture[]): SegmentationComparison['pictures'] {
  const share = ({ wrong, pixels }: Counts) => (pixels === 0 ? 0 : wrong / pixels);
  const all = pictures.map(({ name, ours, against, place, signature }) => {
    const difference = { picture: name, ours: share(ours), against: share(against) };
    return { difference, gain: difference.against - difference.ours, place, signature };
  });
  const changed = all.filter(({ gain }) => gain !== 0).sort((a, b) => b.gain - a.gain);
  const better = changed.filter(({ gain }) => gain > 0);
  const worse = changed.filter(({ gain }) => gain < 0).toReversed();
  const few = (list: typeof changed) => distinctScenes(list, NOTABLE).map(({ picture }) => picture.difference);
  return {
    better: better.length,
    worse: worse.length,
    same: all.length - changed.length,
    changed: changed.map(({ difference }) => difference),
    gained: few(better),
    lost: few(worse),
  };
}

function orNull(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : value;
}

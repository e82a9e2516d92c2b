/** Why a segmenter scores what it scores. */
import { distinctScenes, type Scene, sceneSignature } from './same_scene.js';
import {
  createSegmentationMetrics,
  type LabelMap,
  type SegmentationResult,
  type SegmentationSettings,
} from './segmentation_metrics.js';
import { createWorstPictures } from './worst_pictures.js';

export interface ClassConfusion {
  readonly label: number;
  readonly predicted: number;
  readonly pixels: number;
}

export interface WorstSegmentation {
  readonly picture: string;
  /** Share of the scored pixels that are wrong. */
  readonly wrong: number;
  readonly wrongPixels: number;
  readonly pixels: number;
  readonly mIoU: number | null;
  /** What was most often taken for something else, most pixels first; three at most. */
  readonly confusions: readonly ClassConfusion[];
  /** Pictures that are bad too, and left out of the list for showing nearly the same. */
  readonly alike: readonly string[];
}

/** Of so many times as many bad pictures as are wanted, those that show the same are left out. */
const POOL = 20;

export interface SegmentationAnalysis {
  readonly scores: SegmentationResult;
  /** By class: share of the scored pixels that are labelled so, and that were predicted so. */
  readonly shares: readonly { readonly label: number; readonly predicted: number }[];
  /** Pixels; rows: what is there; columns: what was predicted. */
  readonly confusion: readonly (readonly number[])[];
  /** All that occur, most pixels first. */
  readonly confusions: readonly ClassConfusion[];
  /** By the share of wrong pixels; of neighbours that show nearly the same (see `SAME_SCENE`) the worst. */
  readonly worst: readonly WorstSegmentation[];
}

export interface SegmentationAnalyser {
  /** @throws {LowformerError} as `SegmentationMetrics.add`. */
  add(picture: string, truth: LabelMap, prediction: LabelMap): void;
  result(): SegmentationAnalysis;
}

/** Numbers as `createSegmentationMetrics` has them. `worst` of the options: how many of the worst pictures are kept. */
export function createSegmentationAnalyser(
  settings: Pick<SegmentationSettings, 'numClasses'> & Partial<SegmentationSettings>,
  { worst = 12 }: { readonly worst?: number } = {},
): SegmentationAnalyser {
  const { numClasses } = settings;
  const metrics = createSegmentationMetrics(settings);
  const pictures = createWorstPictures<Candidate>(worst * POOL);
  let position = 0;
  return {
    add(picture, truth, prediction) {
      const own = createSegmentationMetrics(settings);
      own.add(picture, truth, prediction);
      const counts = own.counts();
      metrics.merge(counts);
      const { mIoU, aAcc, pixels } = own.result();
      const wrong = aAcc === null ? 0 : 1 - aAcc;
      const place = position++;
      pictures.offer(wrong, () => {
        const confusions = confusionsOf(counts.confusion, numClasses);
        const wrongPixels = confusions.reduce((sum, confusion) => sum + confusion.pixels, 0);
        const shown = { picture, wrong, wrongPixels, pixels, mIoU, confusions: confusions.slice(0, 3) };
        return { shown, place, signature: sceneSignature(truth) };
      });
    },
    result() {
      const { confusion } = metrics.counts();
      const scores = metrics.result();
      const share = (part: number) => (scores.pixels === 0 ? 0 : part / scores.pixels);
      return {
        scores,
        shares: scores.perClass.map(({ labelPixels, predictedPixels }) => ({
          label: share(labelPixels),
          predicted: share(predictedPixels),
        })),
        confusion: Array.from({ length: numClasses }, (_, row) =>
          confusion.slice(row * numClasses, (row + 1) * numClasses),
        ),
        confusions: confusionsOf(confusion, numClasses),
        worst: distinct(pictures.list(), worst),
      };
    },
  };
}

interface Candidate extends Scene {
  readonly shown: Omit<WorstSegmentation, 'alike'>;
}

function distinct(candidates: readonly Candidate[], most: number): readonly WorstSegmentation[] {
  return distinctScenes(candidates, most).map(({ picture, alike }) => ({
    ...picture.shown,
    alike: alike.map(({ shown }) => shown.picture),
  }));
}

function confusionsOf(confusion: readonly number[], numClasses: number): readonly ClassConfusion[] {
  return confusion
    .flatMap((pixels, cell) => {
      const [label, predicted] = [Math.floor(cell / numClasses), cell % numClasses];
      return pixels === 0 || label === predicted ? [] : [{ label, predicted, pixels }];
    })
    .sort((a, b) => b.pixels - a.pixels);
}

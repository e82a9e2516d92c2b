/** Why a detector scores what it scores: everything about a set of detections that one pass over the pictures can tell. */
import { type CategoryBreakdown, categoryBreakdown } from './coco_breakdown.js';
import { createCocoEvaluator } from './coco_evaluator.js';
import { FALSE_SHIFT, matchDetections } from './coco_matching.js';
import { AREA_RANGES, MAX_DETECTIONS } from './coco_parameters.js';
import type { CocoCategory, CocoObject, CocoScoredBox } from './coco_records.js';
import type { CocoSummary } from './coco_summary.js';
import {
  createDetectionConfusion,
  type DetectionMark,
  errorWeight,
  type MatchThresholds,
  matchAcrossCategories,
} from './detection_confusion.js';
import {
  type BestThreshold,
  bestThreshold,
  type Calibration,
  calibration,
  type ScoreBin,
  type ScoredOutcomes,
  scoreHistogram,
} from './score_profile.js';
import { createTideAnalysis, type TideResult } from './tide_costs.js';
import { createWorstPictures } from './worst_pictures.js';

export interface DetectionAnalysisOptions {
  /** Of the confusion matrix and the worst pictures; 0.3 by default. */
  readonly scoreThreshold?: number;
  /** How many of the worst pictures are kept; 12 by default. */
  readonly worst?: number;
}

/** Scores against outcomes at overlap 0.5. */
export interface ScoreProfile {
  readonly objects: number;
  readonly detections: number;
  readonly histogram: readonly ScoreBin[];
  readonly best: BestThreshold | null;
  readonly calibration: Calibration | null;
}

export interface CategoryAnalysis extends CocoCategory, CategoryBreakdown, ScoreProfile {}

export interface WorstDetections {
  readonly imageId: number;
  /** Sum over its errors: the score of a wrong detection, 1 for a missed object. */
  readonly weight: number;
  readonly marks: readonly DetectionMark[];
}

export interface DetectionAnalysis {
  readonly coco: CocoSummary;
  /** By ascending id. */
  readonly categories: readonly CategoryAnalysis[];
  readonly all: ScoreProfile;
  readonly tide: TideResult;
  /** Rows: what is there; columns: what was found; categories as above, then background. */
  readonly confusion: readonly (readonly number[])[];
  readonly thresholds: MatchThresholds;
  readonly worst: readonly WorstDetections[];
}

export interface DetectionAnalyser {
  /** One picture, once, also one without objects or detections. @throws {LowformerError} as `CocoEvaluator.add`. */
  add(imageId: number, objects: readonly CocoObject[], detections: readonly CocoScoredBox[]): void;
  result(): DetectionAnalysis;
}

/**
 * Curves and AP are COCO's, the kinds of errors TIDE's; right and wrong by score are by COCO's matching at overlap 0.5,
 * crowds and what lies in them left out. Memory: about 200 bytes a detection.
 * @throws {LowformerError} as `createCocoEvaluator`.
 */
export function createDetectionAnalyser(
  categories: readonly CocoCategory[],
  { scoreThreshold = 0.3, worst = 12 }: DetectionAnalysisOptions = {},
): DetectionAnalyser {
  const thresholds = { score: scoreThreshold, overlap: 0.5 };
  const evaluator = createCocoEvaluator(categories);
  const sorted = categories.toSorted((a, b) => a.id - b.id);
  const tide = createTideAnalysis();
  const confusion = createDetectionConfusion(sorted.map(({ id }) => id));
  const outcomes = sorted.map(({ id }) => ({ id, scores: [] as number[], right: [] as boolean[], objects: 0 }));
  const byId = new Map(outcomes.map((one) => [one.id, one]));
  const pictures = createWorstPictures<WorstDetections>(worst);

  return {
    add(imageId, objects, detections) {
      evaluator.add(imageId, objects, detections);
      tide.add(objects, detections);
      const marks = matchAcrossCategories(objects, detections, thresholds);
      confusion.add(marks);
      const weight = errorWeight(marks);
      pictures.offer(weight, () => ({ imageId, weight, marks }));
      const present = new Set([...objects, ...detections].map(({ category_id }) => category_id));
      for (const id of present) {
        const profile = byId.get(id);
        if (profile === undefined) continue;
        const own = objects.filter(({ category_id }) => category_id === id);
        const counted = outcomesAtHalf(
          own,
          detections.filter(({ category_id }) => category_id === id),
        );
        profile.objects += own.filter(({ iscrowd }) => !iscrowd).length;
        for (const { score, right } of counted) {
          profile.scores.push(score);
          profile.right.push(right);
        }
      }
    },

    result() {
      const coco = evaluator.result();
      return {
        coco,
        categories: sorted.map((category, k) => {
          const profile = outcomes[k] ?? { scores: [], right: [], objects: 0 };
          return { ...category, ...categoryBreakdown(coco, k), ...scoreProfile(profile) };
        }),
        all: scoreProfile({
          scores: outcomes.flatMap(({ scores }) => scores),
          right: outcomes.flatMap(({ right }) => right),
          objects: outcomes.reduce((sum, { objects }) => sum + objects, 0),
        }),
        tide: tide.result(),
        confusion: confusion.matrix(),
        thresholds,
        worst: pictures.list(),
      };
    },
  };
}

function scoreProfile(outcomes: ScoredOutcomes): ScoreProfile {
  return {
    objects: outcomes.objects,
    detections: outcomes.scores.length,
    histogram: scoreHistogram(outcomes),
    best: bestThreshold(outcomes),
    calibration: calibration(outcomes),
  };
}

/** Detections of one category and picture that count, with what became of them. */
function outcomesAtHalf(objects: readonly CocoObject[], detections: readonly CocoScoredBox[]) {
  const counting = detections.toSorted((a, b) => b.score - a.score).slice(0, MAX_DETECTIONS[2]);
  const outcomes = new Uint32Array(counting.length * AREA_RANGES.length);
  matchDetections(objects, counting, outcomes);
  return counting.flatMap(({ score }, d) => {
    const outcome = outcomes[d * AREA_RANGES.length] ?? 0;
    const right = (outcome & 1) === 1;
    return right || (outcome >> FALSE_SHIFT) & 1 ? [{ score, right }] : [];
  });
}

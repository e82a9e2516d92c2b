/** Why a detector scores what it scores: everything about a set of detections that one pass over the pictures can tell. */
import { byCategory, categoryOutcomes } from './category_outcomes.js';
import { type CategoryBreakdown, categoryBreakdown } from './coco_breakdown.js';
import { createCocoEvaluator } from './coco_evaluator.js';
import { FALSE_SHIFT } from './coco_matching.js';
import type { CocoCategory, CocoObject, CocoScoredBox } from './coco_records.js';
import type { CocoSummary } from './coco_summary.js';
import { createDetectionConfusion, type MatchThresholds, matchAcrossCategories } from './detection_confusion.js';
import { createLabelSuggester, type LabelSuggestions } from './label_suggestions.js';
import {
  type BestThreshold,
  bestMacroThreshold,
  bestThreshold,
  type Calibration,
  type ConfidenceCurve,
  calibration,
  confidenceCurve,
  type MacroThreshold,
  type ScoreBin,
  type ScoredOutcomes,
  scoreHistogram,
} from './score_profile.js';
import { createTideAnalysis, type TideResult } from './tide_costs.js';
import { type TideMark, tideMarks, weightOfErrors } from './tide_marks.js';
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
  readonly curve: ConfidenceCurve | null;
  readonly calibration: Calibration | null;
}

export interface CategoryAnalysis extends CocoCategory, CategoryBreakdown, ScoreProfile {}

export interface WorstDetections {
  readonly imageId: number;
  /** See `weightOfErrors`. */
  readonly weight: number;
  /** Of the detections above the score threshold. */
  readonly marks: readonly TideMark[];
}

export interface DetectionAnalysis {
  readonly coco: CocoSummary;
  /** By ascending id. */
  readonly categories: readonly CategoryAnalysis[];
  /** All detections together: the best threshold over all classes is this one's. */
  readonly all: ScoreProfile;
  /** Where every class weighs the same. */
  readonly macro: MacroThreshold | null;
  readonly tide: TideResult;
  /** Rows: what is there; columns: what was found; categories as above, then background. */
  readonly confusion: readonly (readonly number[])[];
  readonly thresholds: MatchThresholds;
  readonly worst: readonly WorstDetections[];
  /** Detections count as confident from the best threshold over all classes on, or the threshold above if that is more. */
  readonly labels: LabelSuggestions & { readonly score: number };
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
  const labels = createLabelSuggester();
  const pictures = createWorstPictures<WorstDetections>(worst);

  return {
    add(imageId, objects, detections) {
      evaluator.add(imageId, objects, detections);
      tide.add(objects, detections);
      confusion.add(matchAcrossCategories(objects, detections, thresholds));
      labels.add(imageId, objects, detections);
      const marks = tideMarks(objects, detections, scoreThreshold);
      const weight = weightOfErrors(marks);
      pictures.offer(weight, () => ({ imageId, weight, marks }));
      for (const [id, own] of byCategory(objects, detections)) {
        const profile = byId.get(id);
        if (profile === undefined) continue;
        profile.objects += own.objects.filter(({ iscrowd }) => !iscrowd).length;
        for (const { score, right } of outcomesAtHalf(own.objects, own.detections)) {
          profile.scores.push(score);
          profile.right.push(right);
        }
      }
    },

    result() {
      const coco = evaluator.result();
      const all = scoreProfile({
        scores: outcomes.flatMap(({ scores }) => scores),
        right: outcomes.flatMap(({ right }) => right),
        objects: outcomes.reduce((sum, { objects }) => sum + objects, 0),
      });
      const confident = Math.max(scoreThreshold, all.best?.threshold ?? scoreThreshold);
      return {
        coco,
        categories: sorted.map((category, k) => {
          const profile = outcomes[k] ?? { scores: [], right: [], objects: 0 };
          return { ...category, ...categoryBreakdown(coco, k), ...scoreProfile(profile) };
        }),
        all,
        macro: bestMacroThreshold(outcomes),
        tide: tide.result(),
        confusion: confusion.matrix(),
        thresholds,
        worst: pictures.list(),
        labels: { ...labels.result(confident), score: confident },
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
    curve: confidenceCurve(outcomes),
    calibration: calibration(outcomes),
  };
}

/** Detections of one category and picture that count, with what became of them. */
function outcomesAtHalf(objects: readonly CocoObject[], detections: readonly CocoScoredBox[]) {
  return categoryOutcomes(objects, detections).flatMap(({ detection: { score }, bits }) => {
    const right = (bits & 1) === 1;
    return right || (bits >> FALSE_SHIFT) & 1 ? [{ score, right }] : [];
  });
}

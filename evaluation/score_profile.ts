/** What scores are worth: right and wrong detections by score, the threshold of the best F1, calibration. */

/** Detections of one category, or of all. */
export interface ScoredOutcomes {
  readonly scores: readonly number[];
  /** Right at overlap 0.5, by COCO's matching. */
  readonly right: readonly boolean[];
  readonly objects: number;
}

export interface ScoreBin {
  readonly from: number;
  readonly to: number;
  readonly right: number;
  readonly wrong: number;
}

export interface BestThreshold {
  readonly threshold: number;
  readonly F1: number;
  readonly precision: number;
  readonly recall: number;
}

export interface ReliabilityBin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  readonly meanScore: number;
  /** Share of the detections in the bin that are right. */
  readonly precision: number;
}

export interface Calibration {
  /** Expected calibration error, 0 to 1. */
  readonly ECE: number;
  /** Those that hold a detection. */
  readonly bins: readonly ReliabilityBin[];
}

/** At the thresholds 0, 0.01, … 1: of the detections of that score and more. */
export interface ConfidenceCurve {
  /** null where no detection is left. */
  readonly precision: readonly (number | null)[];
  /** null where there is no object. */
  readonly recall: readonly (number | null)[];
  /** 2 right / (detections + objects); null where there are neither. */
  readonly F1: readonly (number | null)[];
}

export interface MacroThreshold {
  readonly threshold: number;
  /** Mean of the categories' F1 at that threshold. */
  readonly F1: number;
}

export const CONFIDENCE_THRESHOLDS: readonly number[] = Array.from({ length: 101 }, (_, i) => i / 100);

export const SCORE_BINS = 20;
/** As Guo et al. count them. */
export const RELIABILITY_BINS = 15;

/** Equal widths from 0 to 1; scores beyond are counted at the ends. The upper edge belongs to the next bin, 1 to the last. */
export function scoreHistogram({ scores, right }: ScoredOutcomes): readonly ScoreBin[] {
  const counts = Array.from({ length: SCORE_BINS }, () => ({ right: 0, wrong: 0 }));
  scores.forEach((score, i) => {
    const bin = counts[Math.max(0, Math.min(SCORE_BINS - 1, Math.floor(score * SCORE_BINS)))];
    if (bin !== undefined) bin[right[i] ? 'right' : 'wrong']++;
  });
  return counts.map((bin, i) => ({ from: i / SCORE_BINS, to: (i + 1) / SCORE_BINS, ...bin }));
}

/**
 * The lowest score that is worth keeping: of all thresholds that are a detection's score the one of the best F1, the
 * highest of equals. null where there is no object or nothing is right.
 */
export function bestThreshold({ scores, right, objects }: ScoredOutcomes): BestThreshold | null {
  const order = [...scores.keys()].sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0));
  let best: BestThreshold | null = null;
  let found = 0;
  order.forEach((i, place) => {
    if (right[i]) found++;
    const threshold = scores[i] ?? 0;
    // Detections of one score are kept or dropped together.
    if (objects === 0 || found === 0 || scores[order[place + 1] ?? -1] === threshold) return;
    const F1 = (2 * found) / (place + 1 + objects);
    if (F1 > (best?.F1 ?? 0)) best = { threshold, F1, precision: found / (place + 1), recall: found / objects };
  });
  return best;
}

/**
 * One threshold for all categories by the mean of their F1, of those that have objects: of all detections' scores the
 * best, the highest of equals. null where nothing is right. Of the pooled detections, where frequent categories weigh
 * more, `bestThreshold` tells.
 */
export function bestMacroThreshold(categories: readonly ScoredOutcomes[]): MacroThreshold | null {
  const counted = categories.filter(({ objects }) => objects > 0);
  const all = counted.flatMap(({ scores, right }, category) =>
    scores.map((score, i) => ({ score, right: right[i] ?? false, category })),
  );
  all.sort((a, b) => b.score - a.score);
  const found = new Float64Array(counted.length);
  const kept = new Float64Array(counted.length);
  const f1 = new Float64Array(counted.length);
  let sum = 0;
  let best: MacroThreshold | null = null;
  all.forEach(({ score, right, category }, place) => {
    kept[category] = (kept[category] ?? 0) + 1;
    if (right) found[category] = (found[category] ?? 0) + 1;
    const own = (2 * (found[category] ?? 0)) / ((kept[category] ?? 0) + (counted[category]?.objects ?? 0));
    sum += own - (f1[category] ?? 0);
    f1[category] = own;
    if (all[place + 1]?.score === score) return;
    const F1 = sum / counted.length;
    if (F1 > (best?.F1 ?? 0)) best = { threshold: score, F1 };
  });
  return best;
}

/** Precision, recall and F1 against the threshold. null where a score is no probability. */
export function confidenceCurve({ scores, right, objects }: ScoredOutcomes): ConfidenceCurve | null {
  if (scores.some((score) => !(score >= 0 && score <= 1))) return null;
  const order = [...scores.keys()].sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0));
  const precision: (number | null)[] = [];
  const recall: (number | null)[] = [];
  const F1: (number | null)[] = [];
  let kept = 0;
  let found = 0;
  for (const threshold of CONFIDENCE_THRESHOLDS.toReversed()) {
    while (kept < order.length && (scores[order[kept] ?? 0] ?? 0) >= threshold) {
      if (right[order[kept] ?? 0]) found++;
      kept++;
    }
    precision.push(kept === 0 ? null : found / kept);
    recall.push(objects === 0 ? null : found / objects);
    F1.push(kept + objects === 0 ? null : (2 * found) / (kept + objects));
  }
  return { precision: precision.reverse(), recall: recall.reverse(), F1: F1.reverse() };
}

/**
 * Expected calibration error (Guo et al., arXiv 1706.04599, equation 3) with a detection in the place of a prediction and
 * right at overlap 0.5 in the place of correct (Küppers et al., arXiv 2004.13546, by confidence alone). Bins are open below
 * and closed above, the first holds 0. null without detections, and where a score is no probability.
 */
export function calibration({ scores, right }: ScoredOutcomes): Calibration | null {
  if (scores.length === 0 || scores.some((score) => !(score >= 0 && score <= 1))) return null;
  const bins = Array.from({ length: RELIABILITY_BINS }, () => ({ count: 0, sum: 0, right: 0 }));
  scores.forEach((score, i) => {
    const bin = bins[Math.max(0, Math.ceil(score * RELIABILITY_BINS) - 1)];
    if (bin === undefined) return;
    bin.count++;
    bin.sum += score;
    if (right[i]) bin.right++;
  });
  const gap = bins.reduce((sum, bin) => sum + Math.abs(bin.right - bin.sum), 0);
  return {
    ECE: gap / scores.length,
    bins: bins.flatMap(({ count, sum, right: correct }, i) => {
      const [from, to] = [i / RELIABILITY_BINS, (i + 1) / RELIABILITY_BINS];
      return count === 0 ? [] : [{ from, to, count, meanScore: sum / count, precision: correct / count }];
    }),
  };
}

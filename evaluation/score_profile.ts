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

/** Top-1, top-5 and any other top-k accuracy of a classifier, as timm's `accuracy` and MMPretrain's `Accuracy`. */
import { LowformerError } from '../core/errors.js';

/** What was counted so far, as plain JSON. */
export interface TopKCounts {
  readonly numClasses: number;
  readonly ks: readonly number[];
  readonly pictures: number;
  /** Pictures whose class is among the best k, for every k of `ks`. */
  readonly correct: readonly number[];
}

export interface TopKResult {
  readonly pictures: number;
  readonly top: readonly {
    readonly k: number;
    readonly correct: number;
    /** From 0 to 1; null before the first picture. */
    readonly accuracy: number | null;
  }[];
}

export interface TopK {
  /**
   * Counts one picture by a score for each class (logits or probabilities: only their order matters); `target` from 0.
   * @throws {LowformerError} for a target outside the classes, another number of scores, NaN.
   */
  addScores(picture: string, target: number, scores: ArrayLike<number>): void;
  /**
   * Counts one picture by its classes, best first: all of them, or at least the largest k.
   * @throws {LowformerError} for a class outside the classes or named twice, or too short a ranking.
   */
  addRanking(picture: string, target: number, ranking: ArrayLike<number>): void;
  /** Adds what another part of the data gave. @throws {LowformerError} unless it was counted with the same settings. */
  merge(other: TopKCounts): void;
  counts(): TopKCounts;
  result(): TopKResult;
}

/**
 * Streaming top-k accuracy. A k above `numClasses` counts as `numClasses`, as in timm.
 * Of equal scores the lower class index ranks higher: one answer everywhere. `torch.topk`, which both references call, leaves
 * ties undefined: of ten equal scores its CPU code puts class 8 first, and a GPU another.
 * @throws {LowformerError} unless `ks` and `numClasses` are positive integers and `ks` differ.
 */
export function createTopK(ks: readonly number[], { numClasses }: { readonly numClasses: number }): TopK {
  if (!isPositive(numClasses)) throw mistake('numClasses', 'a positive integer', numClasses);
  if (ks.length === 0 || !ks.every(isPositive) || new Set(ks).size < ks.length) {
    throw mistake('ks', 'one or more different positive integers', ks);
  }
  const correct = ks.map(() => 0);
  let pictures = 0;

  const count = (rank: number) => {
    pictures++;
    ks.forEach((k, i) => {
      if (rank < k) correct[i] = (correct[i] ?? 0) + 1;
    });
  };
  const checkClass = (where: string, value: number) => {
    const isClass = Number.isInteger(value) && value >= 0 && value < numClasses;
    if (!isClass) throw mistake(where, `a class from 0 to ${numClasses - 1}`, value);
  };

  return {
    addScores(picture, target, scores) {
      checkClass(`${picture}: target`, target);
      if (scores.length !== numClasses) throw mistake(`${picture}: scores`, `${numClasses} scores`, scores.length);
      const own = scores[target] ?? 0;
      let rank = 0;
      for (let i = 0; i < numClasses; i++) {
        const score = scores[i] ?? 0;
        if (Number.isNaN(score)) throw mistake(`${picture}: scores[${i}]`, 'a number', score);
        if (score > own || (score === own && i < target)) rank++;
      }
      count(rank);
    },
    addRanking(picture, target, ranking) {
      checkClass(`${picture}: target`, target);
      const shortest = Math.min(numClasses, Math.max(...ks));
      if (ranking.length < shortest)
        throw mistake(`${picture}: ranking`, `at least ${shortest} classes`, ranking.length);
      const classes = Array.from(ranking);
      const seen = new Set<number>();
      classes.forEach((classIndex, i) => {
        checkClass(`${picture}: ranking[${i}]`, classIndex);
        if (seen.has(classIndex)) throw mistake(`${picture}: ranking[${i}]`, 'each class once', classIndex);
        seen.add(classIndex);
      });
      const rank = classes.indexOf(target);
      count(rank < 0 ? Number.POSITIVE_INFINITY : rank);
    },
    merge(other) {
      const shown = (counts: { readonly numClasses: number; readonly ks: readonly number[] }) =>
        `numClasses ${counts.numClasses}, ks ${counts.ks.join(' ')}`;
      const mine = shown({ numClasses, ks });
      if (shown(other) !== mine) throw mistake('merge', `counts made with ${mine}`, shown(other));
      if (!Number.isSafeInteger(other.pictures) || other.pictures < 0) {
        throw mistake('merge: pictures', 'a count of pictures', other.pictures);
      }
      const isShare = (value: number) => Number.isSafeInteger(value) && value >= 0 && value <= other.pictures;
      if (other.correct.length !== ks.length || !other.correct.every(isShare)) {
        throw mistake('merge: correct', `${ks.length} counts of at most ${other.pictures} pictures`, other.correct);
      }
      pictures += other.pictures;
      other.correct.forEach((value, i) => {
        correct[i] = (correct[i] ?? 0) + value;
      });
    },
    counts: () => ({ numClasses, ks: [...ks], pictures, correct: [...correct] }),
    result: () => ({
      pictures,
      top: ks.map((k, i) => {
        const right = correct[i] ?? 0;
        return { k, correct: right, accuracy: pictures === 0 ? null : right / pictures };
      }),
    }),
  };
}

function isPositive(value: number): boolean {
  return Number.isInteger(value) && value > 0;
}

function mistake(where: string, expected: string, received: unknown): LowformerError {
  const shown = typeof received === 'number' && !Number.isFinite(received) ? String(received) : received;
  return new LowformerError({ code: 'invalid-argument', where, expected, received: shown });
}

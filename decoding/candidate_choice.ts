/** Which class scores of a dense head become boxes, as mmdet 3's `filter_scores_and_topk` chooses: the rest is never looked at. */
import type { Tensor } from '../core/tensor.js';
import { createTopCollector } from '../geometry/ranking.js';
import type { CandidatePixels } from '../registry/define.js';
import type { DenseTestConfig } from './dense_test_cfg.js';
import { collectSigmoid, collectSoftmax, planesOf } from './score_scan.js';

/** How the class scores of each prior are to be read. */
export interface ClassScores {
  readonly classes: number;
  /** mmdet's `use_sigmoid_cls`. `softmax`: over one channel more, the background last. */
  readonly activation: 'sigmoid' | 'softmax';
}

/** The candidates of one level, best first. */
export interface ChosenScores {
  readonly scores: Float32Array;
  /** Places in `[height, width, channels]`; both views hold until the next choice. */
  readonly ids: Int32Array;
}

/**
 * Chooses among the scores of picture `index`, [N, channels, H, W]: those above `score_thr`, of which `nms_pre` stay. Owns the
 * working memory, which is bounded by `nms_pre`.
 * @throws {LowformerError} `not-a-number` for a logit that is NaN.
 */
export type ChooseCandidates = (scores: Tensor, index: number) => ChosenScores;

/** How many channels of the class map are one prior's. */
export function classChannelsOf({ classes, activation }: ClassScores): number {
  return classes + (activation === 'sigmoid' ? 0 : 1);
}

/** The choice of one head by its `test_cfg`. */
export function createCandidateChoice(
  scores: ClassScores,
  { score_thr, nms_pre }: Pick<DenseTestConfig, 'score_thr' | 'nms_pre'>,
): ChooseCandidates {
  const threshold = Math.fround(score_thr);
  const collector = createTopCollector();
  return (map, index) => {
    const planes = planesOf(map, index);
    collector.begin(nms_pre < 0 ? Number.POSITIVE_INFINITY : nms_pre);
    if (scores.activation === 'sigmoid') collectSigmoid(collector, planes, threshold);
    else collectSoftmax(collector, planes, threshold, classChannelsOf(scores));
    const { keys, ids } = collector.finish();
    const count = sliceEnd(keys.length, nms_pre);
    return { scores: keys.subarray(0, count), ids: ids.subarray(0, count) };
  };
}

/** A choice that can be made before decoding comes to it. */
export interface ChoiceAhead {
  /** The same choice; a map of which it was made ahead is not read again. */
  readonly choose: ChooseCandidates;
  /** Chooses, and keeps what was chosen until `choose` asks for it or the map is given up. */
  readonly ahead: ChooseCandidates;
}

/** What was chosen is found again by the map itself: the same object, whose data nobody changes. */
export function choiceAhead(choose: ChooseCandidates): ChoiceAhead {
  const kept = new WeakMap<Tensor, Map<number, ChosenScores>>();
  return {
    choose(map, index) {
      const pictures = kept.get(map);
      const chosen = pictures?.get(index);
      pictures?.delete(index);
      return chosen ?? choose(map, index);
    },
    ahead(map, index) {
      const { scores, ids } = choose(map, index);
      const chosen = { scores: scores.slice(), ids: ids.slice() };
      const pictures = kept.get(map) ?? new Map<number, ChosenScores>();
      kept.set(map, pictures.set(index, chosen));
      return chosen;
    },
  };
}

/** The pixels of the candidates of every level, from the outputs `cls<i>`. */
export function candidatePixelsBy(choose: ChooseCandidates): CandidatePixels {
  return (outputs, index) => {
    const levels: Int32Array[] = [];
    for (let level = 0; ; level++) {
      const map = outputs[`cls${level}`];
      if (map === undefined) return levels;
      const channels = map.shape[1] ?? 1;
      const { ids } = choose(map, index);
      levels.push(Int32Array.from(new Set(ids.map((id) => Math.floor(id / channels)))).sort());
    }
  };
}

/** Elements of Python's `sequence[:end]`. */
export function sliceEnd(length: number, end: number): number {
  return end < 0 ? Math.max(0, length + end) : Math.min(length, end);
}

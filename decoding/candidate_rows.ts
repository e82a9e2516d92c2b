/**
 * The candidates of a network that gives them out as rows (`topCandidates`): the same choice as among the maps' scores, of the
 * priors alone that can be chosen.
 */
import { LowformerError } from '../core/errors.js';
import type { Size } from '../core/frame.js';
import { sameShape, type Tensors } from '../core/tensor.js';
import { createTopCollector } from '../geometry/ranking.js';
import { logitSurelyBelow, sigmoid } from '../geometry/sigmoid.js';
import { ROWS } from '../graph/passes/top_candidates.js';
import type { ChosenScores } from './candidate_choice.js';
import { nanError } from './refuse_nan.js';

/** The output that tells the sizes of the levels' maps, [levels, 2]: height and width. */
export const SIZES = 'sizes';

/** What is told of one level of one picture. */
export interface LevelRows {
  readonly size: Size;
  /** A row's numbers are `step` apart, rows are neighbours: number `f` of row `r` is at `start + f * step + r`. */
  readonly data: Float32Array;
  readonly start: number;
  readonly step: number;
  readonly count: number;
}

export interface RowsForm {
  readonly head: string;
  readonly levels: number;
  readonly priors: number;
  readonly classes: number;
  /** Numbers of a row behind its scores. */
  readonly says: number;
  /** `nms_pre`. */
  readonly most: number;
}

/**
 * The levels of picture `index`; undefined where the network gives its maps out.
 * @throws {LowformerError} `invalid-argument` where shapes are not those of such rows.
 */
export function levelRows(outputs: Tensors, index: number, form: RowsForm): readonly LevelRows[] | undefined {
  const { [ROWS]: rows, [SIZES]: sizes } = outputs;
  if (rows === undefined || sizes === undefined) return undefined;
  const refuse = (where: string, expected: string, received: unknown): never => {
    throw new LowformerError({ code: 'invalid-argument', where: `${form.head}: ${where}`, expected, received });
  };
  if (!sameShape(sizes.shape, [form.levels, 2])) refuse(SIZES, `shape [${form.levels}, 2]`, sizes.shape);
  const [batch = 0] = rows.shape;
  const numbers = 1 + form.classes + form.says;
  const levels = Array.from({ length: form.levels }, (_, i) => {
    const size = { height: sizes.data[2 * i] ?? 0, width: sizes.data[2 * i + 1] ?? 0 };
    return { size, count: Math.min(form.most, form.priors * size.height * size.width) };
  });
  const total = levels.reduce((sum, { count }) => sum + count, 0);
  const shape = [batch, numbers, total, 1];
  if (!sameShape(rows.shape, shape)) refuse(ROWS, `shape [${shape.join(', ')}]`, rows.shape);
  if (!(index >= 0 && index < batch)) refuse('batch index', `from 0 to ${batch - 1}`, index);
  let start = index * numbers * total;
  return levels.map((level) => {
    const own = { ...level, data: rows.data, start, step: total };
    start += level.count;
    return own;
  });
}

/** Candidates of a level among its rows: `rows[i]` is where candidate `i` stands. */
export interface ChosenRows extends ChosenScores {
  readonly rows: Int32Array;
}

/**
 * Chooses as `createCandidateChoice` does with a sigmoid: scores above `score_thr`, of which `nms_pre` stay, by score and then by place.
 * Ids are places in `[height, width, channels]`.
 * @throws {LowformerError} `not-a-number` for a logit that is NaN.
 */
export function createRowChoice({ classes, most }: RowsForm, scoreThreshold: number): (level: LevelRows) => ChosenRows {
  const threshold = Math.fround(scoreThreshold);
  const collector = createTopCollector();
  return ({ data, start, step, count }) => {
    collector.begin(most);
    let floor = logitSurelyBelow(threshold);
    for (let label = 0; label < classes; label++) {
      const first = start + (1 + label) * step;
      for (let row = 0; row < count; row++) {
        const logit = data[first + row] ?? 0;
        if (logit <= floor) continue;
        if (Number.isNaN(logit)) throw nanError('class scores');
        const score = sigmoid(logit);
        if (!(score > threshold)) continue;
        const place = data[start + row] ?? 0;
        if (collector.offer(score, place * classes + label)) floor = logitSurelyBelow(collector.bar());
      }
    }
    const { keys, ids } = collector.finish();
    const at = new Map<number, number>();
    for (let row = 0; row < count; row++) at.set(data[start + row] ?? 0, row);
    return { scores: keys, ids, rows: ids.map((id) => at.get(Math.floor(id / classes)) ?? 0) };
  };
}

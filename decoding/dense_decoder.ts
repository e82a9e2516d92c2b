/**
 * From the raw outputs of a dense head to boxes (Lin et al., RetinaNet, arXiv 1708.02002, section 4.1), step by step as
 * mmdet 3's `BaseDenseHead.predict_by_feat`. mmdet permutes every map to `[positions, classes]` and takes the sigmoid of
 * all of it; here the maps are read as they lie in memory, and a logit that cannot pass costs one comparison.
 */
import { LowformerError } from '../core/errors.js';
import type { FrameTransform, Size } from '../core/frame.js';
import { sameShape, type Tensor, type Tensors } from '../core/tensor.js';
import type { BoxCoder } from '../geometry/box_coder.js';
import { PRIOR_SIZES, type PriorGenerator } from '../geometry/priors.js';
import { sigmoid } from '../geometry/sigmoid.js';
import type { CandidateRows } from '../graph/passes/top_candidates.js';
import type { CandidatePixels, DecodedBoxes } from '../registry/define.js';
import { createPart } from '../registry/part_schema.js';
import {
  type ClassScores,
  candidatePixelsBy,
  choiceAhead,
  classChannelsOf,
  createCandidateChoice,
  sliceEnd,
} from './candidate_choice.js';
import { createRowChoice, type LevelRows, levelRows, type RowsForm } from './candidate_rows.js';
import type { DenseTestConfig } from './dense_test_cfg.js';
import { refuseNan } from './refuse_nan.js';
import { type Planes, planesOf } from './score_scan.js';
import { SUPPRESSIONS } from './suppressions.js';

const f32 = Math.fround;

/** What the maps of a head mean. */
export interface DenseHeadParts {
  /** The head's type, for messages. */
  readonly head: string;
  /** The boxes or points that the positions speak of. */
  readonly priors: PriorGenerator;
  /** What four numbers say of a prior. */
  readonly coder: BoxCoder;
  readonly scores: ClassScores;
  /** The map of what each prior's scores are multiplied by after its sigmoid: `centerness` for `centerness0` and on. */
  readonly factors?: string;
}

/**
 * Decodes one picture at a time; owns the working memory, which is bounded by `nms_pre`.
 * @param outputs of every level `i`, finest first: `cls<i>` [N, A * C, H, W], the logits, channel `a * C + c`; `reg<i>`
 *   [N, A * 4, H, W], the coder's numbers, channel `a * 4` and on; with factors their logits [N, A, H, W]. Or what
 *   `topCandidates` and `createRowsRunner` make of them: `rows` and `sizes`.
 * @param index which picture of the batch
 * @param frame how the picture became the network's input
 * @throws {LowformerError} `engine-failure` without one of the outputs; when shapes contradict the priors, the classes or
 *   each other; `not-a-number` where the network gave NaN
 */
export interface DenseDecoder {
  (outputs: Tensors, index: number, frame: FrameTransform): DecodedBoxes;
  /** Where it reads `reg<i>`. Decoding the same outputs afterwards, it does not read the class scores again. */
  readonly candidatePixels: CandidatePixels;
  /** Absent where `nms_pre` bounds nothing, or scores are a softmax's. */
  readonly candidateRows?: CandidateRows;
}

/** What the head says on one level. */
interface Level {
  readonly scores: Tensor;
  readonly deltas: Tensor;
  readonly factors: Tensor | undefined;
}

/**
 * A decoder of one head. Equal scores keep mmdet's order of candidates (level, row, column, prior, class); PyTorch's own
 * sort leaves it open, and on a CPU and a GPU it differs.
 * @param test of mmdet's `test_cfg`.
 * @throws {LowformerError} `invalid-config` where the coder speaks of other priors than there are.
 */
export function createDenseDecoder(parts: DenseHeadParts, test: DenseTestConfig): DenseDecoder {
  const { priors, coder, scores } = parts;
  if (coder.priors !== priors.kind) {
    const expected = `a coder of boxes relative to ${priors.kind === 'box' ? 'boxes' : 'points'}, which the priors are`;
    throw new LowformerError({ code: 'invalid-config', where: `${parts.head}.bbox_coder`, expected });
  }
  const classChannels = classChannelsOf(scores);
  const priorSize = PRIOR_SIZES[priors.kind];
  const suppression = createPart(SUPPRESSIONS, test.nms);
  const { choose, ahead } = choiceAhead(createCandidateChoice(scores, test));
  const form: RowsForm = {
    head: parts.head,
    levels: priors.strides.length,
    priors: priors.priorsPerPosition,
    classes: scores.classes,
    says: parts.factors === undefined ? 4 : 5,
    most: test.nms_pre,
  };
  const chooseRows = createRowChoice(form, test.score_thr);

  /** As `candidatesOf`, of a level whose rows are there in place of its maps. */
  function candidatesOfRows(rows: LevelRows, level: number, frame: FrameTransform, placed: PriorGenerator): Candidates {
    const chosen = chooseRows(rows);
    const count = chosen.ids.length;
    const candidates = room(count, priorSize, parts.factors !== undefined);
    const { data, start, step, size } = rows;
    for (let i = 0; i < count; i++) {
      const id = chosen.ids[i] ?? 0;
      const place = Math.floor(id / form.classes);
      const position = Math.floor(place / form.priors);
      candidates.scores[i] = chosen.scores[i] ?? 0;
      candidates.labels[i] = id % form.classes;
      const [x, y] = [position % size.width, Math.floor(position / size.width)];
      placed.write(candidates.priors, i * priorSize, level, x, y, place % form.priors);
      toPicture(candidates.priors, i * priorSize, priorSize, frame);
      const says = start + (1 + form.classes) * step + (chosen.rows[i] ?? 0);
      for (let number = 0; number < 4; number++) candidates.deltas[i * 4 + number] = data[says + number * step] ?? 0;
      if (parts.factors !== undefined) candidates.factors[i] = data[says + 4 * step] ?? 0;
    }
    return candidates;
  }

  const candidatesOfAll = (outputs: Tensors, index: number, frame: FrameTransform): readonly Candidates[] => {
    const rows = levelRows(outputs, index, form);
    if (rows !== undefined) {
      const placed =
        priors.fitted?.(
          frame.padded,
          rows.map(({ size }) => size),
        ) ?? priors;
      return rows.map((level, i) => candidatesOfRows(level, i, frame, placed));
    }
    const levels = levelsOf(outputs, parts);
    checkLevels(parts, levels, classChannels, index);
    const placed = priors.fitted?.(frame.padded, levels.map(mapSize)) ?? priors;
    return levels.map((level, i) => candidatesOf(level, i, index, frame, placed));
  };

  function candidatesOf(
    { scores, deltas, factors }: Level,
    level: number,
    index: number,
    frame: FrameTransform,
    placed: PriorGenerator,
  ): Candidates {
    const chosen = choose(scores, index);
    const count = chosen.ids.length;
    const { channels, width } = planesOf(scores, index);
    const candidates = room(count, priorSize, factors !== undefined);
    const offsets = planesOf(deltas, index);
    const weights = factors === undefined ? undefined : planesOf(factors, index);
    for (let i = 0; i < count; i++) {
      const id = chosen.ids[i] ?? 0;
      const position = Math.floor(id / channels);
      const channel = id % channels;
      const prior = Math.floor(channel / classChannels);
      candidates.scores[i] = chosen.scores[i] ?? 0;
      candidates.labels[i] = channel % classChannels;
      placed.write(candidates.priors, i * priorSize, level, position % width, Math.floor(position / width), prior);
      toPicture(candidates.priors, i * priorSize, priorSize, frame);
      gather(candidates.deltas, i * 4, offsets, prior, position);
      if (weights !== undefined) candidates.factors[i] = weights.data[prior * weights.positions + position] ?? 0;
    }
    return candidates;
  }

  const decode = (outputs: Tensors, index: number, frame: FrameTransform): DecodedBoxes => {
    const all = concatenate(candidatesOfAll(outputs, index, frame));
    refuseNan('box deltas', all.deltas);
    const boxes = coder.decode(all.priors, all.deltas, { limits: frame.resized });
    rescale(boxes, frame);
    if (parts.factors !== undefined) weigh(parts.factors, all);
    const sizeable = dropSmall({ boxes, scores: all.scores, labels: all.labels }, test.min_bbox_size);
    // A negative `max_per_img` counts from the end, which is known only when all are found.
    const limit = test.max_per_img < 0 ? Number.POSITIVE_INFINITY : test.max_per_img;
    const kept = suppression.suppress(sizeable.boxes, sizeable.scores, sizeable.labels, limit);
    const end = sliceEnd(kept.indices.length, test.max_per_img);
    return pick(sizeable, kept.indices.subarray(0, end), kept.scores);
  };
  const rows = candidateRowsOf(parts, test);
  return Object.assign(decode, {
    candidatePixels: candidatePixelsBy(ahead),
    ...(rows === undefined ? {} : { candidateRows: rows }),
  });
}

/** Of a softmax a single logit does not tell the order, and factors lie together with the boxes' numbers where a position has one prior. */
function candidateRowsOf(
  { priors, scores, factors }: DenseHeadParts,
  test: DenseTestConfig,
): CandidateRows | undefined {
  const { priorsPerPosition, strides } = priors;
  const told = scores.activation === 'sigmoid' && (factors === undefined || priorsPerPosition === 1);
  if (!told || test.nms_pre <= 0) return undefined;
  const rows = { priors: priorsPerPosition, most: test.nms_pre, levels: strides.length };
  return factors === undefined ? rows : { ...rows, factors };
}

/** Candidates in the order in which mmdet has them: by level, then by class score. */
interface Candidates {
  readonly scores: Float32Array;
  readonly labels: Int32Array;
  readonly priors: Float32Array;
  readonly deltas: Float32Array;
  /** Logits; none where there are no factors. */
  readonly factors: Float32Array;
}

function mapSize({ scores: { shape } }: Level): Size {
  const [, , height = 0, width = 0] = shape;
  return { width, height };
}

function room(count: number, priorSize: number, withFactors: boolean): Candidates {
  return {
    scores: new Float32Array(count),
    labels: new Int32Array(count),
    priors: new Float32Array(count * priorSize),
    deltas: new Float32Array(count * 4),
    factors: new Float32Array(withFactors ? count : 0),
  };
}

/** From pixels of the padded input to those of the resized picture in it. */
function toPicture(priors: Float32Array, at: number, size: number, { left, top }: FrameTransform): void {
  for (let i = at; i < at + size; i += 2) {
    priors[i] = (priors[i] ?? 0) - left;
    priors[i + 1] = (priors[i + 1] ?? 0) - top;
  }
}

function gather(deltas: Float32Array, at: number, { data, positions }: Planes, prior: number, position: number): void {
  for (let i = 0; i < 4; i++) deltas[at + i] = data[(prior * 4 + i) * positions + position] ?? 0;
}

function concatenate(parts: readonly Candidates[]): Candidates {
  const joined = (of: (part: Candidates) => Float32Array): Float32Array => {
    const whole = new Float32Array(parts.reduce((sum, part) => sum + of(part).length, 0));
    parts.reduce((at, part) => {
      whole.set(of(part), at);
      return at + of(part).length;
    }, 0);
    return whole;
  };
  const scores = joined((part) => part.scores);
  const labels = new Int32Array(scores.length);
  parts.reduce((at, part) => {
    labels.set(part.labels, at);
    return at + part.labels.length;
  }, 0);
  return {
    scores,
    labels,
    priors: joined((part) => part.priors),
    deltas: joined((part) => part.deltas),
    factors: joined((part) => part.factors),
  };
}

/** Scores times the sigmoid of their factors, in place. */
function weigh(name: string, { scores, factors }: Candidates): void {
  refuseNan(name, factors);
  for (let i = 0; i < scores.length; i++) scores[i] = (scores[i] ?? 0) * sigmoid(factors[i] ?? 0);
}

/** From pixels of the resized picture to the original's, in place; mmdet multiplies by the float32 inverse. */
function rescale(boxes: Float32Array, { scaleX, scaleY }: FrameTransform): void {
  const inverseX = f32(1 / scaleX);
  const inverseY = f32(1 / scaleY);
  for (let i = 0; i < boxes.length; i += 2) {
    boxes[i] = (boxes[i] ?? 0) * inverseX;
    boxes[i + 1] = (boxes[i + 1] ?? 0) * inverseY;
  }
}

function dropSmall(decoded: DecodedBoxes, minBoxSize: number): DecodedBoxes {
  if (minBoxSize < 0) return decoded;
  const { boxes, scores } = decoded;
  const smallest = f32(minBoxSize);
  const large = Int32Array.from(scores, (_, i) => i).filter((i) => {
    const width = f32((boxes[i * 4 + 2] ?? 0) - (boxes[i * 4] ?? 0));
    const height = f32((boxes[i * 4 + 3] ?? 0) - (boxes[i * 4 + 1] ?? 0));
    return width > smallest && height > smallest;
  });
  if (large.length === scores.length) return decoded;
  return pick(
    decoded,
    large,
    Float32Array.from(large, (i) => scores[i] ?? 0),
  );
}

/** @param kept the new scores of the first of the indices, or of more. */
function pick({ boxes, labels }: DecodedBoxes, indices: Int32Array, kept: Float32Array): DecodedBoxes {
  const picked = new Float32Array(indices.length * 4);
  indices.forEach((from, to) => {
    for (let i = 0; i < 4; i++) picked[to * 4 + i] = boxes[from * 4 + i] ?? 0;
  });
  return { boxes: picked, scores: kept.slice(0, indices.length), labels: indices.map((i) => labels[i] ?? 0) };
}

function levelsOf(outputs: Tensors, { head, priors, factors }: DenseHeadParts): readonly Level[] {
  const output = (name: string): Tensor => {
    const tensor = outputs[name];
    if (tensor !== undefined) return tensor;
    throw new LowformerError({ code: 'engine-failure', where: head, expected: `an output '${name}'` });
  };
  return priors.strides.map((_, i) => ({
    scores: output(`cls${i}`),
    deltas: output(`reg${i}`),
    factors: factors === undefined ? undefined : output(`${factors}${i}`),
  }));
}

function checkLevels(
  { head, priors: { priorsPerPosition: priors } }: DenseHeadParts,
  levels: readonly Level[],
  classChannels: number,
  index: number,
): void {
  const refuse = (where: string, expected: string, received: unknown): never => {
    throw new LowformerError({ code: 'invalid-argument', where: `${head}: ${where}`, expected, received });
  };
  levels.forEach(({ scores, deltas, factors }, i) => {
    const [batch = 0, , height = 0, width = 0] = scores.shape;
    const check = (name: string, tensor: Tensor, channels: number) => {
      const shape = [batch, channels, height, width];
      if (!sameShape(tensor.shape, shape)) refuse(`level ${i} ${name}`, `shape [${shape}]`, tensor.shape);
    };
    check('scores', scores, priors * classChannels);
    check('deltas', deltas, priors * 4);
    if (factors !== undefined) check('factors', factors, priors);
    if (!(index >= 0 && index < batch)) refuse('batch index', `from 0 to ${batch - 1}`, index);
  });
}

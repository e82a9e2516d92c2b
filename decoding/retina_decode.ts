/**
 * From the raw outputs of a dense anchor head to boxes (Lin et al., RetinaNet, arXiv 1708.02002, section 4.1), step
 * by step as mmdet 3's `BaseDenseHead.predict_by_feat`. mmdet permutes every map to `[positions, classes]` and takes
 * the sigmoid of all of it; here the maps are read as they lie in memory, and a logit that cannot pass costs one
 * comparison.
 */
import { LowformerError } from '../core/errors.js';
import type { FrameTransform } from '../core/frame.js';
import { sameShape, type Tensor } from '../core/tensor.js';
import { type AnchorGenerator, type AnchorLevel, writeAnchor } from '../geometry/anchors.js';
import type { BoxCodec } from '../geometry/box_codec.js';
import { batchedNms, type NmsConfig } from '../geometry/nms.js';
import { createTopCollector } from '../geometry/ranking.js';
import type { DecodedBoxes } from '../registry/define.js';
import { refuseNan } from './refuse_nan.js';
import { collectSigmoid, collectSoftmax, type Planes, planesOf } from './score_scan.js';

const f32 = Math.fround;

export interface RetinaDecodeOptions {
  readonly anchors: AnchorGenerator;
  readonly codec: BoxCodec;
  readonly numClasses: number;
  /** mmdet's `use_sigmoid_cls`. False: a softmax over `numClasses + 1` channels, the background last. */
  readonly useSigmoid: boolean;
  /** mmdet's `score_thr`: only scores above it count. */
  readonly scoreThreshold: number;
  /** Candidates kept on each level; negative as in a Python slice: all but so many of the worst (mmdet's default is -1). */
  readonly nmsPre: number;
  /** In pixels of the original picture: boxes must be wider and higher; negative for no such filter. */
  readonly minBoxSize: number;
  readonly nms: NmsConfig;
  /** Boxes at most; negative as in a Python slice. */
  readonly maxPerImage: number;
}

/** What the head says on one level: batch, `anchors * channels` or `anchors * 4`, feature height, feature width. */
export interface RetinaLevel {
  /** Logits `[N, A * C, H, W]`; channel `a * C + c`. */
  readonly scores: Tensor;
  /** `[N, A * 4, H, W]`; channel `a * 4` and on: dx, dy, dw, dh. */
  readonly deltas: Tensor;
}

/** Owns the working memory, which is bounded by `nmsPre`; decodes one picture at a time. */
export interface RetinaDecoder {
  /**
   * @param levels finest first, one for each of the anchor generator's
   * @param frame how the picture became the network's input
   * @param batchIndex which picture of the batch
   * @throws {LowformerError} when shapes contradict the anchors, the classes or each other; `not-a-number` where the
   *   network gave NaN
   */
  decode(levels: readonly RetinaLevel[], frame: FrameTransform, batchIndex?: number): DecodedBoxes;
}

/**
 * A decoder of one head. Equal scores keep mmdet's order of candidates (level, row, column, anchor, class); PyTorch's
 * own sort leaves it open, and on a CPU and a GPU it differs.
 */
export function createRetinaDecoder(options: RetinaDecodeOptions): RetinaDecoder {
  const { anchors, codec, numClasses, useSigmoid, nmsPre } = options;
  const classChannels = useSigmoid ? numClasses : numClasses + 1;
  const threshold = f32(options.scoreThreshold);
  const collector = createTopCollector();

  return {
    decode(levels, frame, batchIndex = 0) {
      checkLevels(levels, anchors, classChannels, batchIndex);
      const found: Candidates[] = levels.map(({ scores, deltas }, i) => {
        const anchorLevel = anchors.levels[i];
        const map = planesOf(scores, batchIndex);
        collector.begin(nmsPre < 0 ? Number.POSITIVE_INFINITY : nmsPre);
        if (useSigmoid) collectSigmoid(collector, map, threshold);
        else collectSoftmax(collector, map, threshold, classChannels);
        const { keys, ids } = collector.finish();
        const count = sliceEnd(keys.length, nmsPre);
        const { channels, width } = map;
        const candidates = {
          scores: keys.slice(0, count),
          labels: ids.slice(0, count).map((id) => (id % channels) % classChannels),
          anchors: new Float32Array(count * 4),
          deltas: new Float32Array(count * 4),
        };
        if (anchorLevel === undefined) return candidates;
        const offsets = planesOf(deltas, batchIndex);
        for (let j = 0; j < count; j++) {
          const id = ids[j] ?? 0;
          const position = Math.floor(id / channels);
          const anchor = Math.floor((id % channels) / classChannels);
          gather(candidates, j, offsets, anchorLevel, position, anchor, width, frame);
        }
        return candidates;
      });

      const all = concatenate(found);
      refuseNan('box deltas', all.deltas);
      const boxes = codec.decode(all.anchors, all.deltas, { limits: frame.resized });
      rescale(boxes, frame);
      const sizeable = dropSmall({ boxes, scores: all.scores, labels: all.labels }, options.minBoxSize);
      // A negative `maxPerImage` counts from the end, which is known only when all are found.
      const limit = options.maxPerImage < 0 ? Number.POSITIVE_INFINITY : options.maxPerImage;
      const kept = batchedNms(sizeable.boxes, sizeable.scores, sizeable.labels, options.nms, limit);
      return pick(sizeable, kept.subarray(0, sliceEnd(kept.length, options.maxPerImage)));
    },
  };
}

/** Candidates in the order in which mmdet has them: by level, then by score. */
interface Candidates {
  readonly scores: Float32Array;
  readonly labels: Int32Array;
  readonly anchors: Float32Array;
  readonly deltas: Float32Array;
}

/** Anchor and deltas of one candidate, as numbers of the resized picture. */
function gather(
  { anchors, deltas }: Candidates,
  index: number,
  offsets: Planes,
  level: AnchorLevel,
  position: number,
  anchor: number,
  width: number,
  { left, top }: FrameTransform,
): void {
  const at = index * 4;
  writeAnchor(anchors, at, level, position % width, Math.floor(position / width), anchor);
  for (let i = 0; i < 4; i++) {
    anchors[at + i] = (anchors[at + i] ?? 0) - (i % 2 === 0 ? left : top);
    deltas[at + i] = offsets.data[(anchor * 4 + i) * offsets.positions + position] ?? 0;
  }
}

function concatenate(parts: readonly Candidates[]): Candidates {
  const count = parts.reduce((sum, { scores }) => sum + scores.length, 0);
  const all = {
    scores: new Float32Array(count),
    labels: new Int32Array(count),
    anchors: new Float32Array(count * 4),
    deltas: new Float32Array(count * 4),
  };
  let at = 0;
  for (const { scores, labels, anchors, deltas } of parts) {
    all.scores.set(scores, at);
    all.labels.set(labels, at);
    all.anchors.set(anchors, at * 4);
    all.deltas.set(deltas, at * 4);
    at += scores.length;
  }
  return all;
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
  return large.length === scores.length ? decoded : pick(decoded, large);
}

function pick({ boxes, scores, labels }: DecodedBoxes, indices: Int32Array): DecodedBoxes {
  const picked = new Float32Array(indices.length * 4);
  indices.forEach((from, to) => {
    for (let i = 0; i < 4; i++) picked[to * 4 + i] = boxes[from * 4 + i] ?? 0;
  });
  return {
    boxes: picked,
    scores: Float32Array.from(indices, (i) => scores[i] ?? 0),
    labels: indices.map((i) => labels[i] ?? 0),
  };
}

/** Elements of Python's `sequence[:end]`. */
function sliceEnd(length: number, end: number): number {
  return end < 0 ? Math.max(0, length + end) : Math.min(length, end);
}

function checkLevels(
  levels: readonly RetinaLevel[],
  anchors: AnchorGenerator,
  classChannels: number,
  batchIndex: number,
): void {
  const refuse = (where: string, expected: string, received: unknown): never => {
    throw new LowformerError({ code: 'invalid-argument', where: `retina decode: ${where}`, expected, received });
  };
  if (levels.length !== anchors.levels.length) {
    refuse('levels', `${anchors.levels.length}, as the anchor generator has strides`, levels.length);
  }
  levels.forEach(({ scores, deltas }, i) => {
    const [batch = 0, , height = 0, width = 0] = scores.shape;
    const scoreShape = [batch, anchors.anchorsPerPosition * classChannels, height, width];
    const deltaShape = [batch, anchors.anchorsPerPosition * 4, height, width];
    if (!sameShape(scores.shape, scoreShape)) refuse(`level ${i} scores`, `shape [${scoreShape}]`, scores.shape);
    if (!sameShape(deltas.shape, deltaShape)) refuse(`level ${i} deltas`, `shape [${deltaShape}]`, deltas.shape);
    if (!(batchIndex >= 0 && batchIndex < batch)) refuse('batch index', `from 0 to ${batch - 1}`, batchIndex);
  });
}

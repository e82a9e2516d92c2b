/** What each anchor of a batch is to say, as mmdet 3's `AnchorHead.get_targets`. */
import { LowformerError } from '../core/errors.js';
import { type Tensor, tensor } from '../core/tensor.js';
import type { BoxCoder } from '../geometry/box_coder.js';
import type { DetectionTruth } from '../registry/define_losses.js';
import type { AnchorGrid } from './anchor_grid.js';
import type { Assigner } from './assigner.js';
import { checkTruth } from './check_truth.js';
import { countingAnchors } from './counting_anchors.js';
import type { Sampler } from './pseudo_sampler.js';

export interface AnchorTargetsOptions {
  readonly assigner: Assigner;
  readonly sampler: Sampler;
  /** Objects' boxes as its deltas; as their corners where absent. */
  readonly coder?: BoxCoder;
  readonly classes: number;
  /** Pixels that an anchor may reach beyond the picture; negative: however far. */
  readonly allowedBorder: number;
  /** Of an object's anchor; 1 where it is not above 0. */
  readonly positiveWeight: number;
}

/** One level of a batch: A anchors a position. */
export interface LevelTargets {
  /** [N, A, H, W]: class indices; that behind the last class is background. */
  readonly labels: Tensor;
  /** [N, A, H, W]: 0 where an anchor does not count. */
  readonly labelWeights: Tensor;
  /** [N, A * 4, H, W]; 0 where there is no object. */
  readonly boxes: Tensor;
  /** [N, A, H, W]: 1 where there is an object, else 0. */
  readonly boxWeights: Tensor;
}

export interface AnchorTargets {
  /** Finest first. */
  readonly levels: readonly LevelTargets[];
  /** What the losses of all levels are divided by: the anchors of objects, at least one a picture. */
  readonly averageFactor: number;
}

/** @throws {LowformerError} `invalid-argument` for objects of no class, or where no anchor lies inside a picture. */
export function anchorTargets(
  batch: readonly DetectionTruth[],
  grid: AnchorGrid,
  options: AnchorTargetsOptions,
): AnchorTargets {
  const levels = emptyLevels(batch.length, grid, options.classes);
  let averageFactor = 0;
  batch.forEach((truth, picture) => {
    checkTruth(truth, picture, options.classes);
    const { indices, counts } = countingAnchors(grid, truth, options.allowedBorder);
    if (indices.length === 0) throw outside(picture, options.allowedBorder);
    const anchors = chosen(grid.anchors, indices);
    const { boxes, ignored = new Float32Array() } = truth;
    const assigned = options.assigner.assign(anchors, counts, { boxes, ignored });
    const positives = assigned.reduce((sum, object) => sum + (object > 0 ? 1 : 0), 0);
    const targets = objectTargets(anchors, assigned, boxes, positives, options.coder);
    writePicture(levels, grid, picture, { indices, assigned, targets, labels: truth.labels }, options.positiveWeight);
    averageFactor += options.sampler.averageFactor(positives);
  });
  return { levels, averageFactor };
}

function emptyLevels(pictures: number, { maps, perPosition }: AnchorGrid, background: number): readonly LevelTargets[] {
  return maps.map(({ width, height }) => {
    const map = (channels: number) =>
      tensor([pictures, channels, height, width], new Float32Array(pictures * channels * height * width));
    const labels = map(perPosition);
    labels.data.fill(background);
    return { labels, labelWeights: map(perPosition), boxes: map(4 * perPosition), boxWeights: map(perPosition) };
  });
}

/** Some of the anchors, one after another: the row itself where it is all of them. */
function chosen(anchors: Float32Array, indices: Int32Array): Float32Array {
  if (indices.length * 4 === anchors.length) return anchors;
  const some = new Float32Array(indices.length * 4);
  for (let i = 0; i < some.length; i++) some[i] = anchors[(indices[i >> 2] ?? 0) * 4 + (i & 3)] ?? 0;
  return some;
}

/** For each anchor of an object, in order, four numbers: the way to the object's box, or the box itself. */
function objectTargets(
  anchors: Float32Array,
  assigned: Int32Array,
  boxes: Float32Array,
  positives: number,
  coder: BoxCoder | undefined,
): Float32Array {
  const [from, to] = [new Float32Array(positives * 4), new Float32Array(positives * 4)];
  let at = 0;
  for (let i = 0; i < assigned.length; i++) {
    const object = assigned[i] ?? 0;
    if (object <= 0) continue;
    for (let k = 0; k < 4; k++, at++) {
      from[at] = anchors[i * 4 + k] ?? 0;
      to[at] = boxes[(object - 1) * 4 + k] ?? 0;
    }
  }
  return coder === undefined ? to : coder.encode(from, to);
}

interface AssignedPicture {
  readonly indices: Int32Array;
  readonly assigned: Int32Array;
  readonly targets: Float32Array;
  readonly labels: Int32Array;
}

/** From the row of anchors to maps: channel by channel, of each the pixels. */
function writePicture(
  levels: readonly LevelTargets[],
  { starts, maps, perPosition }: AnchorGrid,
  picture: number,
  { indices, assigned, targets, labels }: AssignedPicture,
  positiveWeight: number,
): void {
  let next = 0;
  let from = 0;
  levels.forEach((level, number) => {
    const [start, end] = [starts[number] ?? 0, starts[number + 1] ?? 0];
    const { width = 0, height = 0 } = maps[number] ?? {};
    const area = width * height;
    for (; next < indices.length && (indices[next] ?? 0) < end; next++) {
      const object = assigned[next] ?? 0;
      if (object < 0) continue;
      const index = (indices[next] ?? 0) - start;
      const anchor = index % perPosition;
      const position = (index - anchor) / perPosition;
      const channel = picture * perPosition + anchor;
      const at = channel * area + position;
      level.labelWeights.data[at] = object > 0 && positiveWeight > 0 ? positiveWeight : 1;
      if (object === 0) continue;
      level.labels.data[at] = labels[object - 1] ?? 0;
      level.boxWeights.data[at] = 1;
      for (let k = 0; k < 4; k++) level.boxes.data[(channel * 4 + k) * area + position] = targets[from++] ?? 0;
    }
  });
}

function outside(picture: number, allowedBorder: number): LowformerError {
  return new LowformerError({
    code: 'invalid-argument',
    where: `picture ${picture} of the batch`,
    expected: `an anchor that reaches no further than ${allowedBorder} pixels beyond the picture`,
    hint: 'Use larger pictures, or allowed_border -1 in train_cfg.',
  });
}

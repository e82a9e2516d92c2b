/** What each point of a batch is to say, as mmdet 3's `FCOSHead.get_targets` (arXiv 1904.01355, section 3). */
import type { Size } from '../core/frame.js';
import { type Tensor, tensor } from '../core/tensor.js';
import type { DetectionTruth } from '../registry/define_losses.js';
import { checkTruth } from './check_truth.js';

const f32 = Math.fround;

export interface PointTargetsOptions {
  readonly classes: number;
  /** Input pixels from one point to the next, one number a level. */
  readonly strides: readonly number[];
  /** The longest distance from a point to a side that each level is responsible for: from, up to and including. */
  readonly ranges: readonly (readonly [from: number, to: number])[];
  /** In strides: how far from an object's centre its points may lie; all that lie inside of it where absent. */
  readonly radius?: number | undefined;
  /** Whether distances are counted in strides. */
  readonly normalised: boolean;
}

/** One level of a batch, one point a position. */
export interface PointLevel {
  /** [N, 1, H, W]: class indices; that behind the last class is background. */
  readonly labels: Tensor;
  /** [N, 4, H, W]: the object's box around its point, as -left, -top, right, bottom; 0 where there is no object. */
  readonly boxes: Tensor;
  /** [N, 1, H, W]: 1 where there is an object, else 0. */
  readonly objects: Tensor;
  /** [N, 1, H, W]: how central an object's point is in it, 0 to 1 (equation 3); 0 where there is none. */
  readonly centerness: Tensor;
}

export interface PointTargets {
  /** Finest first. */
  readonly levels: readonly PointLevel[];
  /** The points of objects. */
  readonly positives: number;
}

/**
 * A point speaks of the smallest object that it lies in, if the object is of its level's size.
 * @param maps of the levels, finest first.
 * @throws {LowformerError} `invalid-argument` for objects of no class.
 */
export function pointTargets(
  batch: readonly DetectionTruth[],
  maps: readonly Size[],
  options: PointTargetsOptions,
): PointTargets {
  const { classes, strides, ranges } = options;
  let positives = 0;
  batch.forEach((truth, picture) => {
    checkTruth(truth, picture, classes);
  });
  const levels = maps.map((map, number) => {
    const stride = strides[number] ?? 1;
    const level = emptyLevel(batch.length, map, classes);
    const area = map.width * map.height;
    batch.forEach(({ boxes, labels }, picture) => {
      const choose = objectOf(boxes, stride, ranges[number] ?? [0, 0], options.radius);
      for (let row = 0; row < map.height; row++) {
        for (let column = 0; column < map.width; column++) {
          const [x, y] = [f32((column + 0.5) * stride), f32((row + 0.5) * stride)];
          const object = choose(x, y);
          if (object < 0) continue;
          positives++;
          const at = row * map.width + column;
          writePoint(
            level,
            { picture, at, area },
            labels[object] ?? 0,
            sidesOf(boxes, object, x, y).map((side) => (options.normalised ? f32(side / stride) : side)),
          );
        }
      }
    });
    return level;
  });
  return { levels, positives };
}

function emptyLevel(pictures: number, { width, height }: Size, background: number): PointLevel {
  const map = (channels: number) =>
    tensor([pictures, channels, height, width], new Float32Array(pictures * channels * height * width));
  const labels = map(1);
  labels.data.fill(background);
  return { labels, boxes: map(4), objects: map(1), centerness: map(1) };
}

/** Left, top, right, bottom: how far a box reaches from a point. */
function sidesOf(boxes: Float32Array, i: number, x: number, y: number): readonly [number, number, number, number] {
  const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = boxes.subarray(4 * i, 4 * i + 4);
  return [f32(x - x1), f32(y - y1), f32(x2 - x), f32(y2 - y)];
}

/** The object that a point speaks of, -1 for none: of those of one size the first. */
function objectOf(
  boxes: Float32Array,
  stride: number,
  [from, to]: readonly [number, number],
  radius: number | undefined,
): (x: number, y: number) => number {
  const count = boxes.length / 4;
  const areas = Float32Array.from({ length: count }, (_, i) => {
    const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = boxes.subarray(4 * i, 4 * i + 4);
    return f32(x2 - x1) * f32(y2 - y1);
  });
  const inner = radius === undefined ? boxes : aroundCentres(boxes, f32(stride * radius));
  return (x, y) => {
    let best = -1;
    for (let i = 0; i < count; i++) {
      if (best >= 0 && (areas[i] ?? 0) >= (areas[best] ?? 0)) continue;
      const reach = Math.max(...sidesOf(boxes, i, x, y));
      if (Math.min(...sidesOf(inner, i, x, y)) > 0 && reach >= from && reach <= to) best = i;
    }
    return best;
  };
}

/** What of each box lies so near to its centre. */
function aroundCentres(boxes: Float32Array, reach: number): Float32Array {
  return boxes.map((value, i) => {
    const first = (i >> 2) * 4 + (i & 1);
    const centre = f32(f32((boxes[first] ?? 0) + (boxes[first + 2] ?? 0)) / 2);
    return (i & 2) === 0 ? Math.max(f32(centre - reach), value) : Math.min(f32(centre + reach), value);
  });
}

function writePoint(
  { labels, boxes, objects, centerness }: PointLevel,
  { picture, at, area }: { readonly picture: number; readonly at: number; readonly area: number },
  label: number,
  sides: readonly number[],
): void {
  const place = picture * area + at;
  labels.data[place] = label;
  objects.data[place] = 1;
  const [left = 0, top = 0, right = 0, bottom = 0] = sides;
  [-left, -top, right, bottom].forEach((side, i) => {
    boxes.data[(picture * 4 + i) * area + at] = side;
  });
  const share = (a: number, b: number) => f32(Math.min(a, b) / Math.max(a, b));
  centerness.data[place] = Math.sqrt(f32(share(left, right) * share(top, bottom)));
}

/**
 * Finds the best class scores of a level in the head's raw output, plane by plane as it lies in memory. A logit that
 * cannot pass costs one comparison: neither its score nor a reordered copy is ever made.
 */
import type { Tensor } from '../core/tensor.js';
import type { TopCollector } from '../geometry/ranking.js';
import { logitSurelyBelow, sigmoid } from '../geometry/sigmoid.js';
import { nanError } from './refuse_nan.js';

const f32 = Math.fround;

/** One picture's planes of an NCHW tensor. */
export interface Planes {
  /** `[channels, height, width]` */
  readonly data: Float32Array;
  readonly channels: number;
  readonly width: number;
  /** Elements of one channel. */
  readonly positions: number;
}

/** A view of picture `batchIndex`. */
export function planesOf({ shape, data }: Tensor, batchIndex: number): Planes {
  const [, channels = 0, height = 0, width = 0] = shape;
  const size = channels * height * width;
  return {
    data: data.subarray(batchIndex * size, (batchIndex + 1) * size),
    channels,
    width,
    positions: height * width,
  };
}

/**
 * Offers the sigmoid of every logit where it is above `threshold` (a float32). The id of an entry is its place in
 * `[height, width, channels]`, the order in which mmdet breaks ties.
 * @throws {LowformerError} `not-a-number` for a logit that is NaN.
 */
export function collectSigmoid(collector: TopCollector, planes: Planes, threshold: number): void {
  const { data, channels, positions } = planes;
  let floor = logitSurelyBelow(threshold);
  // Runs of equal logits (a map that says nothing, saturation) are where most reach this point.
  let logit = Number.NaN;
  let score = Number.NaN;
  const end = channels * positions;
  for (let at = nextAbove(data, 0, floor); at < end; at = nextAbove(data, at + 1, floor)) {
    const next = data[at] ?? 0;
    if (next !== logit) {
      if (Number.isNaN(next)) throw nanError('class scores');
      logit = next;
      score = sigmoid(logit);
    }
    if (!(score > threshold)) continue;
    const channel = Math.floor(at / positions);
    const position = at - channel * positions;
    if (collector.offer(score, position * channels + channel)) floor = logitSurelyBelow(collector.bar());
  }
}

/** Index of the first element from `from` on that is above `floor` or NaN, else the length. */
function nextAbove(data: Float32Array, from: number, floor: number): number {
  const lastEight = data.length - 8;
  let at = from;
  // Nearly all of a map is below: eight elements to a turn halve the time.
  while (
    at <= lastEight &&
    (data[at] ?? 0) <= floor &&
    (data[at + 1] ?? 0) <= floor &&
    (data[at + 2] ?? 0) <= floor &&
    (data[at + 3] ?? 0) <= floor &&
    (data[at + 4] ?? 0) <= floor &&
    (data[at + 5] ?? 0) <= floor &&
    (data[at + 6] ?? 0) <= floor &&
    (data[at + 7] ?? 0) <= floor
  ) {
    at += 8;
  }
  while (at < data.length && (data[at] ?? 0) <= floor) at++;
  return at;
}

/**
 * As `collectSigmoid`, with a softmax over each run of `classChannels` channels. The last channel of a run is the
 * background: it counts in the softmax and is not offered.
 * @throws {LowformerError} `not-a-number` for a softmax that is NaN.
 */
export function collectSoftmax(
  collector: TopCollector,
  { data, channels, positions }: Planes,
  threshold: number,
  classChannels: number,
): void {
  const largest = new Float32Array(positions);
  const sums = new Float64Array(positions);
  const floors = new Float64Array(positions);
  for (let first = 0; first < channels; first += classChannels) {
    const end = first + classChannels;
    largest.fill(Number.NEGATIVE_INFINITY);
    sums.fill(0);
    for (let channel = first, at = first * positions; channel < end; channel++) {
      for (let i = 0; i < positions; i++, at++) largest[i] = Math.max(largest[i] ?? 0, data[at] ?? 0);
    }
    for (let channel = first, at = first * positions; channel < end; channel++) {
      for (let i = 0; i < positions; i++, at++) {
        sums[i] = (sums[i] ?? 0) + Math.exp((data[at] ?? 0) - (largest[i] ?? 0));
      }
    }
    const lowest = Math.max(threshold, collector.bar(), 0);
    for (let i = 0; i < positions; i++) {
      if (Number.isNaN(sums[i])) throw nanError('class scores');
      // A margin far above the rounding of the exponential; what lies in it is compared exactly below.
      floors[i] = (largest[i] ?? 0) + Math.log(lowest * (sums[i] ?? 0)) - 1e-3;
    }
    for (let channel = first, at = first * positions; channel < end - 1; channel++) {
      for (let i = 0; i < positions; i++, at++) {
        const logit = data[at] ?? 0;
        if (!(logit >= (floors[i] ?? 0))) continue;
        const score = f32(f32(Math.exp(f32(logit - (largest[i] ?? 0)))) / f32(sums[i] ?? 0));
        if (score > threshold) collector.offer(score, i * channels + channel);
      }
    }
  }
}

/**
 * Anchors fitted to a data set's boxes: k-means on IoU (Redmon and Farhadi, YOLO9000, arXiv 1612.08242, section 2), with
 * centres held to what RetinaNet's generator can say (Lin et al., arXiv 1708.02002, section 4): every level has the same
 * ratios, and scales that divide an octave.
 */
import type { Size } from '../../core/frame.js';

/** `AnchorGenerator`'s keys. */
export interface FittedAnchors {
  readonly octave_base_scale: number;
  readonly scales_per_octave: number;
  /** Height over width, ascending. */
  readonly ratios: readonly number[];
}

export interface AnchorFit {
  readonly anchors: FittedAnchors;
  /** Of each box with the anchor most like it, both about one centre; the mean. */
  readonly meanIou: number;
  /** Share of the boxes that an anchor meets with an IoU of 0.5, at which it is trained to show the object. */
  readonly met: number;
  /** What the usual anchors have. */
  readonly usual: { readonly meanIou: number; readonly met: number };
}

/** RetinaNet's. */
const USUAL: FittedAnchors = { octave_base_scale: 4, scales_per_octave: 3, ratios: [0.5, 1, 2] };
/** The usual anchors stay unless others are better by so much: what was fitted to few boxes may be chance. */
const WORTH = 0.01;
/** Scales of the finest level's smallest anchor that are tried, in strides: a third of an octave apart. */
const BASES = Array.from({ length: 10 }, (_, i) => 2 ** (i / 3));
/** A base that is nearer to the usual one is taken where another is better by less. */
const BASE_WORTH = 0.005;
const ROUNDS = 50;
/** Of more, as many are taken, evenly spread: their mean is as sure. */
const MOST_BOXES = 3000;
const TOLD_IOU = 0.5;

/**
 * @param all sides of the boxes in pixels of the network's input.
 * @param strides of the levels, finest first.
 */
export function fitAnchors(all: readonly Size[], strides: readonly number[]): AnchorFit {
  const count = Math.min(MOST_BOXES, all.length);
  const boxes = Array.from({ length: count }, (_, i) => all[Math.floor((i * all.length) / count)]).filter(
    (box) => box !== undefined,
  );
  const judged = (anchors: FittedAnchors) => quality(boxes, anchorSizes(anchors, strides));
  const usual = judged(USUAL);
  const found = BASES.map((octave_base_scale) => {
    const start = { ...USUAL, octave_base_scale };
    const anchors = { ...start, ratios: fittedRatios(boxes, start, strides) };
    return { anchors, ...judged(anchors) };
  });
  const most = Math.max(...found.map(({ meanIou }) => meanIou));
  const farFromUsual = (anchors: FittedAnchors) =>
    Math.abs(Math.log(anchors.octave_base_scale / USUAL.octave_base_scale));
  const [best] = found
    .filter(({ meanIou }) => meanIou >= most - BASE_WORTH)
    .toSorted((a, b) => farFromUsual(a.anchors) - farFromUsual(b.anchors));
  if (best === undefined || best.meanIou < usual.meanIou + WORTH) return { anchors: USUAL, ...usual, usual };
  const rounded = { ...best.anchors, octave_base_scale: hundredths(best.anchors.octave_base_scale) };
  return { anchors: rounded, ...judged(rounded), usual };
}

/** k-means over the boxes whose centres are the anchors, moved along their ratios alone. */
function fittedRatios(boxes: readonly Size[], start: FittedAnchors, strides: readonly number[]): readonly number[] {
  const lengths = anchorSizes({ ...start, ratios: [1] }, strides).map(({ width }) => width);
  let ratios = [...start.ratios];
  for (let round = 0; round < ROUNDS; round++) {
    const sums = ratios.map(() => ({ logs: 0, count: 0 }));
    for (const box of boxes) {
      const sum = sums[nearestRatio(box, ratios, lengths)];
      if (sum === undefined) continue;
      sum.logs += Math.log(box.height / box.width);
      sum.count += 1;
    }
    const next = ratios.map((ratio, i) => {
      const { logs = 0, count = 0 } = sums[i] ?? {};
      return count === 0 ? ratio : hundredths(Math.exp(logs / count));
    });
    if (next.every((ratio, i) => ratio === ratios[i])) break;
    ratios = next;
  }
  return [...new Set(ratios)].toSorted((a, b) => a - b);
}

function nearestRatio(box: Size, ratios: readonly number[], lengths: readonly number[]): number {
  let best = 0;
  let most = -1;
  ratios.forEach((ratio, i) => {
    for (const length of lengths) {
      const value = centredIou(box, sides(length, ratio));
      if (value > most) [most, best] = [value, i];
    }
  });
  return best;
}

function anchorSizes(
  { octave_base_scale, scales_per_octave, ratios }: FittedAnchors,
  strides: readonly number[],
): readonly Size[] {
  return strides
    .flatMap((stride) =>
      Array.from({ length: scales_per_octave }, (_, i) => stride * octave_base_scale * 2 ** (i / scales_per_octave)),
    )
    .flatMap((length) => ratios.map((ratio) => sides(length, ratio)));
}

function sides(length: number, ratio: number): Size {
  return { width: length / Math.sqrt(ratio), height: length * Math.sqrt(ratio) };
}

function quality(boxes: readonly Size[], anchors: readonly Size[]) {
  const best = boxes.map((box) => anchors.reduce((most, anchor) => Math.max(most, centredIou(box, anchor)), 0));
  const count = Math.max(1, best.length);
  return {
    meanIou: best.reduce((sum, value) => sum + value, 0) / count,
    met: best.filter((value) => value >= TOLD_IOU).length / count,
  };
}

function centredIou(a: Size, b: Size): number {
  const both = Math.min(a.width, b.width) * Math.min(a.height, b.height);
  return both / (a.width * a.height + b.width * b.height - both);
}

function hundredths(value: number): number {
  return Math.max(0.01, Math.round(value * 100) / 100);
}

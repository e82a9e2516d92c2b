/** Two pictures, each half visible, as mmdet's `MixUp` makes them (YOLOX, arXiv 2107.08430; mixup, arXiv 1710.09412). */
import type { Size } from '../core/frame.js';
import { clipBoxes, flipBoxes, scaleBoxes, shiftBoxes } from './boxes.js';
import { mixed } from './mosaic.js';
import { isInside, joinObjects, keepObjects } from './objects.js';
import { copyRegion } from './region.js';
import { resizeBilinear } from './resize_bilinear.js';
import { resizeFloat64, type WideImage } from './resize_float64.js';
import type { Sample } from './sample.js';
import { eightBitPixels } from './step_order.js';

export interface MixUpRules {
  /** What the other picture is fitted into. */
  readonly scale: Size;
  /** By which it is resized then. */
  readonly factor: number;
  /** Whether left and right of it change places. */
  readonly flips: boolean;
  /** 0 to 1, 1 excluded: where what is seen of it begins, of as many places as there are. */
  readonly offset: { readonly x: number; readonly y: number };
  readonly padValue: number;
  readonly clipsBoxes: boolean;
}

/**
 * The first picture keeps its size.
 * @throws {LowformerError} `invalid-config` after `Normalize`; `invalid-argument` where nothing is left of the other.
 */
export function mixUp(sample: Sample, other: Sample, rules: MixUpRules): Sample {
  const image = eightBitPixels(sample, 'MixUp');
  const given = other.annotations.objects;
  const own = sample.annotations.objects ?? { boxes: new Float32Array(0), labels: new Int32Array(0) };
  if (given === undefined || given.labels.length === 0) return sample;
  const { scale, factor, flips, padValue, clipsBoxes } = rules;
  const { width, height } = eightBitPixels(other, 'MixUp');
  const fit = Math.min(scale.height / height, scale.width / width);
  const part = resizedOther(other, fit, rules);
  const offset = {
    left: offsetOf(rules.offset.x, part.width, image.width),
    top: offsetOf(rules.offset.y, part.height, image.height),
  };
  const ratio = fit * factor;
  const scaled = scaleBoxes(given.boxes, ratio, ratio);
  const cut = clipsBoxes ? clipBoxes(scaled, part) : scaled;
  const shifted = shiftBoxes(flips ? flipBoxes(cut, part, 'horizontal') : cut, -offset.left, -offset.top);
  const boxes = clipsBoxes ? clipBoxes(shifted, image) : shifted;
  const objects = keepObjects(joinObjects([own, { ...given, boxes }]), (box) => isInside(box, image));
  return mixed(sample, { ...image, data: halfOfEach(image, part, { ...rules, offset, padValue }) }, objects);
}

/** Fitted, padded to the whole scale, and resized once more: in float64, since mmdet's pad value is a float. */
function resizedOther(other: Sample, fit: number, { scale, factor, padValue }: MixUpRules): WideImage {
  const image = eightBitPixels(other, 'MixUp');
  const size = { width: Math.trunc(image.width * fit), height: Math.trunc(image.height * fit) };
  const fitted = resizeBilinear(image, size);
  const data = new Float64Array(scale.width * scale.height * 3).fill(padValue);
  copyRegion(fitted, { left: 0, top: 0, ...size }, { data, width: scale.width }, { left: 0, top: 0 }, 3);
  const grown = { width: Math.trunc(scale.width * factor), height: Math.trunc(scale.height * factor) };
  return resizeFloat64({ ...scale, data }, grown);
}

/** A larger picture begins anywhere but at its last place, as in mmdet. */
function offsetOf(share: number, from: number, to: number): number {
  return from > to ? Math.floor(share * (from - to)) : 0;
}

function halfOfEach(
  image: { readonly data: Uint8Array } & Size,
  part: WideImage,
  { offset, flips, padValue }: { offset: { left: number; top: number }; flips: boolean; padValue: number },
): Uint8Array {
  const data = new Uint8Array(image.data.length);
  for (let y = 0, at = 0; y < image.height; y++) {
    const row = y + offset.top;
    for (let x = 0; x < image.width; x++) {
      const column = x + offset.left;
      const covered = row < part.height && column < part.width;
      const from = (row * part.width + (flips ? part.width - 1 - column : column)) * 3;
      for (let c = 0; c < 3; c++, at++) {
        const seen = Math.trunc(covered ? (part.data[from + c] ?? 0) : padValue);
        data[at] = ((image.data[at] ?? 0) + seen) >> 1;
      }
    }
  }
  return data;
}

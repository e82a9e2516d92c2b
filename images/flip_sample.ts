/** Pictures mirrored, with what is known of them, as mmcv's `RandomFlip` does it. */
import type { FlipDirection, LabelMap } from '../core/frame.js';
import { flipBoxes } from './boxes.js';
import { isNormalised, type Pixels } from './pixels.js';
import type { Sample } from './sample.js';
import { refuseAfterCrop, refuseAfterPad } from './step_order.js';

/**
 * A picture mirrored, with its boxes and its label map; results are mirrored back.
 * @param step its type, for messages.
 * @throws {LowformerError} `invalid-config` after `CenterCrop` or `Pad`: what was cut off or added lies at one side.
 */
export function flipSample(sample: Sample, direction: FlipDirection, step: string): Sample {
  refuseAfterCrop(sample, step);
  refuseAfterPad(sample, step);
  const { pixels, transform, annotations } = sample;
  const { objects, labelMap } = annotations;
  const { flip: before, ...unflipped } = transform;
  const flip = flippedTwice(before, direction);
  return {
    ...sample,
    pixels: flipPixels(pixels, direction),
    transform: flip === undefined ? unflipped : { ...unflipped, flip },
    annotations: {
      ...(objects === undefined ? {} : { objects: { ...objects, boxes: flipBoxes(objects.boxes, pixels, direction) } }),
      ...(labelMap === undefined ? {} : { labelMap: flipLabelMap(labelMap, direction) }),
    },
  };
}

/** What two flips come to; undefined where one undoes the other. */
function flippedTwice(first: FlipDirection | undefined, second: FlipDirection): FlipDirection | undefined {
  const across = flipsAcross(first) !== flipsAcross(second);
  const down = flipsDown(first) !== flipsDown(second);
  if (across) return down ? 'diagonal' : 'horizontal';
  return down ? 'vertical' : undefined;
}

/** Whether left and right change places. */
export function flipsAcross(flip: FlipDirection | undefined): boolean {
  return flip === 'horizontal' || flip === 'diagonal';
}

/** Whether top and bottom change places. */
export function flipsDown(flip: FlipDirection | undefined): boolean {
  return flip === 'vertical' || flip === 'diagonal';
}

function flipPixels(pixels: Pixels, direction: FlipDirection): Pixels {
  if (isNormalised(pixels)) {
    const data = new Float32Array(pixels.data.length);
    mirror(pixels, data, 3, direction);
    return { ...pixels, data };
  }
  const data = new Uint8Array(pixels.data.length);
  mirror(pixels, data, 3, direction);
  return { ...pixels, data };
}

function flipLabelMap(map: LabelMap, direction: FlipDirection): LabelMap {
  const { labels: data, width, height } = map;
  const labels = data instanceof Uint16Array ? new Uint16Array(data.length) : new Uint8Array(data.length);
  mirror({ data, width, height }, labels, 1, direction);
  return { ...map, labels };
}

type Numbers = Uint8Array | Uint16Array | Float32Array;

/** @param step numbers a pixel. */
function mirror(
  { data, width, height }: { readonly data: Numbers; readonly width: number; readonly height: number },
  into: Numbers,
  step: number,
  direction: FlipDirection,
): void {
  const [across, down] = [flipsAcross(direction), flipsDown(direction)];
  for (let y = 0; y < height; y++) {
    const row = (down ? height - 1 - y : y) * width * step;
    const target = y * width * step;
    if (!across) {
      into.set(data.subarray(row, row + width * step), target);
      continue;
    }
    for (let x = 0, at = target; x < width; x++) {
      const from = row + (width - 1 - x) * step;
      for (let c = from; c < from + step; c++, at++) into[at] = data[c] ?? 0;
    }
  }
}

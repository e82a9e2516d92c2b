import type { Size } from '../core/frame.js';
import { inMemoryOrder, isNormalised, type Pixels } from './pixels.js';
import { copyRegion } from './region.js';
import { checkPixels } from './resize_bilinear.js';
import type { Sample } from './sample.js';

export interface Ground {
  /** One number a channel, in OpenMMLab's order: BGR. In 8 bits cut to whole numbers. */
  readonly value: readonly [number, number, number];
  readonly label: number;
}

/**
 * The picture and its label map at a place of a larger ground. Boxes stay where they are.
 * @throws {LowformerError} `invalid-argument` for more pixels than there may be.
 */
export function putOn(
  sample: Sample,
  place: Size & { readonly left: number; readonly top: number },
  { value, label }: Ground,
): Sample {
  const { width, height } = place;
  checkPixels('train_pipeline Expand', place);
  const { labelMap } = sample.annotations;
  const pixels = onGround(sample.pixels, place, value);
  const transform = { ...sample.transform, resized: { width, height } };
  if (labelMap === undefined) return { ...sample, pixels, transform };
  const wide = labelMap.labels instanceof Uint16Array || label > 255;
  const labels = (wide ? new Uint16Array(width * height) : new Uint8Array(width * height)).fill(label);
  const whole = { left: 0, top: 0, width: labelMap.width, height: labelMap.height };
  copyRegion({ data: labelMap.labels, width: labelMap.width }, whole, { data: labels, width }, place, 1);
  return { ...sample, pixels, transform, annotations: { ...sample.annotations, labelMap: { width, height, labels } } };
}

function onGround(
  pixels: Pixels,
  place: Size & { readonly left: number; readonly top: number },
  value: Ground['value'],
): Pixels {
  const { width, height } = place;
  const colour = inMemoryOrder(pixels, value);
  const length = width * height * 3;
  const whole = { left: 0, top: 0, width: pixels.width, height: pixels.height };
  if (isNormalised(pixels)) {
    const data = new Float32Array(length);
    fill(data, colour);
    copyRegion(pixels, whole, { data, width }, place, 3);
    return { ...pixels, width, height, data };
  }
  const data = new Uint8Array(length);
  fill(data, colour);
  copyRegion(pixels, whole, { data, width }, place, 3);
  return { width, height, data };
}

function fill(into: Uint8Array | Float32Array, colour: readonly number[]): void {
  for (let i = 0; i < into.length; i++) into[i] = colour[i % 3] ?? 0;
}

/**
 * From pixels to the network's numbers, in the float32 arithmetic of the reference: an 8-bit channel has 256 values, so
 * each is computed once and looked up.
 */
import type { RgbImage } from '../core/frame.js';
import { type ChannelOrder, isNormalised, type NormalisedImage, type Pixels } from './pixels.js';

const f32 = Math.fround;

/** One number for each channel, in the order in which the network gets them, or one for all. */
export type ChannelValues = readonly [number] | readonly [number, number, number];

export interface Normalisation {
  readonly mean: ChannelValues;
  readonly std: ChannelValues;
}

/** A value of one channel, normalised. */
export type ChannelRule = (value: number) => number;

/** torch's `(x - mean) / std` in float32: two roundings. Without a normalisation, the value itself. */
export function torchRules(normalisation: Normalisation | undefined): readonly ChannelRule[] {
  return [0, 1, 2].map((channel) => {
    if (normalisation === undefined) return (value) => value;
    const mean = f32(channelValue(normalisation.mean, channel));
    const std = f32(channelValue(normalisation.std, channel));
    return (value) => f32(f32(value - mean) / std);
  });
}

/** mmcv's `imnormalize` by OpenCV: a float32 difference, times the float64 inverse of the float32 deviation. */
function mmcvRules({ mean, std }: Normalisation): readonly ChannelRule[] {
  return [0, 1, 2].map((channel) => {
    const subtracted = f32(channelValue(mean, channel));
    const factor = 1 / f32(channelValue(std, channel));
    return (value) => f32(f32(value - subtracted) * factor);
  });
}

function channelValue(values: ChannelValues, channel: number): number {
  return values[values.length === 1 ? 0 : channel] ?? 0;
}

/**
 * The pipeline step `Normalize`, as mmcv's `imnormalize` computes it.
 * @param turn whether the channels change places first (`to_rgb`): OpenMMLab's pictures are BGR until then.
 */
export function normaliseImage(pixels: Pixels, normalisation: Normalisation, turn: boolean): NormalisedImage {
  const before: ChannelOrder = isNormalised(pixels) ? pixels.order : 'bgr';
  const order = turn ? (before === 'bgr' ? 'rgb' : 'bgr') : before;
  const { width, height } = pixels;
  const data = new Float32Array(width * height * 3);
  const source = channelSources(pixels, turn);
  mmcvRules(normalisation).forEach((rule, channel) => {
    copyChannel(pixels, source[channel] ?? 0, rule, { data, start: channel, step: 3, stride: width * 3 });
  });
  return { width, height, data, order };
}

/** For each channel that comes out, its place in a pixel's memory; `turn` exchanges the first and the last. */
export function channelSources(pixels: Pixels, turn: boolean): readonly number[] {
  // 8-bit pixels lie as RGB where OpenMMLab's lie as BGR.
  const reversed = isNormalised(pixels) ? turn : !turn;
  return reversed ? [2, 1, 0] : [0, 1, 2];
}

/** Where a channel goes: elements of `data` from `start`, `step` apart, rows `stride` apart. */
export interface ChannelTarget {
  readonly data: Float32Array;
  readonly start: number;
  readonly step: number;
  readonly stride: number;
}

/** One channel of a picture, each value by `rule`. @param source its place in a pixel's memory: 0, 1 or 2. */
export function copyChannel(pixels: Pixels, source: number, rule: ChannelRule, target: ChannelTarget): void {
  if (isNormalised(pixels)) copyNormalised(pixels, source, rule, target);
  else copyBytes(pixels, source, rule, target);
}

function copyBytes({ data, width, height }: RgbImage, source: number, rule: ChannelRule, target: ChannelTarget): void {
  const table = Float32Array.from({ length: 256 }, (_, value) => rule(value));
  const into = target.data;
  for (let y = 0, from = source; y < height; y++) {
    let at = target.start + y * target.stride;
    for (let x = 0; x < width; x++, from += 3, at += target.step) into[at] = table[data[from] ?? 0] ?? 0;
  }
}

function copyNormalised(
  { data, width, height }: NormalisedImage,
  source: number,
  rule: ChannelRule,
  target: ChannelTarget,
): void {
  const into = target.data;
  for (let y = 0, from = source; y < height; y++) {
    let at = target.start + y * target.stride;
    for (let x = 0; x < width; x++, from += 3, at += target.step) into[at] = rule(data[from] ?? 0);
  }
}

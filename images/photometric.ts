/** Colours distorted as by the `PhotoMetricDistortion` of mmseg (8 bits, rounded after each change) and of mmdet (float32). */
import type { RgbImage } from '../core/frame.js';
import { hsvToRgb, hsvToRgb8, rgbToHsv, rgbToHsv8 } from './hsv.js';
import { isNormalised, type NormalisedImage, type Pixels } from './pixels.js';

const f32 = Math.fround;

/** What is done to a picture; what is absent is not done. */
export interface ColourChange {
  /** Added. */
  readonly brightness?: number;
  /** A factor. */
  readonly contrast?: number;
  /** Whether the contrast comes before saturation and hue, or after them. */
  readonly contrastFirst: boolean;
  /** A factor. */
  readonly saturation?: number;
  /** Added: of 180 parts of the circle in 8 bits, where it is a whole number; in degrees in float32. */
  readonly hue?: number;
  /** For each channel of OpenMMLab's order (BGR) the one that takes its place; in float32 alone. */
  readonly channels?: readonly number[];
}

/** mmseg's. @returns a new picture, or `image` itself where nothing is done. */
export function distort8(image: RgbImage, change: ColourChange): RgbImage {
  const { brightness, contrast, contrastFirst, saturation, hue } = change;
  const scale = (from: RgbImage) => (contrast === undefined ? from : withTable(from, contrast, 0));
  let picture = brightness === undefined ? image : withTable(image, 1, brightness);
  if (contrastFirst) picture = scale(picture);
  if (saturation !== undefined) {
    const table = byteTable(saturation, 0);
    picture = inHsv(picture, 1, (value) => table[value] ?? 0);
  }
  if (hue !== undefined) picture = inHsv(picture, 0, (value) => (((value + hue) % 180) + 180) % 180);
  return contrastFirst ? picture : scale(picture);
}

/** NumPy's float32 product and sum, cut to a byte. */
function byteTable(factor: number, summand: number): Uint8Array {
  const [times, plus] = [f32(factor), f32(summand)];
  return Uint8Array.from({ length: 256 }, (_, value) => Math.min(255, Math.max(0, f32(f32(value * times) + plus))));
}

function withTable(image: RgbImage, factor: number, summand: number): RgbImage {
  const table = byteTable(factor, summand);
  return { ...image, data: image.data.map((value) => table[value] ?? 0) };
}

function inHsv(image: RgbImage, channel: number, change: (value: number) => number): RgbImage {
  const hsv = rgbToHsv8(image.data);
  for (let i = channel; i < hsv.length; i += 3) hsv[i] = change(hsv[i] ?? 0);
  return { ...image, data: hsvToRgb8(hsv, image.width) };
}

/** mmdet's: the result is float32 in BGR, not cut to 0 to 255. HSV and back is made even where nothing is done. */
export function distortFloat(pixels: Pixels, change: ColourChange): NormalisedImage {
  const { width, height } = pixels;
  const { brightness, contrast, contrastFirst, saturation, hue, channels = [0, 1, 2] } = change;
  const rgb = floatRgb(pixels);
  if (brightness !== undefined) addTo(rgb, f32(brightness));
  if (contrast !== undefined && contrastFirst) multiply(rgb, f32(contrast));
  const hsv = rgbToHsv(rgb, width);
  if (saturation !== undefined) saturate(hsv, f32(saturation));
  if (hue !== undefined) turn(hsv, f32(hue));
  const back = hsvToRgb(hsv);
  if (contrast !== undefined && !contrastFirst) multiply(back, f32(contrast));
  const data = new Float32Array(back.length);
  // The place of a BGR channel in memory that holds RGB.
  const [b, g, r] = [2 - (channels[0] ?? 0), 2 - (channels[1] ?? 1), 2 - (channels[2] ?? 2)];
  for (let i = 0; i < data.length; i += 3) {
    data[i] = back[i + b] ?? 0;
    data[i + 1] = back[i + g] ?? 0;
    data[i + 2] = back[i + r] ?? 0;
  }
  return { width, height, data, order: 'bgr' };
}

function floatRgb(pixels: Pixels): Float32Array {
  const rgb = Float32Array.from(pixels.data);
  if (!isNormalised(pixels) || pixels.order === 'rgb') return rgb;
  for (let i = 0; i < rgb.length; i += 3) [rgb[i], rgb[i + 2]] = [rgb[i + 2] ?? 0, rgb[i] ?? 0];
  return rgb;
}

function addTo(values: Float32Array, summand: number): void {
  for (let i = 0; i < values.length; i++) values[i] = (values[i] ?? 0) + summand;
}

function multiply(values: Float32Array, factor: number): void {
  for (let i = 0; i < values.length; i++) values[i] = (values[i] ?? 0) * factor;
}

function saturate(hsv: Float32Array, factor: number): void {
  for (let i = 1; i < hsv.length; i += 3) {
    const value = (hsv[i] ?? 0) * factor;
    hsv[i] = factor > 1 ? Math.min(1, Math.max(0, value)) : value;
  }
}

function turn(hsv: Float32Array, degrees: number): void {
  for (let i = 0; i < hsv.length; i += 3) {
    const hue = f32((hsv[i] ?? 0) + degrees);
    const low = hue > 360 ? f32(hue - 360) : hue;
    hsv[i] = low < 0 ? low + 360 : low;
  }
}

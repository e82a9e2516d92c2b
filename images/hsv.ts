/**
 * OpenCV 4's `cvtColor` between RGB and HSV: hue from 0 to 180 and the rest to 255 in 8 bits; hue from 0 to 360,
 * saturation from 0 to 1 and the value as large as the colours in float32. Interleaved, three numbers a pixel.
 *
 * To the bit as it computes with AVX2. There a row's last pixels that fill no vector are computed otherwise: of HSV in 8
 * bits the others are cut to whole numbers and these are rounded. So rows count, and each function takes their width.
 */
import { roundHalfEven } from '../core/round_half_even.js';

const f32 = Math.fround;

/** Pixels of one step of OpenCV's vector loops. */
const VECTOR = { bytes: 32, floats: 8 } as const;

/** Of the fixed-point tables. */
const SHIFT = 12;
const HALF = 1 << (SHIFT - 1);
const SATURATIONS = Int32Array.from({ length: 256 }, (_, i) => (i === 0 ? 0 : roundHalfEven((255 << SHIFT) / i)));
const HUES = Int32Array.from({ length: 256 }, (_, i) => (i === 0 ? 0 : roundHalfEven((180 << SHIFT) / (6 * i))));

/** @param rgb 8 bits, red first. @returns as many bytes: hue 0 to 179, saturation, value. */
export function rgbToHsv8(rgb: Uint8Array): Uint8Array {
  const hsv = new Uint8Array(rgb.length);
  for (let i = 0; i < rgb.length; i += 3) {
    const r = rgb[i] ?? 0;
    const g = rgb[i + 1] ?? 0;
    const b = rgb[i + 2] ?? 0;
    const value = Math.max(r, g, b);
    const range = value - Math.min(r, g, b);
    const part = value === r ? g - b : value === g ? b - r + 2 * range : r - g + 4 * range;
    const hue = (part * (HUES[range] ?? 0) + HALF) >> SHIFT;
    hsv[i] = hue < 0 ? hue + 180 : hue;
    hsv[i + 1] = (range * (SATURATIONS[value] ?? 0) + HALF) >> SHIFT;
    hsv[i + 2] = value;
  }
  return hsv;
}

/** @param hsv as `rgbToHsv8` gives them. @param width of the picture, in pixels. @returns 8 bits, red first. */
export function hsvToRgb8(hsv: Uint8Array, width: number): Uint8Array {
  const rgb = new Uint8Array(hsv.length);
  const byte = f32(1 / 255);
  const inVectors = width - (width % VECTOR.bytes);
  for (let i = 0, x = 0; i < hsv.length; i += 3, x = x + 1 === width ? 0 : x + 1) {
    const saturation = f32((hsv[i + 1] ?? 0) * byte);
    setColour(f32((hsv[i] ?? 0) * SIXTHS_8), saturation, f32((hsv[i + 2] ?? 0) * byte));
    for (let c = 0; c < 3; c++) {
      const value = f32((colour[c] ?? 0) * 255);
      rgb[i + c] = x < inVectors ? value : roundHalfEven(value);
    }
  }
  return rgb;
}

const SIXTHS_8 = f32(6 / 180);
const SIXTHS = f32(6 / 360);
const FLT_EPSILON = 2 ** -23;

/** @param rgb any range, red first. @param width of the picture, in pixels. @returns hue 0 to 360, saturation, value. */
export function rgbToHsv(rgb: Float32Array, width: number): Float32Array {
  const hsv = new Float32Array(rgb.length);
  const inVectors = width - (width % VECTOR.floats);
  for (let i = 0, x = 0; i < rgb.length; i += 3, x = x + 1 === width ? 0 : x + 1) {
    const r = rgb[i] ?? 0;
    const g = rgb[i + 1] ?? 0;
    const b = rgb[i + 2] ?? 0;
    const value = Math.max(r, g, b);
    const range = f32(value - Math.min(r, g, b));
    const sixth = f32(60 / f32(range + FLT_EPSILON));
    const part = f32(value === r ? g - b : value === g ? b - r : r - g);
    const start = value === r ? 0 : value === g ? 120 : 240;
    // A product and a sum with one rounding: the processor's fused instruction.
    if (x < inVectors) hsv[i] = part * sixth + (value === r && g < b ? 360 : start);
    else {
      const hue = f32(part * sixth + start);
      hsv[i] = hue < 0 ? hue + 360 : hue;
    }
    hsv[i + 1] = range / f32(Math.abs(value) + FLT_EPSILON);
    hsv[i + 2] = value;
  }
  return hsv;
}

/** The way back. @param hsv hues may be any. */
export function hsvToRgb(hsv: Float32Array): Float32Array {
  const rgb = new Float32Array(hsv.length);
  for (let i = 0; i < hsv.length; i += 3) {
    setColour(f32((hsv[i] ?? 0) * SIXTHS), hsv[i + 1] ?? 0, hsv[i + 2] ?? 0);
    for (let c = 0; c < 3; c++) rgb[i + c] = colour[c] ?? 0;
  }
  return rgb;
}

/** Red, green and blue of the last pixel: an object a pixel would cost more than its arithmetic. */
const colour = new Float32Array(3);

/** @param hue in sixths of the circle. Products are fused with the difference from 1. */
function setColour(hue: number, saturation: number, value: number): void {
  const whole = Math.trunc(hue);
  const rest = f32(hue - whole);
  const least = value * f32(1 - saturation);
  const falling = value * f32(1 - saturation * rest);
  const rising = value * f32(1 - saturation * f32(1 - rest));
  const sector = whole % 6;
  if (sector < 1) put(value, rising, least);
  else if (sector === 1) put(falling, value, least);
  else if (sector === 2) put(least, value, rising);
  else if (sector === 3) put(least, falling, value);
  else if (sector === 4) put(rising, least, value);
  else put(value, least, falling);
}

function put(red: number, green: number, blue: number): void {
  colour[0] = red;
  colour[1] = green;
  colour[2] = blue;
}

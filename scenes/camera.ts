import type { RgbImage } from '../core/frame.js';
import { clamp, cosine, mix, sine } from './arithmetic.js';
import { type Canvas, pixelUnit } from './canvas.js';
import type { Dice } from './dice.js';
import type { Illumination } from './light.js';

/** Takes the picture: uneven light, lens, sensor, 8 bits. */
export function takePicture(canvas: Canvas, illumination: Illumination, dice: Dice): RgbImage {
  illuminate(canvas, illumination, dice);
  const unit = pixelUnit(canvas);
  if (dice.chance(0.5)) blur(canvas, dice.between(0.1, 0.28), dice.whole(1, Math.ceil(2 * unit)));
  if (dice.chance(0.06)) shake(canvas, dice.between(1.5, 4) * unit, dice.roll());
  return expose(canvas, dice);
}

/** Pixels between the places where the unevenness of the light is looked at. */
const STEP = 4;

/** Uneven light, the darker rim of a lens's picture, exposure and the balance of its colours. */
function illuminate({ width, height, colours }: Canvas, illumination: Illumination, dice: Dice): void {
  const red = dice.between(0.92, 1.08);
  const green = dice.between(0.96, 1.04);
  const blue = dice.between(0.9, 1.1);
  const vignette = dice.between(0, 0.5);
  const columns = Math.ceil(width / STEP) + 1;
  let above = levels(0);
  let below = levels(STEP);
  let sum = 0;
  for (let y = 0, i = 0; y < height; y++) {
    if (y > 0 && y % STEP === 0) {
      above = below;
      below = levels(y + STEP);
    }
    const down = (y % STEP) / STEP;
    for (let x = 0; x < width; x++, i += 3) {
      const column = Math.floor(x / STEP);
      const across = (x % STEP) / STEP;
      const upper = mix(above[column] ?? 0, above[column + 1] ?? 0, across);
      const lower = mix(below[column] ?? 0, below[column + 1] ?? 0, across);
      const level = mix(upper, lower, down);
      const r = (colours[i] ?? 0) * level * red;
      const g = (colours[i + 1] ?? 0) * level * green;
      const b = (colours[i + 2] ?? 0) * level * blue;
      colours[i] = r;
      colours[i + 1] = g;
      colours[i + 2] = b;
      sum += r + g + b;
    }
  }
  // Exposed as a camera does it: by the mean of the picture, which chance makes high or low.
  const gain = clamp((dice.between(0.3, 0.47) * colours.length) / sum, 0.6, 3);
  for (let i = 0; i < colours.length; i++) colours[i] = (colours[i] ?? 0) * gain;

  function levels(y: number): Float32Array {
    const v = y / height;
    return Float32Array.from({ length: columns }, (_, column) => {
      const u = (column * STEP) / width;
      const fromCentre = (u - 0.5) * (u - 0.5) + (v - 0.5) * (v - 0.5);
      return illumination(u, v) * (1 - vignette * fromCentre);
    });
  }
}

/** Out of focus: each pass mixes a pixel with its neighbours, across and then down. @param share of each neighbour. */
function blur(canvas: Canvas, share: number, passes: number): void {
  const { width, height } = canvas;
  for (let pass = 0; pass < passes; pass++) {
    for (let y = 0; y < height; y++) blurLine(canvas.colours, y * width * 3, width, 3, share);
    for (let x = 0; x < width; x++) blurLine(canvas.colours, x * 3, height, width * 3, share);
  }
}

function blurLine(colours: Float32Array, start: number, length: number, step: number, share: number): void {
  for (let channel = start; channel < start + 3; channel++) {
    let before = colours[channel] ?? 0;
    for (let i = 0, at = channel; i < length; i++, at += step) {
      const own = colours[at] ?? 0;
      const after = i + 1 < length ? (colours[at + step] ?? 0) : own;
      colours[at] = own + share * (before + after - 2 * own);
      before = own;
    }
  }
}

/** The camera moves while it looks: each pixel is the mean along a short line. @param turn its direction. */
function shake(canvas: Canvas, length: number, turn: number): void {
  const { width, height, colours } = canvas;
  const still = colours.slice();
  const count = Math.ceil(length);
  const steps = 2 * count + 1;
  const along = (i: number) => ((i - count) / count) * (length / 2);
  const across = Int32Array.from({ length: steps }, (_, i) => Math.round(along(i) * cosine(turn)));
  const down = Int32Array.from({ length: steps }, (_, i) => Math.round(along(i) * sine(turn)));
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i += 3) {
      let r = 0;
      let g = 0;
      let b = 0;
      for (let step = 0; step < steps; step++) {
        const row = clamp(y + (down[step] ?? 0), 0, height - 1);
        const at = (row * width + clamp(x + (across[step] ?? 0), 0, width - 1)) * 3;
        r += still[at] ?? 0;
        g += still[at + 1] ?? 0;
        b += still[at + 2] ?? 0;
      }
      colours[i] = r / steps;
      colours[i + 1] = g / steps;
      colours[i + 2] = b / steps;
    }
  }
}

/** Values of grain: a row of pixels begins anywhere among them. */
const GRAINS = 8191;

/** Grain that grows with the light, contrast, highlights that roll off, 8 bits. */
function expose({ width, height, colours }: Canvas, dice: Dice): RgbImage {
  const data = new Uint8Array(width * height * 3);
  const strength = dice.scale(0.004, 0.05);
  const contrast = dice.between(0, 0.5);
  const grains = Float32Array.from({ length: GRAINS }, () => dice.roll() + dice.roll() - 1);
  for (let y = 0, i = 0; y < height; y++) {
    let grain = dice.whole(0, GRAINS - 1);
    for (let x = 0; x < width; x++) {
      // Half of it is common to the three channels, as grey grain.
      const common = grains[grain] ?? 0;
      for (let channel = 0; channel < 3; channel++, i++) {
        grain = grain + 1 < GRAINS ? grain + 1 : 0;
        const light = colours[i] ?? 0;
        const noisy = light + strength * (0.5 + 0.8 * light) * (common + (grains[grain] ?? 0));
        const rolled = noisy > 0.8 ? 0.8 + (0.2 * (noisy - 0.8)) / (noisy - 0.6) : noisy;
        const t = clamp(rolled, 0, 1);
        data[i] = Math.floor(255 * mix(t, t * t * (3 - 2 * t), contrast) + 0.5);
      }
      grain = grain + 1 < GRAINS ? grain + 1 : 0;
    }
  }
  return { width, height, data };
}

import type { Size } from '../core/frame.js';
import { fraction } from './arithmetic.js';
import type { Dice } from './dice.js';

/** Owner of pixels that no object covers. */
export const NOBODY = -1;

/** A picture that is being painted. */
export interface Canvas extends Size {
  /** Interleaved red, green, blue, row-major, 0 to 1 and beyond: what comes from each pixel. */
  readonly colours: Float32Array;
  /** Number of the object that is seen in each pixel, or `NOBODY`. */
  readonly owners: Int16Array;
}

/** All black, of nobody. */
export function createCanvas({ width, height }: Size): Canvas {
  return {
    width,
    height,
    colours: new Float32Array(width * height * 3),
    owners: new Int16Array(width * height).fill(NOBODY),
  };
}

/** Length in pixels of a 320th of the shorter side, 1 at least: what is drawn in pixels grows with the picture. */
export function pixelUnit({ width, height }: Size): number {
  return Math.max(Math.min(width, height) / 320, 1);
}

/** A whole number near `value`, its fraction decided by chance. */
export function roundByChance(value: number, dice: Dice): number {
  return Math.floor(value) + (dice.roll() < fraction(value) ? 1 : 0);
}

import type { Size } from '../core/frame.js';
import { clamp, cosine, fraction, mix, sine, smoothstep } from './arithmetic.js';
import { type Colour, hueColour } from './colours.js';
import type { Dice } from './dice.js';
import { fractal, type Noise } from './noise.js';

/** A far lamp, and the sky that fills its shadows. */
export interface Light {
  /** Towards the lamp: right, down, at the viewer; of length 1. */
  readonly direction: readonly [number, number, number];
  /** Half way between lamp and viewer: where a mirror has to look to shine. */
  readonly half: readonly [number, number, number];
  readonly lamp: Colour;
  readonly sky: Colour;
  /** Length of the shadow of what is one pixel high, in pixels, and how soft its edge gets. */
  readonly shadowLength: number;
  readonly softness: number;
  /** What a shadow takes of the light, 0 to 1. */
  readonly depth: number;
}

/** From any side, low or high, warm or cold; a flat surface that faces the viewer gets about 1. */
export function someLight(dice: Dice): Light {
  const turn = dice.roll();
  const up = dice.between(0.45, 0.88);
  const flat = Math.sqrt(1 - up * up);
  const direction = [flat * cosine(turn), flat * sine(turn), up] as const;
  const length = Math.sqrt(direction[0] * direction[0] + direction[1] * direction[1] + (up + 1) * (up + 1));
  const share = dice.between(0.4, 0.8);
  const warmth = dice.between(-0.05, 0.15);
  const lamp = hueColour(warmth > 0.03 ? 0.1 : 0.58, Math.abs(warmth), share / up);
  const sky = hueColour(dice.pick([0.6, 0.6, 0.1, 0.35]), dice.between(0, 0.25), 1 - share);
  return {
    direction,
    half: [direction[0] / length, direction[1] / length, (up + 1) / length],
    lamp,
    sky,
    shadowLength: clamp(flat / up, 0.3, 1.6),
    softness: dice.between(0.15, 0.7),
    depth: share * dice.between(0.75, 1),
  };
}

/** What part of the light falls on a place of the picture; x and y from 0 to 1. */
export type Illumination = (x: number, y: number) => number;

/**
 * The unevenness of the light over the picture: a gradient, often the rim of a lamp's circle, often the shadow of
 * something outside: a window's bars, leaves, an edge.
 */
export function someIllumination(dice: Dice, noise: Noise, { width, height }: Size): Illumination {
  const turn = dice.roll();
  const steepness = dice.between(0, 0.7);
  const gx = steepness * cosine(turn);
  const gy = steepness * sine(turn);
  const lampX = dice.between(0.1, 0.9);
  const lampY = dice.between(0.1, 0.9);
  const lampSize = dice.between(0.45, 1.1);
  const dim = dice.chance(0.35) ? dice.between(0.2, 0.5) : 0;
  const cast = dice.pick([open, open, open, open, bars, leaves, edge])(dice, noise);
  const depth = dice.between(0.2, 0.5);
  const aspect = width / height;
  return (x, y) => {
    const dx = (x - lampX) * aspect;
    const dy = y - lampY;
    const outside = smoothstep(0.25, 1, Math.sqrt(dx * dx + dy * dy) / lampSize);
    return (1 + gx * (x - 0.5) + gy * (y - 0.5)) * (1 - dim * outside) * (1 - depth * cast(x * aspect, y));
  };
}

type MakeShadow = (dice: Dice, noise: Noise) => Illumination;

const open: MakeShadow = () => () => 0;

const bars: MakeShadow = (dice) => {
  const turn = dice.roll();
  const density = dice.between(1.2, 5);
  const share = dice.between(0.25, 0.6);
  const c = cosine(turn);
  const s = sine(turn);
  const soft = dice.between(0.02, 0.15);
  const start = dice.roll();
  const crossed = dice.chance(0.4);
  return (x, y) => {
    const wave = Math.abs(fraction((c * x + s * y) * density + start) * 2 - 1);
    const along = smoothstep(share - soft, share + soft, wave);
    if (!crossed) return along;
    const other = Math.abs(fraction((c * y - s * x) * density * 0.7 + start) * 2 - 1);
    return 1 - (1 - along) * (1 - smoothstep(0.78 - soft, 0.78 + soft, other));
  };
};

const leaves: MakeShadow = (dice, noise) => {
  const density = dice.between(2.5, 7);
  const level = dice.between(0.42, 0.58);
  const soft = dice.between(0.03, 0.1);
  const dx = dice.between(0, 60);
  const dy = dice.between(0, 60);
  return (x, y) => smoothstep(level - soft, level + soft, fractal(noise, x * density + dx, y * density + dy, 3));
};

const edge: MakeShadow = (dice) => {
  const turn = dice.roll();
  const c = cosine(turn);
  const s = sine(turn);
  const place = mix(0.5 * (c + s), 0, dice.between(-0.4, 0.6));
  const soft = dice.between(0.01, 0.15);
  return (x, y) => smoothstep(place - soft, place + soft, c * x + s * y);
};

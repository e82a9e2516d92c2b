import { clamp, cosine, fraction, sine, smoothstep, triangleWave } from './arithmetic.js';
import type { Dice } from './dice.js';
import { fractal, type Noise } from './noise.js';

/** How much of the second colour shows at a place, 0 to 1. Units are those of a shape: it is about two across. */
export type Pattern = (u: number, v: number) => number;

type MakePattern = (dice: Dice, noise: Noise) => Pattern;

/** A pattern of any kind, turned and scaled by chance. */
export function somePattern(dice: Dice, noise: Noise): Pattern {
  const pattern = dice.pick(KINDS)(dice, noise);
  const turn = dice.roll();
  const c = cosine(turn);
  const s = sine(turn);
  const du = dice.between(-9, 9);
  const dv = dice.between(-9, 9);
  return (u, v) => pattern(c * u - s * v + du, s * u + c * v + dv);
}

const plain: MakePattern = () => () => 0;

const stripes: MakePattern = (dice, noise) => {
  const density = dice.scale(1.2, 7);
  const share = dice.between(0.25, 0.75);
  const waves = dice.chance(0.5) ? dice.between(0.1, 0.5) : 0;
  return (u, v) => smoothstep(share - 0.12, share + 0.12, triangleWave(u * density + waves * noise(v * 3, u)));
};

const dots: MakePattern = (dice) => {
  const density = dice.scale(1.5, 6);
  const radius = dice.between(0.18, 0.38);
  return (u, v) => {
    const row = Math.floor(v * density);
    const x = fraction(u * density + (row & 1) * 0.5) - 0.5;
    const y = fraction(v * density) - 0.5;
    return smoothstep(radius + 0.08, radius - 0.08, Math.sqrt(x * x + y * y));
  };
};

const checks: MakePattern = (dice) => {
  const density = dice.scale(1, 4);
  const soft = dice.chance(0.5);
  return (u, v) => {
    const a = smoothstep(0.42, 0.58, triangleWave(u * density));
    const b = smoothstep(0.42, 0.58, triangleWave(v * density));
    return soft ? (a + b) / 2 : a + b - 2 * a * b;
  };
};

const marble: MakePattern = (dice, noise) => {
  const density = dice.scale(0.8, 3);
  const veins = dice.between(1, 4);
  return (u, v) => triangleWave(u * density + veins * fractal(noise, u * density, v * density, 3));
};

const speckle: MakePattern = (dice, noise) => {
  const density = dice.scale(6, 18);
  const level = dice.between(0.55, 0.75);
  return (u, v) => smoothstep(level - 0.08, level + 0.08, noise(u * density, v * density));
};

const zigzag: MakePattern = (dice) => {
  const density = dice.scale(1.5, 5);
  const height = dice.between(0.2, 0.5);
  return (u, v) => smoothstep(0.38, 0.62, triangleWave(u * density + height * triangleWave(v * density)));
};

const blotches: MakePattern = (dice, noise) => {
  const density = dice.scale(1, 4);
  const level = dice.between(0.42, 0.58);
  return (u, v) => smoothstep(level - 0.06, level + 0.06, fractal(noise, u * density, v * density, 3));
};

const weave: MakePattern = (dice) => {
  const density = dice.scale(3, 9);
  return (u, v) => {
    const a = sine(u * density);
    const b = sine(v * density);
    return clamp(0.5 + 0.5 * a * b + 0.25 * (a - b), 0, 1);
  };
};

const KINDS = [plain, plain, stripes, dots, checks, marble, speckle, zigzag, blotches, weave] as const;

import type { Dice } from './dice.js';

/** Smooth randomness over the plane, 0 to 1; one feature a unit. */
export type Noise = (x: number, y: number) => number;

/** Lattice points a side; the noise repeats after so many units. */
const SIDE = 64;

/** Value noise (Perlin's lattice with values in place of gradients): random numbers on whole points, smoothly joined. */
export function createNoise(dice: Dice): Noise {
  const values = Float32Array.from({ length: SIDE * SIDE }, () => dice.roll());
  return (x, y) => {
    const column = Math.floor(x);
    const row = Math.floor(y);
    let u = x - column;
    let v = y - row;
    u = u * u * (3 - 2 * u);
    v = v * v * (3 - 2 * v);
    const left = column & (SIDE - 1);
    const right = (column + 1) & (SIDE - 1);
    const upper = (row & (SIDE - 1)) * SIDE;
    const lower = ((row + 1) & (SIDE - 1)) * SIDE;
    const a = values[upper + left] ?? 0;
    const b = values[upper + right] ?? 0;
    const c = values[lower + left] ?? 0;
    const d = values[lower + right] ?? 0;
    const above = a + (b - a) * u;
    const below = c + (d - c) * u;
    return above + (below - above) * v;
  };
}

/** Octaves of the noise, each twice as fine and half as strong as the one before: 0 to 1, mostly near a half. */
export function fractal(noise: Noise, x: number, y: number, octaves: number): number {
  let sum = 0;
  let weight = 1;
  let total = 0;
  let px = x;
  let py = y;
  for (let octave = 0; octave < octaves; octave++) {
    sum += weight * noise(px, py);
    total += weight;
    weight *= 0.5;
    // Turned by 37 degrees from octave to octave, so that their lattices do not show.
    const turned = 1.6 * px - 1.2 * py + 5.3;
    py = 1.2 * px + 1.6 * py + 1.7;
    px = turned;
  }
  return sum / total;
}

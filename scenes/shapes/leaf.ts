import { fraction, sine, smoothstep, triangleWave } from '../arithmetic.js';
import type { MakeShape } from '../shape.js';

type Width = (t: number) => number;

/** A blade along a bent midrib, tip up, with veins; smooth, toothed or lobed. */
export const leaf: MakeShape = (dice) => {
  const bend = dice.between(-0.35, 0.35);
  const breadth = dice.between(0.28, 0.62);
  const outline = dice.pick(OUTLINES);
  const edge = dice.pick(['smooth', 'smooth', 'toothed', 'lobed']);
  const count = edge === 'lobed' ? dice.whole(3, 5) : dice.whole(9, 18);
  const depth = edge === 'smooth' ? 0 : edge === 'toothed' ? dice.between(0.08, 0.2) : dice.between(0.25, 0.4);
  const veins = dice.between(5, 11);
  const slant = dice.between(0.4, 1);
  const fold = dice.between(0.15, 0.5);
  const curl = dice.between(-0.4, 0.4);

  const width: Width = (t) => {
    if (t <= 0 || t >= 1) return 0;
    const wave = edge === 'toothed' ? tooth(fraction(t * count)) - 0.5 : 0.5 * sine(t * count);
    return breadth * outline(t) * (1 + depth * 2 * wave);
  };
  const along = (v: number) => (v + 0.95) / 1.6;
  const across = (u: number, v: number) => u - bend * (v * v - 0.4);
  return {
    reach: 1.25,
    distance: ({ u, v }) => {
      const t = along(v);
      const x = Math.abs(across(u, v));
      const blade = t < 0 ? -t * 1.6 + x : t > 1 ? (t - 1) * 1.6 + x : (x - width(t)) * 0.7;
      const stalk = v > 0.4 ? Math.max(x - 0.035, v - 1) : 1;
      return Math.min(blade, stalk);
    },
    shade: ({ u, v }, surface) => {
      const t = along(v);
      const x = across(u, v);
      const side = Math.abs(x);
      const vein = triangleWave((t + side * slant) * veins);
      const rib = 1 - smoothstep(0.012, 0.035, side);
      const ridge = (1 - smoothstep(0.04, 0.18, vein)) * 0.7;
      surface.nx = (x < 0 ? -1 : 1) * fold + 0.35 * (vein - 0.5);
      surface.ny = curl * (t - 0.5) * 2 + 0.35 * (0.5 - vein);
      surface.trim = Math.max(rib, ridge * 0.7);
      surface.shade = 0.88 + 0.12 * vein;
      surface.pu = x;
    },
  };
};

/** Rises slowly and falls fast. */
const tooth = (t: number) => (t < 0.8 ? t / 0.8 : (1 - t) / 0.2);

const egg: Width = (t) => 2.6 * Math.sqrt(t) * (1 - t);
const heart: Width = (t) => 2.6 * t * Math.sqrt(1 - t);
const lance: Width = (t) => 3 * t * (1 - t);
const round: Width = (t) => 2 * Math.sqrt(t * (1 - t));

const OUTLINES = [egg, heart, lance, round] as const;

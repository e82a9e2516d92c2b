import { angle, cosine, fraction, sine, smoothstep } from '../arithmetic.js';
import type { Dice } from '../dice.js';
import type { MakeShape } from '../shape.js';

type Direction = readonly [number, number, number];
/** How much of the second colour covers the place of the ball that looks in a direction. */
type Marks = (x: number, y: number, z: number) => number;

/** A sphere: sectors, a seam, bands, patches or lines run over it. */
export const ball: MakeShape = (dice) => {
  const marks = dice.pick(MARKS)(dice);
  return {
    reach: 1,
    distance: ({ u, v }) => Math.sqrt(u * u + v * v) - 1,
    shade: ({ u, v }, surface) => {
      const z = Math.sqrt(Math.max(1 - u * u - v * v, 0.0004));
      surface.nx = u;
      surface.ny = v;
      surface.nz = z;
      surface.trim = marks(u, v, z);
      // As if wrapped around it: denser towards the rim.
      surface.pu = u * (1.5 - 0.5 * z);
      surface.pv = v * (1.5 - 0.5 * z);
    },
  };
};

function direction(dice: Dice): Direction {
  const z = dice.between(-1, 1);
  const turn = dice.roll();
  const flat = Math.sqrt(1 - z * z);
  return [flat * cosine(turn), flat * sine(turn), z];
}

const dot = (a: Direction, x: number, y: number, z: number) => a[0] * x + a[1] * y + a[2] * z;

/** Three directions at right angles. */
function axes(dice: Dice): readonly [Direction, Direction, Direction] {
  const [x, y, z] = direction(dice);
  const flat = Math.sqrt(x * x + y * y) + 1e-6;
  const second: Direction = [-y / flat, x / flat, 0];
  return [[x, y, z], second, [-z * second[1], z * second[0], x * second[1] - y * second[0]]];
}

function sectors(dice: Dice): Marks {
  const [pole, a, b] = axes(dice);
  const count = dice.whole(2, 4);
  return (x, y, z) => {
    if (Math.abs(dot(pole, x, y, z)) > 0.96) return 1;
    const part = fraction(count * angle(dot(a, x, y, z), dot(b, x, y, z)));
    return smoothstep(0.48, 0.52, part) * (1 - smoothstep(0.97, 1, part));
  };
}

function seam(dice: Dice): Marks {
  const [a, b, c] = axes(dice);
  return (x, y, z) => {
    const p = dot(a, x, y, z);
    const q = dot(b, x, y, z);
    const curve = p * p - q * q + 0.9 * dot(c, x, y, z) * (p > 0 ? 0.6 : 0.4);
    return 1 - smoothstep(0.06, 0.14, Math.abs(curve));
  };
}

function bands(dice: Dice): Marks {
  const [pole] = axes(dice);
  const middle = dice.between(-0.4, 0.4);
  const width = dice.between(0.1, 0.3);
  return (x, y, z) => 1 - smoothstep(width - 0.02, width + 0.02, Math.abs(dot(pole, x, y, z) - middle));
}

/** Around the twelve corners of an icosahedron. */
function patches(dice: Dice): Marks {
  const [a, b, c] = axes(dice);
  const size = dice.between(0.86, 0.92);
  return (x, y, z) => {
    const p = Math.abs(dot(a, x, y, z));
    const q = Math.abs(dot(b, x, y, z));
    const r = Math.abs(dot(c, x, y, z));
    const nearest = Math.max(0.5257 * p + 0.8507 * q, 0.5257 * q + 0.8507 * r, 0.5257 * r + 0.8507 * p);
    return smoothstep(size - 0.015, size + 0.015, nearest);
  };
}

/** Great circles. */
function lines(dice: Dice): Marks {
  const [a, b, c] = axes(dice);
  const width = dice.between(0.03, 0.07);
  return (x, y, z) => {
    const nearest = Math.min(
      Math.abs(dot(a, x, y, z)),
      Math.abs(dot(b, x, y, z)),
      Math.abs(dot(c, x, y, z) * dot(c, x, y, z) - 0.5) * 0.7,
    );
    return 1 - smoothstep(width - 0.02, width + 0.02, nearest);
  };
}

const none = (): Marks => () => 0;

const MARKS = [sectors, seam, bands, patches, lines, none] as const;

import { cosine, sine } from './arithmetic.js';
import type { Dice } from './dice.js';

/** How a shape lies in the picture: where, how large, turned, stretched, seen aslant, and bent out of shape. */
export interface Placement {
  /** Centre in pixels. */
  readonly x: number;
  readonly y: number;
  /** Pixels of one unit of the shape. */
  readonly size: number;
  /** From pixels to the shape's units, before perspective and bending: u of a pixel to the right, u of one down, … */
  readonly ux: number;
  readonly uy: number;
  readonly vx: number;
  readonly vy: number;
  /** How much nearer, so larger, it is per unit to the right and down. */
  readonly slantU: number;
  readonly slantV: number;
  /** Waves that run through the shape: their height and how many there are a unit, and where they start. */
  readonly bend: number;
  readonly waves: number;
  readonly phaseU: number;
  readonly phaseV: number;
  /** Cosine and sine of the turn alone: light is turned with it. */
  readonly cosine: number;
  readonly sine: number;
  /** One unit of the shape is at most so many pixels. */
  readonly longest: number;
}

/** How much a shape may be changed: 1 for what is soft, less for what is stiff. */
export interface Freedom {
  readonly bend: number;
  readonly stretch: number;
  /** How often it stands as one is used to see it. */
  readonly upright: number;
}

/** @param x centre in pixels. @param size pixels of one unit. */
export function somePlacement(x: number, y: number, size: number, freedom: Freedom, dice: Dice): Placement {
  const angle = dice.chance(freedom.upright) ? dice.between(-0.06, 0.06) : dice.roll();
  const c = cosine(angle);
  const s = sine(angle);
  const stretch = 1 + freedom.stretch * dice.between(0, 0.35);
  const wide = dice.chance(0.5);
  const [sx, sy] = wide ? [stretch, 1 / stretch] : [1 / stretch, stretch];
  const shear = freedom.stretch * dice.between(-0.25, 0.25);
  // Turned back, then unsheared, then unstretched.
  return {
    x,
    y,
    size,
    ux: (c + shear * s) / (sx * size),
    uy: (s - shear * c) / (sx * size),
    vx: -s / (sy * size),
    vy: c / (sy * size),
    slantU: dice.between(-0.16, 0.16),
    slantV: dice.between(-0.16, 0.16),
    bend: freedom.bend * dice.between(0, 0.06),
    waves: dice.between(0.3, 0.9),
    phaseU: dice.roll(),
    phaseV: dice.roll(),
    cosine: c,
    sine: s,
    longest: Math.max(sx, sy) * size * (1 + Math.abs(shear)),
  };
}

/** A place of a shape; the same record is filled again and again. */
export interface Local {
  u: number;
  v: number;
}

/** Fills `local` with the place of the shape that is seen in the picture at (x, y), in pixels. */
export function toLocal(placement: Placement, x: number, y: number, local: Local): void {
  const dx = x - placement.x;
  const dy = y - placement.y;
  let u = placement.ux * dx + placement.uy * dy;
  let v = placement.vx * dx + placement.vy * dy;
  const depth = 1 + placement.slantU * u + placement.slantV * v;
  // Where the plane comes near the viewer's eye nothing of the shape is left.
  const nearer = depth > 0.4 ? 1 / depth : 2.5;
  u *= nearer;
  v *= nearer;
  const { bend, waves } = placement;
  if (bend > 0) {
    u += bend * sine(v * waves + placement.phaseU);
    v += bend * sine(u * waves + placement.phaseV);
  }
  local.u = u;
  local.v = v;
}

/**
 * What can lie in a scene: an outline and the surface within it, in a plane of its own, about two units across, u to the
 * right and v down. The painter turns, stretches and lights it.
 */
import type { Dice } from './dice.js';
import type { Noise } from './noise.js';

/** Records, not pairs of numbers, are handed on: one serves for all pixels, where numbers would each be made anew. */
export interface Place {
  readonly u: number;
  readonly v: number;
}

export interface Shape {
  /**
   * About how far a place is from the outline: negative inside. Exact only in its sign: that is the truth that
   * annotations are made of.
   */
  distance(place: Place): number;
  /** Describes the surface at a place within the outline, on `surface`, which comes as `resetSurface` leaves it. */
  shade(place: Place, surface: Surface): void;
  /** The outline lies within this distance of the origin. */
  readonly reach: number;
}

/** One record for all pixels of a picture: making one for each would be most of the work. */
export interface Surface {
  /** Which way it looks: right, down, at the viewer; of any length. */
  nx: number;
  ny: number;
  nz: number;
  /** How much of the second colour covers the pattern, 0 to 1. */
  trim: number;
  /** How much of off-white paper covers both, 0 to 1. */
  paper: number;
  /** What of the light gets there: 1, less in a hollow. */
  shade: number;
  /** Where the pattern is read. */
  pu: number;
  pv: number;
}

export type MakeShape = (dice: Dice, noise: Noise) => Shape;

/** A flat piece, untrimmed. */
export function resetSurface(surface: Surface, { u, v }: Place): void {
  surface.nx = 0;
  surface.ny = 0;
  surface.nz = 1;
  surface.trim = 0;
  surface.paper = 0;
  surface.shade = 1;
  surface.pu = u;
  surface.pv = v;
}

/** A round cross-section: `across` is -1 at one edge, 1 at the other; the edge looks along (du, dv). */
export function roundSurface(surface: Surface, across: number, du: number, dv: number): void {
  const t = across < -0.98 ? -0.98 : across > 0.98 ? 0.98 : across;
  surface.nx = t * du;
  surface.ny = t * dv;
  surface.nz = Math.sqrt(1 - t * t);
}

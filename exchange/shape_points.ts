/** Corners of shapes, as formats without holes have them. */
import { type Ring, ringWithCuts } from '../geometry/label_outlines.js';
import type { Shape } from '../geometry/shape.js';

export type Point = readonly [x: number, y: number];

/** One ring for each polygon, holes reached over cuts; of runs and of nothing, none. */
export function ringsOf(shape: Shape | undefined): readonly Ring[] {
  return shape?.kind === 'polygons' ? shape.polygons.map(ringWithCuts) : [];
}

/** `[x, y]` of each corner. */
export function pointsOf(ring: Ring): readonly Point[] {
  return Array.from({ length: ring.length / 2 }, (_, i) => [ring[2 * i] ?? 0, ring[2 * i + 1] ?? 0] as const);
}

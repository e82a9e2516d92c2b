/** What an object covers of its picture: outlines, as people draw them, or pixels. Lengths are pixels of the picture. */
import type { Size } from '../core/frame.js';
import { boxAround } from './box_around.js';
import { labelOutlines, type Ring } from './label_outlines.js';
import { type MaskRuns, paintRuns, runsByLabel } from './mask_runs.js';
import { polygonRuns } from './polygon_runs.js';
import { maskPixels } from './row_runs.js';

/** Runs are those of the whole picture, of this size; polygons are parts of one object, corners anywhere. */
export type Shape =
  | { readonly kind: 'runs'; readonly runs: MaskRuns; readonly size: Size }
  | { readonly kind: 'polygons'; readonly polygons: readonly Polygon[] };

export interface Polygon {
  readonly outer: Ring;
  readonly holes: readonly Ring[];
}

/** In pixels: of runs their number, of polygons what their corners enclose. Parts that overlap count twice. */
export function shapeArea(shape: Shape): number {
  if (shape.kind === 'runs') return runsArea(shape.runs);
  const areas = shape.polygons.map(({ outer, holes }) => ringArea(outer) - sum(holes.map(ringArea)));
  return sum(areas);
}

/** Gauss's formula. */
function ringArea(ring: Ring): number {
  let twice = 0;
  for (let i = 0; i < ring.length; i += 2) {
    const next = (i + 2) % ring.length;
    twice += (ring[i] ?? 0) * (ring[next + 1] ?? 0) - (ring[next] ?? 0) * (ring[i + 1] ?? 0);
  }
  return Math.abs(twice) / 2;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

/** The smallest upright box around it, as x, y, width, height; undefined of what covers nothing. */
export function shapeBox(shape: Shape): readonly [number, number, number, number] | undefined {
  if (shape.kind === 'runs') return runsBox(shape.runs, shape.size);
  const corners = shape.polygons.flatMap(({ outer }) => outer);
  return corners.length === 0 ? undefined : boxAround(corners);
}

function runsBox(runs: MaskRuns, { height }: Size): readonly [number, number, number, number] | undefined {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  let at = 0;
  for (const [i, run] of runs.entries()) {
    if (i % 2 === 1 && run > 0) {
      const last = at + run - 1;
      const columns = [Math.floor(at / height), Math.floor(last / height)] as const;
      left = Math.min(left, columns[0]);
      right = Math.max(right, columns[1] + 1);
      // A run over the end of a column covers its last row and the first of the next.
      top = columns[0] === columns[1] ? Math.min(top, at % height) : 0;
      bottom = columns[0] === columns[1] ? Math.max(bottom, (last % height) + 1) : height;
    }
    at += run;
  }
  return right < 0 ? undefined : [left, top, right - left, bottom - top];
}

/** Outlines of what it covers: of runs along the edges of pixels, so that filled they are the runs again. */
export function shapePolygons(shape: Shape): readonly Polygon[] {
  if (shape.kind === 'polygons') return shape.polygons;
  const { size } = shape;
  const box = runsBox(shape.runs, size);
  if (box === undefined) return [];
  // Only what lies in its box: a small object of a large picture is followed in no time.
  const [left, top, width, height] = box;
  const inside = maskPixels(shape.runs, size, box);
  const moved = (ring: Ring) => ring.map((value, i) => value + (i % 2 === 0 ? left : top));
  return labelOutlines({ width, height, labels: inside })
    .filter(({ label }) => label === 1)
    .map(({ outer, holes }) => ({ outer: moved(outer), holes: holes.map(moved) }));
}

/** Runs of what it covers of a picture: of polygons the pixels that pycocotools takes (`polygonRuns`), without their holes. */
export function shapeRuns(shape: Shape, size: Size): MaskRuns {
  if (shape.kind === 'runs') return shape.runs;
  const [first, ...more] = shape.polygons;
  if (first !== undefined && more.length === 0 && first.holes.length === 0) return polygonRuns(first.outer, size);
  const pixels = size.width * size.height;
  const all = new Uint8Array(pixels);
  for (const { outer, holes } of shape.polygons) {
    if (holes.length === 0) {
      paintRuns(all, polygonRuns(outer, size), 1, size);
      continue;
    }
    const own = new Uint8Array(pixels);
    paintRuns(own, polygonRuns(outer, size), 1, size);
    for (const hole of holes) paintRuns(own, polygonRuns(hole, size), 0, size);
    for (let i = 0; i < pixels; i++) if (own[i] === 1) all[i] = 1;
  }
  return runsByLabel({ ...size, labels: all }).get(1) ?? [pixels];
}

/** Pixels within runs. */
export function runsArea(runs: MaskRuns): number {
  return runs.reduce((sum, run, i) => sum + (i % 2 === 1 ? run : 0), 0);
}

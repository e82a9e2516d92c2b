/** Which pixels a polygon covers, as pycocotools decides it (common/maskApi.c, `rleFrPoly`): every fifth of a pixel along its edges. */
import type { Size } from '../core/frame.js';
import type { Ring } from './label_outlines.js';
import type { MaskRuns } from './mask_runs.js';

/** Points that are looked at in a pixel's length. */
const SCALE = 5;

/**
 * Runs of the pixels within a ring, to the pixel those of `pycocotools.mask.frPyObjects`. Where it crosses itself, what is enclosed twice
 * is outside. A ring along the edges of pixels covers those whose centres it encloses. What lies outside of the picture is cut off.
 */
export function polygonRuns(ring: Ring, { width, height }: Size): MaskRuns {
  const corners = ring.map((value) => Math.trunc(SCALE * value + 0.5));
  const crossings: number[] = [];
  let [lastX, lastY] = [Number.NaN, 0];
  const step = (x: number, y: number) => {
    const [beforeX, beforeY] = [lastX, lastY];
    [lastX, lastY] = [x, y];
    if (Number.isNaN(beforeX) || x === beforeX) return;
    const column = (Math.min(x, beforeX) + 0.5) / SCALE - 0.5;
    if (!Number.isInteger(column) || column < 0 || column > width - 1) return;
    const row = (Math.min(y, beforeY) + 0.5) / SCALE - 0.5;
    crossings.push(column * height + Math.ceil(Math.min(Math.max(row, 0), height)));
  };
  for (let i = 0; i < corners.length; i += 2) {
    const next = (i + 2) % corners.length;
    edgePoints(corners[i] ?? 0, corners[i + 1] ?? 0, corners[next] ?? 0, corners[next + 1] ?? 0, step);
  }
  crossings.push(width * height);
  return runsBetween(Float64Array.from(crossings).sort());
}

/** The whole points of an edge, its ends among them, by its longer extent. */
function edgePoints(x1: number, y1: number, x2: number, y2: number, step: (x: number, y: number) => void): void {
  const [dx, dy] = [Math.abs(x2 - x1), Math.abs(y2 - y1)];
  const wide = dx >= dy;
  // The same points whichever way it is walked.
  const flip = wide ? x1 > x2 : y1 > y2;
  const [xs, ys, xe, ye] = flip ? [x2, y2, x1, y1] : [x1, y1, x2, y2];
  const length = wide ? dx : dy;
  const slope = length === 0 ? 0 : (wide ? ye - ys : xe - xs) / length;
  for (let d = 0; d <= length; d++) {
    const t = flip ? length - d : d;
    if (wide) step(t + xs, Math.trunc(ys + slope * t + 0.5));
    else step(Math.trunc(xs + slope * t + 0.5), t + ys);
  }
}

/** Two crossings at one place are none. */
function runsBetween(sorted: Float64Array): MaskRuns {
  let before = 0;
  const gaps = Array.from(sorted, (place) => {
    const gap = place - before;
    before = place;
    return gap;
  });
  const runs = [gaps[0] ?? 0];
  for (let i = 1; i < gaps.length; i++) {
    const gap = gaps[i] ?? 0;
    if (gap > 0) runs.push(gap);
    else if (++i < gaps.length) runs[runs.length - 1] = (runs.at(-1) ?? 0) + (gaps[i] ?? 0);
  }
  return runs;
}

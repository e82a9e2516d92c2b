import type { RgbImage } from '../core/frame.js';
import type { Rgb } from './palette.js';

/** In pixels of the picture. */
export type Point = readonly [x: number, y: number];

/**
 * Draws the way from point to point into the picture, with round ends: every pixel whose centre is within half of `width` of
 * it, as far as it lies in the picture. One point is a dot.
 */
export function strokePolyline(image: RgbImage, points: readonly Point[], width: number, colour: Rgb): void {
  const [first] = points;
  if (first === undefined) return;
  if (points.length === 1) strokeSegment(image, first, first, width, colour);
  for (let i = 1; i < points.length; i++) {
    strokeSegment(image, points[i - 1] ?? first, points[i] ?? first, width, colour);
  }
}

function strokeSegment(image: RgbImage, [x1, y1]: Point, [x2, y2]: Point, width: number, [r, g, b]: Rgb): void {
  const reach = width / 2;
  const [dx, dy] = [x2 - x1, y2 - y1];
  const length = Math.hypot(dx, dy);
  const lastRow = Math.min(image.height - 1, Math.ceil(Math.max(y1, y2) + reach));
  for (let y = Math.max(0, Math.floor(Math.min(y1, y2) - reach)); y <= lastRow; y++) {
    const [from, to] = columnsNear(y + 0.5, [x1, y1], [x2, y2], reach);
    for (let x = Math.max(0, Math.floor(from)); x <= Math.min(image.width - 1, Math.ceil(to)); x++) {
      const [px, py] = [x + 0.5 - x1, y + 0.5 - y1];
      const along = length === 0 ? 0 : Math.min(1, Math.max(0, (px * dx + py * dy) / (length * length)));
      if (Math.hypot(px - along * dx, py - along * dy) > reach) continue;
      const at = (y * image.width + x) * 3;
      image.data[at] = r;
      image.data[at + 1] = g;
      image.data[at + 2] = b;
    }
  }
}

/** Columns that can be near a segment in a row: those of the part of it that is near the row. */
function columnsNear(y: number, [x1, y1]: Point, [x2, y2]: Point, reach: number): Point {
  if (Math.abs(y2 - y1) < 1e-9) return [Math.min(x1, x2) - reach, Math.max(x1, x2) + reach];
  const at = (row: number) => {
    const share = Math.min(1, Math.max(0, (row - y1) / (y2 - y1)));
    return x1 + share * (x2 - x1);
  };
  const ends = [at(y - reach), at(y + reach)];
  return [Math.min(...ends) - reach, Math.max(...ends) + reach];
}

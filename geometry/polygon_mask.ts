/**
 * Polygons as pixels, equal to `cv2.fillPoly` (8-connected, no anti-aliasing): what lies inside by the even-odd rule, and the
 * pixels of the outline, which Bresenham's way from corner to corner goes over.
 */
import { LowformerError } from '../core/errors.js';

/** A corner in whole pixels. */
export type PixelPoint = readonly [x: number, y: number];

/** The pixels of a polygon, and where they lie. */
export interface PolygonMask {
  /** Column and row of the first byte. */
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  /** `[height, width]`: 1 where the polygon is. */
  readonly data: Uint8Array;
}

/** As many pixels as the largest picture that is read unless told otherwise. */
const MOST_PIXELS = 1 << 28;
/** Positions along a row have 16 bits behind the point. */
const ONE = 65536;

/**
 * The pixels of a polygon, which closes by itself; it may be concave, touch itself and cross itself.
 * @param polygon three corners or more, whole numbers from -32768 to 32767.
 * @throws {LowformerError} `invalid-argument` for fewer corners, other numbers, and a box around it of more than 268 million pixels.
 */
export function polygonMask(polygon: readonly PixelPoint[]): PolygonMask {
  check(polygon);
  const [xs, ys] = [polygon.map(([x]) => x), polygon.map(([, y]) => y)];
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  const [width, height] = [Math.max(...xs) - left + 1, Math.max(...ys) - top + 1];
  if (width * height > MOST_PIXELS) {
    throw wrong(`a box of at most ${MOST_PIXELS} pixels around it`, `${width}x${height}`);
  }
  const mask = { left, top, width, height, data: new Uint8Array(width * height) };
  const corners = polygon.map(([x, y]): PixelPoint => [x - left, y - top]);
  fillInside(mask, corners);
  corners.forEach((corner, i) => void markLine(mask, corners.at(i - 1) ?? corner, corner));
  return mask;
}

/** Whether a pixel is the polygon's. Whole numbers. */
export function maskHas({ left, top, width, height, data }: PolygonMask, x: number, y: number): boolean {
  const [column, row] = [x - left, y - top];
  return column >= 0 && row >= 0 && column < width && row < height && data[row * width + column] === 1;
}

function check(polygon: readonly PixelPoint[]): void {
  if (polygon.length < 3) throw wrong('three corners or more', polygon.length);
  for (const corner of polygon) {
    if (!corner.every((value) => Number.isInteger(value) && Math.abs(value + 0.5) < 32768)) {
      throw wrong('whole pixels from -32768 to 32767', corner.join(','));
    }
  }
}

function wrong(expected: string, received: unknown): LowformerError {
  return new LowformerError({ code: 'invalid-argument', where: 'polygon', expected: `${expected},`, received });
}

/** Rows of the upper end of an edge to that before its lower end; between the first and second edge, the third and fourth, … */
function fillInside({ width, height, data }: PolygonMask, corners: readonly PixelPoint[]): void {
  const edges = corners.flatMap(([x, y], i) => {
    const [fromX, fromY] = corners.at(i - 1) ?? [x, y];
    if (fromY === y) return [];
    const [upper, lower] =
      fromY < y ? [[fromX, fromY] as const, [x, y] as const] : [[x, y] as const, [fromX, fromY] as const];
    const step = Math.trunc(((lower[0] - upper[0]) * ONE) / (lower[1] - upper[1]));
    return [{ first: upper[1], end: lower[1], x: upper[0] * ONE, step }];
  });
  for (let row = 0; row < height; row++) {
    const crossings = edges
      .flatMap(({ first, end, x, step }) => (first <= row && row < end ? [x + (row - first) * step] : []))
      .sort((a, b) => a - b);
    for (let i = 0; i + 1 < crossings.length; i += 2) {
      const from = Math.ceil((crossings[i] ?? 0) / ONE);
      const to = Math.floor((crossings[i + 1] ?? 0) / ONE);
      if (from <= to) data.fill(1, row * width + from, row * width + to + 1);
    }
  }
}

/** OpenCV's line of 8 neighbours, which goes from left to right: the same pixels whichever end is given first. */
function markLine({ width, data }: PolygonMask, a: PixelPoint, b: PixelPoint): void {
  const [[x1, y1], [x2, y2]] = a[0] <= b[0] ? [a, b] : [b, a];
  const [across, down] = [x2 - x1, Math.abs(y2 - y1)];
  const rowStep = y2 < y1 ? -width : width;
  const steep = down > across;
  const [long, short] = steep ? [down, across] : [across, down];
  const [longStep, shortStep] = steep ? [rowStep, 1] : [1, rowStep];
  let error = long - 2 * short;
  let at = y1 * width + x1;
  for (let i = 0; i <= long; i++) {
    data[at] = 1;
    const aside = error < 0;
    error += (aside ? 2 * long : 0) - 2 * short;
    at += longStep + (aside ? shortStep : 0);
  }
}

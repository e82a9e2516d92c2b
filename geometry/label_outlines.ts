/**
 * Outlines of the regions of a label map, along the edges of its pixels: whoever fills them (pixels whose centre is inside) has
 * the map again, to the pixel. Contours through the pixels' centres, as d3-contour and marching squares draw, have not.
 */
import type { Size } from '../core/frame.js';
import { labelRegions } from './label_regions.js';

/** x0, y0, x1, y1, …: corners in whole pixels; not closed, its first corner stands once. */
export type Ring = readonly number[];

/** A region: its outer ring, clockwise as seen with y down, and its holes, the other way round. */
export interface Outline {
  readonly label: number;
  readonly outer: Ring;
  readonly holes: readonly Ring[];
  readonly pixels: number;
}

type Map2d = Size & { readonly labels: Uint8Array | Uint16Array };

/**
 * Regions are pixels of one label that share edges (4-connected), in the order of their first pixel, row by row. Beside the map it takes
 * an eighth of a byte a pixel, and what the runs and rings take.
 */
export function labelOutlines(map: Map2d): readonly Outline[] {
  const { width, height, labels } = map;
  const { starts, regions } = labelRegions(map);
  const found = new Map<number, { label: number; outer: Ring; holes: Ring[]; pixels: number }>();
  // Edges that were followed to the right, above a pixel: a bit each.
  const followed = new Uint8Array(Math.ceil((width * height) / 8));
  for (let run = 0; run < regions.length; run++) {
    const [start, end] = [starts[run] ?? 0, starts[run + 1] ?? 0];
    const region = regions[run] ?? 0;
    const [y, left] = [Math.floor(start / width), start % width];
    const known = found.get(region);
    if (known !== undefined) known.pixels += end - start;
    for (let at = start; at < end; at++) {
      if ((at >= width && labels[at - width] === labels[at]) || isFollowed(followed, at)) continue;
      const ring = follow(map, left + at - start, y, followed);
      const own = found.get(region);
      if (own === undefined) found.set(region, { label: labels[at] ?? 0, outer: ring, holes: [], pixels: end - start });
      else own.holes.push(ring);
    }
  }
  return [...found.values()];
}

const isFollowed = (followed: Uint8Array, at: number): boolean => (((followed[at >>> 3] ?? 0) >>> (at & 7)) & 1) === 1;

/** Steps right, down, left, up. */
const DX = [1, 0, -1, 0] as const;
const DY = [0, 1, 0, -1] as const;

/** The ring that begins above pixel (x, y) to the right, the region on the right hand. */
function follow({ width, height, labels }: Map2d, startX: number, startY: number, followed: Uint8Array): Ring {
  const label = labels[startY * width + startX];
  const inside = (px: number, py: number) =>
    px >= 0 && py >= 0 && px < width && py < height && labels[py * width + px] === label;
  const corners: number[] = [];
  let [x, y, direction] = [startX, startY, 0];
  do {
    if (direction === 0) markFollowed(followed, y * width + x);
    x += DX[direction] ?? 0;
    y += DY[direction] ?? 0;
    // Of the two pixels ahead, the one on the right and the one on the left hand.
    const right = inside(...AHEAD_RIGHT(x, y, direction));
    const left = right && inside(...AHEAD_LEFT(x, y, direction));
    if (right && !left) continue;
    corners.push(x, y);
    direction = (direction + (right ? 3 : 1)) % 4;
  } while (x !== startX || y !== startY || direction !== 0);
  return corners;
}

function markFollowed(followed: Uint8Array, at: number): void {
  followed[at >>> 3] = (followed[at >>> 3] ?? 0) | (1 << (at & 7));
}

type Pixel = readonly [x: number, y: number];
const AHEAD_RIGHT = (x: number, y: number, direction: number): Pixel =>
  direction === 0 ? [x, y] : direction === 1 ? [x - 1, y] : direction === 2 ? [x - 1, y - 1] : [x, y - 1];
const AHEAD_LEFT = (x: number, y: number, direction: number): Pixel =>
  direction === 0 ? [x, y - 1] : direction === 1 ? [x, y] : direction === 2 ? [x - 1, y] : [x - 1, y - 1];

/**
 * One ring of a region with holes, for formats that have none: each hole is reached over a cut to the left that is walked there
 * and back, and has no area. Filled, the ring is the region to the pixel.
 */
export function ringWithCuts({ outer, holes }: Pick<Outline, 'outer' | 'holes'>): Ring {
  // The leftmost first: what lies to the left of a hole is then part of the ring.
  const order = holes
    .map((hole) => ({ hole, first: leftmost(hole) }))
    .sort((a, b) => (a.hole[a.first] ?? 0) - (b.hole[b.first] ?? 0));
  let ring = outer;
  for (const { hole, first } of order) {
    const [x = 0, y = 0] = [hole[first], hole[first + 1]];
    const { edge, x: cut } = edgeToTheLeft(ring, x, y);
    const turned = [...hole.slice(first), ...hole.slice(0, first)];
    ring = [...ring.slice(0, edge + 2), cut, y, ...turned, x, y, cut, y, ...ring.slice(edge + 2)];
  }
  return ring;
}

/** Where its leftmost corner stands. */
function leftmost(ring: Ring): number {
  let best = 0;
  for (let i = 2; i < ring.length; i += 2) if ((ring[i] ?? 0) < (ring[best] ?? 0)) best = i;
  return best;
}

/** The edge nearest to the left of a point: where its first corner stands, and its x beside the point. */
function edgeToTheLeft(ring: Ring, x: number, y: number): { readonly edge: number; readonly x: number } {
  let best = { edge: 0, x: Number.NEGATIVE_INFINITY };
  for (let i = 0; i < ring.length; i += 2) {
    const [x1 = 0, y1 = 0] = [ring[i], ring[i + 1]];
    const [x2 = 0, y2 = 0] = i + 2 < ring.length ? [ring[i + 2], ring[i + 3]] : [ring[0], ring[1]];
    if (y1 === y2 || Math.min(y1, y2) > y || Math.max(y1, y2) < y) continue;
    const own = x1 === x2 ? x1 : x1 + ((y - y1) / (y2 - y1)) * (x2 - x1);
    if (own > x || own <= best.x) continue;
    best = { edge: i, x: own };
  }
  return best;
}

/**
 * One ring of several, for formats whose objects have one: each further ring is reached over a line between the nearest corners, which
 * is walked there and back and has no area, as ultralytics' converter joins the parts of COCO's objects.
 * @param rings at least one.
 */
export function ringWithBridges([first = [], ...more]: readonly Ring[]): Ring {
  let ring = first;
  for (const next of more) {
    const { from, to } = nearestCorners(ring, next);
    const turned = [...next.slice(to), ...next.slice(0, to)];
    ring = [...ring.slice(0, from + 2), ...turned, ...turned.slice(0, 2), ...ring.slice(from)];
  }
  return ring;
}

/** Where they stand. */
function nearestCorners(ring: Ring, other: Ring): { readonly from: number; readonly to: number } {
  let best = { from: 0, to: 0, distance: Number.POSITIVE_INFINITY };
  for (let from = 0; from < ring.length; from += 2) {
    const [x = 0, y = 0] = [ring[from], ring[from + 1]];
    for (let to = 0; to < other.length; to += 2) {
      const distance = ((other[to] ?? 0) - x) ** 2 + ((other[to + 1] ?? 0) - y) ** 2;
      if (distance < best.distance) best = { from, to, distance };
    }
  }
  return best;
}

/**
 * A microscope-like picture of blood cells, drawn by arithmetic alone, with the box of every cell known.
 * Stained cells absorb light, so each one multiplies what lies below it: cells that touch look as they do on a slide.
 */
import type { RgbImage } from '../core/frame.js';
import { mulberry32 } from '../core/random.js';
import type { Box } from '../core/results.js';

export type DemoCellKind = 'RBC' | 'WBC' | 'Platelets';

export interface DemoCell {
  readonly kind: DemoCellKind;
  /** The drawn outline, clipped to the picture, in pixels. */
  readonly box: Box;
}

export interface DemoScene {
  readonly image: RgbImage;
  /** In drawing order. */
  readonly cells: readonly DemoCell[];
}

/** Fractions of red, green and blue that pass through one thickness of stain. */
type Stain = readonly [r: number, g: number, b: number];

const WIDTH = 640;
const HEIGHT = 480;
const GROUND: readonly [number, number, number] = [203, 209, 205];
const RED_CELL: Stain = [0.915, 0.715, 0.7];
const CYTOPLASM: Stain = [0.86, 0.74, 0.94];
const NUCLEUS: Stain = [0.4, 0.33, 0.84];
const PLATELET: Stain = [0.7, 0.66, 0.96];

/**
 * Draws the scene: 640x480, interleaved RGB. Equal arguments give equal bytes.
 * One or two white cells, up to 14 red cells and 4 to 6 platelets; fewer where they find no room.
 * @param frame of a moving scene, in which cells drift with the plasma, each at its own pace, up to 9 pixels a frame; those that
 *   have left the picture are no longer among `cells`.
 */
export function drawDemoScene(seed = 6, frame = 0): DemoScene {
  const random = mulberry32(seed);
  const layout = drifted(placeCells(random), seed, frame);
  const light = ground(seed);
  const cells = layout.map((cell): DemoCell => {
    const outline = wobblyOutline(random, cell);
    if (cell.kind === 'RBC') drawRedCell(light, cell, outline, random);
    else if (cell.kind === 'WBC') drawWhiteCell(light, cell, outline, random);
    else drawPlatelet(light, cell, outline, random);
    return { kind: cell.kind, box: outlineBox(cell, outline) };
  });
  return { image: expose(light, seed + frame), cells: cells.filter(({ box: [x1, y1, x2, y2] }) => x2 > x1 && y2 > y1) };
}

interface Placed {
  readonly kind: DemoCellKind;
  readonly x: number;
  readonly y: number;
  readonly radius: number;
}

/** Throws darts: a cell lands where it touches no other by more than its kind allows. */
function placeCells(random: () => number): Placed[] {
  const placed: Placed[] = [];
  const between = (low: number, high: number) => low + (high - low) * random();
  const scatter = (
    kind: DemoCellKind,
    count: number,
    radii: readonly [number, number],
    inside: number,
    gap: number,
  ) => {
    for (let n = 0; n < count; n++) {
      const radius = between(...radii);
      const margin = radius * inside;
      for (let dart = 0; dart < 400; dart++) {
        const x = between(margin, WIDTH - margin);
        const y = between(margin, HEIGHT - margin);
        if (placed.some((other) => Math.hypot(other.x - x, other.y - y) < (other.radius + radius) * gap)) continue;
        placed.push({ kind, x, y, radius });
        break;
      }
    }
  };
  scatter('WBC', random() < 0.5 ? 1 : 2, [82, 98], 1.12, 1.3);
  scatter('RBC', 14, [42, 54], 0.55, 1.1);
  scatter('Platelets', 4 + Math.floor(random() * 3), [17, 22], 1.5, 1.2);
  return placed;
}

/** Where cells are in a later frame: most go to the right, white cells slowest. */
function drifted(cells: readonly Placed[], seed: number, frame: number): readonly Placed[] {
  const random = mulberry32(seed ^ 0xd21f7);
  return cells.map((cell) => {
    const pace = { RBC: 6, WBC: 2, Platelets: 7 }[cell.kind] * (0.6 + 0.6 * random());
    const angle = 0.9 * (random() - 0.5);
    const turn = 0.02 * (random() - 0.5) * frame;
    const x = cell.x + pace * frame * Math.cos(angle + turn);
    return { ...cell, x, y: cell.y + pace * frame * Math.sin(angle + turn) };
  });
}

/** Radius as a function of the angle in radians. */
type Outline = (angle: number) => number;

/** A disc with a few slow waves on its rim; platelets are the raggedest. */
function wobblyOutline(random: () => number, { kind, radius }: Placed): Outline {
  const roughness = { RBC: 0.1, WBC: 0.07, Platelets: 0.16 }[kind];
  const waves = [2, 3, 4, 5].map((frequency) => ({
    frequency,
    phase: random() * 2 * Math.PI,
    height: (roughness * (0.3 + 0.7 * random())) / frequency ** 1.5,
  }));
  return (angle) =>
    radius * waves.reduce((sum, { frequency, phase, height }) => sum + height * Math.cos(frequency * angle + phase), 1);
}

function outlineBox({ x, y }: Placed, outline: Outline): Box {
  let [x1, y1, x2, y2] = [x, y, x, y];
  for (let step = 0; step < 720; step++) {
    const angle = (step * Math.PI) / 360;
    const radius = outline(angle);
    x1 = Math.min(x1, x + radius * Math.cos(angle));
    x2 = Math.max(x2, x + radius * Math.cos(angle));
    y1 = Math.min(y1, y + radius * Math.sin(angle));
    y2 = Math.max(y2, y + radius * Math.sin(angle));
  }
  return [Math.max(x1, 0), Math.max(y1, 0), Math.min(x2, WIDTH), Math.min(y2, HEIGHT)];
}

/** The lamp: an even pale field, a little brighter in the middle, with a faint unevenness. */
function ground(seed: number): Float32Array {
  const light = new Float32Array(WIDTH * HEIGHT * 3);
  for (let y = 0, i = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++, i += 3) {
      const fromCentre = Math.hypot(x / WIDTH - 0.5, y / HEIGHT - 0.5);
      const level = 1.015 - 0.06 * fromCentre * fromCentre + 0.012 * smoothNoise(x, y, 90, seed);
      const tint = 0.008 * smoothNoise(x, y, 140, seed + 1);
      light[i] = GROUND[0] * (level + tint);
      light[i + 1] = GROUND[1] * level;
      light[i + 2] = GROUND[2] * (level - tint);
    }
  }
  return light;
}

/** A biconcave disc: thinner, so lighter, in the middle; thickest in a ring near the rim. */
function drawRedCell(light: Float32Array, cell: Placed, outline: Outline, random: () => number): void {
  const density = 0.85 + 0.35 * random();
  const pallor = 0.4 + 0.35 * random();
  const spread = 0.34 + 0.16 * random();
  const seed = Math.floor(random() * 2 ** 31);
  stain(light, cell, outline, RED_CELL, 3.5, (t, x, y) => {
    const dent = 1 - pallor * Math.exp(-((t / spread) ** 3));
    const rim = 1 + 0.16 * Math.exp(-(((t - 0.9) / 0.09) ** 2));
    return density * dent * rim * (1 + 0.07 * smoothNoise(x, y, 17, seed));
  });
}

/** Pale granular cytoplasm around a dark nucleus of three or four lobes strung along an arc. */
function drawWhiteCell(light: Float32Array, cell: Placed, outline: Outline, random: () => number): void {
  const seed = Math.floor(random() * 2 ** 31);
  stain(light, cell, outline, CYTOPLASM, 4, (t, x, y) => {
    const granules = smoothNoise(x, y, 3.3, seed) + 0.8 * smoothNoise(x, y, 7.1, seed + 1);
    return 0.82 + 0.35 * t ** 4 + 0.22 * granules + 0.15 * smoothNoise(x, y, 23, seed + 2);
  });
  const count = random() < 0.5 ? 3 : 4;
  const start = random() * 2 * Math.PI;
  const lobes = Array.from({ length: count }, (_, n) => {
    const angle = start + (n * 1.45 * Math.PI) / count + 0.15 * (random() - 0.5);
    const distance = cell.radius * (0.4 + 0.06 * random());
    const radius = cell.radius * (0.27 + 0.06 * random());
    return { x: cell.x + distance * Math.cos(angle), y: cell.y + distance * Math.sin(angle), radius };
  });
  // lobes merge as metaballs: the sum of (radius / distance)^6 is 1 on their common outline
  const depth = (x: number, y: number) => {
    let sum = 0;
    for (const lobe of lobes) {
      const ratio = lobe.radius ** 2 / Math.max((x - lobe.x) ** 2 + (y - lobe.y) ** 2, 1);
      sum += ratio ** 3;
    }
    return sum ** (-1 / 6);
  };
  stain(light, cell, outline, NUCLEUS, 1, (_, x, y) => {
    const t = depth(x, y);
    const covered = smoothstep(((1 - t) * cell.radius * 0.3) / 4 + 0.5);
    const chromatin = 1 + 0.16 * smoothNoise(x, y, 9, seed + 3) + 0.1 * smoothNoise(x, y, 4, seed + 4);
    return covered * chromatin * (1.08 - 0.12 * Math.min(t, 1));
  });
}

/** A granular speck that fades into a faint halo, which counts as part of it. */
function drawPlatelet(light: Float32Array, cell: Placed, outline: Outline, random: () => number): void {
  const density = 0.8 + 0.3 * random();
  const seed = Math.floor(random() * 2 ** 31);
  stain(light, cell, outline, PLATELET, 6, (t, x, y) => {
    const halo = 0.3 * (1 - 0.8 * t);
    const granules = 1 + 0.3 * smoothNoise(x, y, 4.7, seed) + 0.15 * smoothNoise(x, y, 9, seed + 1);
    return density * (halo + 1.25 * smoothstep((0.82 - t) / 0.6) * granules);
  });
}

/**
 * Multiplies the light under one cell by `colour ^ thickness`.
 * `softness` is the width of the edge in pixels; `thickness` gets the place on the radius (0 centre, 1 rim), x and y.
 */
function stain(
  light: Float32Array,
  cell: Placed,
  outline: Outline,
  colour: Stain,
  softness: number,
  thickness: (t: number, x: number, y: number) => number,
): void {
  const [logR, logG, logB] = [Math.log(colour[0]), Math.log(colour[1]), Math.log(colour[2])];
  const reach = cell.radius * 1.3;
  for (let y = Math.max(0, Math.floor(cell.y - reach)); y < Math.min(HEIGHT, cell.y + reach); y++) {
    for (let x = Math.max(0, Math.floor(cell.x - reach)); x < Math.min(WIDTH, cell.x + reach); x++) {
      const [dx, dy] = [x + 0.5 - cell.x, y + 0.5 - cell.y];
      const rim = outline(Math.atan2(dy, dx));
      const distance = Math.hypot(dx, dy);
      const covered = smoothstep((rim - distance) / softness + 0.5);
      if (covered === 0) continue;
      const amount = covered * thickness(distance / rim, x, y);
      const i = (y * WIDTH + x) * 3;
      light[i] = (light[i] ?? 0) * Math.exp(logR * amount);
      light[i + 1] = (light[i + 1] ?? 0) * Math.exp(logG * amount);
      light[i + 2] = (light[i + 2] ?? 0) * Math.exp(logB * amount);
    }
  }
}

/** The sensor: a slight grain, then 8 bits. */
function expose(light: Float32Array, seed: number): RgbImage {
  const random = mulberry32(seed ^ 0x5eed);
  const data = new Uint8Array(light.length);
  for (let i = 0; i < data.length; i++) {
    const grain = (random() + random() - 1) * 2.5;
    data[i] = Math.min(255, Math.max(0, Math.round((light[i] ?? 0) + grain)));
  }
  return { width: WIDTH, height: HEIGHT, data };
}

function smoothstep(value: number): number {
  const t = Math.min(1, Math.max(0, value));
  return t * t * (3 - 2 * t);
}

/** Value noise from -1 to 1: random values on a lattice of `scale` pixels, smoothly joined. */
function smoothNoise(x: number, y: number, scale: number, seed: number): number {
  const [column, row] = [Math.floor(x / scale), Math.floor(y / scale)];
  const [u, v] = [smoothstep(x / scale - column), smoothstep(y / scale - row)];
  const above = latticeValue(column, row, seed) * (1 - u) + latticeValue(column + 1, row, seed) * u;
  const below = latticeValue(column, row + 1, seed) * (1 - u) + latticeValue(column + 1, row + 1, seed) * u;
  return above * (1 - v) + below * v;
}

function latticeValue(column: number, row: number, seed: number): number {
  let hash = Math.imul(column, 0x27d4eb2d) ^ Math.imul(row, 0x165667b1) ^ Math.imul(seed, 0x9e3779b1);
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 31 - 1;
}

import { clamp, smoothstep } from './arithmetic.js';
import type { Canvas } from './canvas.js';
import { type Footprint, withinPicture } from './footprint.js';
import type { Light } from './light.js';
import type { Material } from './material.js';
import type { Noise } from './noise.js';
import { type Placement, toLocal } from './placement.js';
import { resetSurface, type Shape, type Surface } from './shape.js';

/** A shape at its place. */
export interface Piece {
  readonly shape: Shape;
  readonly placement: Placement;
  readonly material: Material;
  /** Over what lies below, in pixels. */
  readonly height: number;
}

/** Darkens what lies below: the shadow that the lamp casts, and the narrow one where a piece touches the ground. */
export function paintShadow(canvas: Canvas, footprint: Footprint, height: number, light: Light): void {
  const shift = height * light.shadowLength;
  const dx = Math.round(-light.direction[0] * shift);
  const dy = Math.round(-light.direction[1] * shift);
  const soft = Math.max(height * light.softness, 0.8);
  darken(canvas, footprint, [dx, dy], soft, light.depth);
  darken(canvas, footprint, [0, 0], Math.max(height * 0.35, 1), 0.45);
}

function darken(
  canvas: Canvas,
  footprint: Footprint,
  [dx, dy]: readonly [number, number],
  soft: number,
  depth: number,
): void {
  const { colours, width } = canvas;
  const { firstRow, endRow, firstColumn, endColumn } = withinPicture(footprint, canvas, dx, dy);
  for (let row = firstRow; row < endRow; row++) {
    let pixel = (footprint.top + row + dy) * width + footprint.left + firstColumn + dx;
    for (let column = firstColumn; column < endColumn; column++, pixel++) {
      const distance = footprint.distances[row * footprint.width + column] ?? 0;
      if (distance >= soft) continue;
      const left = 1 - depth * smoothstep(soft, -soft, distance);
      const at = pixel * 3;
      // Skylight still gets there: what is left is a little blue.
      colours[at] = (colours[at] ?? 0) * left;
      colours[at + 1] = (colours[at + 1] ?? 0) * (left + 0.01 * (1 - left));
      colours[at + 2] = (colours[at + 2] ?? 0) * (left + 0.05 * (1 - left));
    }
  }
}

/** Paints a piece over what is there, its edge half covering pixels that it crosses; `owner` owns what is seen of it. */
export function paintPiece(
  canvas: Canvas,
  piece: Piece,
  footprint: Footprint,
  light: Light,
  noise: Noise,
  owner: number,
): void {
  const { colours, owners, width } = canvas;
  const { shape, placement, material } = piece;
  const lit = lighting(light, placement, material, noise);
  const surface: Surface = { nx: 0, ny: 0, nz: 1, trim: 0, paper: 0, shade: 1, pu: 0, pv: 0 };
  const local = { u: 0, v: 0 };
  const colour: [number, number, number] = [0, 0, 0];
  const { firstRow, endRow, firstColumn, endColumn } = withinPicture(footprint, canvas);
  for (let row = firstRow; row < endRow; row++) {
    let pixel = (footprint.top + row) * width + footprint.left + firstColumn;
    for (let column = firstColumn; column < endColumn; column++, pixel++) {
      const distance = footprint.distances[row * footprint.width + column] ?? 0;
      if (distance > 0.5) continue;
      toLocal(placement, footprint.left + column + 0.5, footprint.top + row + 0.5, local);
      resetSurface(surface, local);
      shape.shade(local, surface);
      lit(surface, colour);
      const covered = clamp(0.5 - distance, 0, 1);
      const at = pixel * 3;
      for (let channel = 0; channel < 3; channel++) {
        const below = colours[at + channel] ?? 0;
        colours[at + channel] = below + ((colour[channel] ?? 0) - below) * covered;
      }
      if (distance <= 0) owners[pixel] = owner;
    }
  }
}

/** What comes from a surface of this material, into `colour`. */
function lighting(light: Light, { cosine: c, sine: s }: Placement, material: Material, noise: Noise) {
  const inShape = ([x, y]: readonly [number, number, number]) => [c * x + s * y, c * y - s * x] as const;
  const [lx, ly] = inShape(light.direction);
  const [hx, hy] = inShape(light.half);
  const lz = light.direction[2];
  const hz = light.half[2];
  const { bump, grain, mottle, gloss, sharpness, pattern, paper } = material;
  const [first, second, third] = material.colours;
  return (surface: Surface, colour: [number, number, number]): void => {
    const { pu, pv, trim, shade } = surface;
    let { nx, ny } = surface;
    const uneven = noise(pu * 2.3 + 7, pv * 2.3 + 3) - 0.5;
    if (bump > 0) {
      nx += bump * (noise(pu * grain, pv * grain) - 0.5);
      ny += bump * (noise(pu * grain + 31.4, pv * grain + 15.9) - 0.5);
    }
    const length = Math.sqrt(nx * nx + ny * ny + surface.nz * surface.nz);
    nx /= length;
    ny /= length;
    const nz = surface.nz / length;
    const facing = Math.max(0, nx * lx + ny * ly + nz * lz);
    let shine = Math.max(0, nx * hx + ny * hy + nz * hz);
    for (let square = 0; square < sharpness; square++) shine *= shine;
    shine *= gloss * shade;
    // Glancing surfaces mirror the sky.
    const rim = (1 - nz) * (1 - nz) * gloss * 0.35;
    const woven = pattern(pu, pv);
    const level = shade * (1 + mottle * uneven);
    for (let channel = 0; channel < 3; channel++) {
      const a = first[channel] ?? 0;
      const b = second[channel] ?? 0;
      const t = third[channel] ?? 0;
      let own = a + (b - a) * woven;
      own += (t - own) * trim;
      own += ((paper[channel] ?? 0) - own) * surface.paper;
      const lamp = light.lamp[channel] ?? 0;
      const sky = light.sky[channel] ?? 0;
      colour[channel] = level * own * (lamp * facing + sky * (0.6 + 0.4 * nz)) + (lamp * shine + sky * rim);
    }
  };
}

import { type Canvas, NOBODY, pixelUnit, roundByChance } from './canvas.js';
import { classColour } from './class_colours.js';
import { CLUTTER, sheet, THIN_CLUTTER } from './clutter.js';
import type { SceneColours } from './colours.js';
import type { Dice } from './dice.js';
import { type Footprint, footprintOf, withinPicture } from './footprint.js';
import type { Light } from './light.js';
import { someMaterial } from './material.js';
import type { Noise } from './noise.js';
import { type Piece, paintPiece, paintShadow } from './paint.js';
import { type Freedom, somePlacement } from './placement.js';
import type { MakeShape } from './shape.js';
import { SCENE_CLASSES, type SceneClass, SHAPES } from './shapes/index.js';

/** What a scene is painted with. */
export interface Studio {
  readonly canvas: Canvas;
  readonly colours: SceneColours;
  readonly light: Light;
  readonly dice: Dice;
  readonly noise: Noise;
}

const FREEDOM: Readonly<Record<SceneClass, Freedom>> = {
  ball: { bend: 0.2, stretch: 0.25, upright: 0 },
  book: { bend: 0.15, stretch: 0.8, upright: 0.3 },
  bottle: { bend: 0.25, stretch: 0.4, upright: 0.5 },
  fish: { bend: 1, stretch: 0.8, upright: 0.3 },
  gear: { bend: 0.3, stretch: 1, upright: 0 },
  leaf: { bend: 1, stretch: 1, upright: 0.1 },
  mug: { bend: 0.3, stretch: 0.4, upright: 0.6 },
  star: { bend: 0.7, stretch: 0.9, upright: 0.1 },
};
const CLUTTER_FREEDOM: Freedom = { bend: 0.6, stretch: 1.4, upright: 0.1 };

/** Of an object that something is put over, the least that stays to be seen; and of one that the picture cuts off. */
const LEAST_SEEN = 0.4;
const LEAST_INSIDE = 0.45;

/** How many objects have a colour of their class, and how much of the clutter one of a class that it is not of. */
const OWN_COLOURED = 0.65;
const STRAY_COLOURED = 0.25;

/** An object as it was painted. */
interface Laid {
  readonly category: SceneClass;
  readonly x: number;
  readonly y: number;
  readonly reach: number;
  /** Pixels of it within the picture, and how many of them are seen now. */
  readonly whole: number;
  seen: number;
}

/**
 * Puts sheets, clutter and four to fourteen objects over one another, each with its shadow. Of every object enough stays
 * to be seen: what would hide more goes elsewhere, or is left away.
 * @returns the classes of the objects, by the numbers that own their pixels.
 */
export function layOut(studio: Studio): readonly SceneClass[] {
  const { canvas, dice } = studio;
  const side = Math.min(canvas.width, canvas.height);
  // A picture of another shape or size has its share of things.
  const crowd = Math.sqrt((canvas.width * canvas.height) / (side * side));
  const laid: Laid[] = [];
  for (let n = dice.whole(0, 2); n > 0; n--) {
    layClutter(studio, sheet, side * dice.scale(0.15, 0.45), dice.between(0.5, 2), laid);
  }
  for (let n = roundByChance(dice.between(2, 12) * crowd, dice); n > 0; n--) {
    layClutter(studio, dice.pick(CLUTTER), side * dice.scale(0.012, 0.11), undefined, laid);
  }
  const sizes = Array.from({ length: roundByChance(dice.between(4, 14) * crowd, dice) }, () => objectSize(side, dice));
  // The larger ones first, about: what is small lies before them more often than behind.
  const order = sizes.map((size) => ({ size, rank: size * dice.between(0.4, 1.6) })).sort((a, b) => b.rank - a.rank);
  for (const { size } of order) {
    layObject(studio, size, laid);
    if (dice.chance(0.35)) layClutter(studio, dice.pick(CLUTTER), side * dice.scale(0.012, 0.09), undefined, laid);
  }
  for (let n = dice.whole(0, 2); n > 0; n--) {
    layClutter(studio, dice.pick(THIN_CLUTTER), side * dice.scale(0.06, 0.3), undefined, laid);
  }
  return laid.map(({ category }) => category);
}

/** Pixels of a shape's unit: things are about two units across. From a sixteenth to nine tenths of the picture. */
function objectSize(side: number, dice: Dice): number {
  const smallest = Math.max(side * 0.045, 6);
  return dice.chance(0.15) ? side * dice.between(0.22, 0.38) : dice.scale(smallest, Math.max(side * 0.22, smallest));
}

function layObject(studio: Studio, size: number, laid: Laid[]): void {
  const { canvas, dice, noise, colours } = studio;
  const category = dice.pick(SCENE_CLASSES);
  const shape = SHAPES[category](dice, noise);
  const material = someMaterial(
    colours,
    dice,
    noise,
    dice.chance(OWN_COLOURED) ? classColour(category, dice) : undefined,
  );
  for (let attempt = 0; attempt < 10; attempt++) {
    const [x, y] = objectPlace(studio, size, laid);
    const placement = somePlacement(x, y, size, FREEDOM[category], dice);
    const piece = { shape, material, placement, height: size * dice.between(0.1, 0.5) };
    const footprint = footprintOf(shape, placement, marginOf(piece, studio.light));
    const { whole, inside, taken } = measure(canvas, footprint, laid.length);
    if (inside < LEAST_INSIDE * whole || inside < leastPixels(canvas) || hidesTooMuch(taken, laid, canvas)) continue;
    laid.push({ category, x, y, reach: size, whole: inside, seen: inside });
    put(studio, piece, footprint, laid.length - 1, taken, laid);
    return;
  }
}

/** Anywhere, or near another object: then one is before the other. */
function objectPlace({ canvas, dice }: Studio, size: number, laid: readonly Laid[]): readonly [number, number] {
  const near = laid[dice.whole(0, laid.length * 3)];
  if (near === undefined) {
    const margin = size * 0.3;
    return [dice.between(-margin, canvas.width + margin), dice.between(-margin, canvas.height + margin)];
  }
  const apart = (near.reach + size) * 1.1;
  return [near.x + dice.between(-apart, apart), near.y + dice.between(-apart, apart)];
}

function layClutter(studio: Studio, make: MakeShape, size: number, height: number | undefined, laid: Laid[]): void {
  const { canvas, dice, noise, colours } = studio;
  const x = dice.between(0, canvas.width);
  const y = dice.between(0, canvas.height);
  const piece = {
    shape: make(dice, noise),
    material: someMaterial(colours, dice, noise, strayColour(dice)),
    placement: somePlacement(x, y, Math.max(size, 2), CLUTTER_FREEDOM, dice),
    height: height ?? size * dice.between(0.1, 0.5),
  };
  const footprint = footprintOf(piece.shape, piece.placement, marginOf(piece, studio.light));
  const { taken } = measure(canvas, footprint, laid.length);
  if (!hidesTooMuch(taken, laid, canvas)) put(studio, piece, footprint, NOBODY, taken, laid);
}

/** Clutter that has the colour of a class it is not of. */
function strayColour(dice: Dice) {
  return dice.chance(STRAY_COLOURED) ? classColour(dice.pick(SCENE_CLASSES), dice) : undefined;
}

function marginOf({ height }: Pick<Piece, 'height'>, { softness }: Light): number {
  return Math.max(height * softness, height * 0.35, 1);
}

/** Pixels of a piece, those within the picture, and how many it would take from each object. */
function measure(canvas: Canvas, footprint: Footprint, objects: number) {
  const { distances, width } = footprint;
  const taken = new Int32Array(objects);
  let whole = 0;
  let inside = 0;
  for (let i = 0; i < distances.length; i++) if ((distances[i] ?? 1) <= 0) whole++;
  const { firstRow, endRow, firstColumn, endColumn } = withinPicture(footprint, canvas);
  for (let row = firstRow; row < endRow; row++) {
    for (let column = firstColumn; column < endColumn; column++) {
      if ((distances[row * width + column] ?? 1) > 0) continue;
      inside++;
      const owner = canvas.owners[(footprint.top + row) * canvas.width + footprint.left + column] ?? NOBODY;
      if (owner !== NOBODY) taken[owner] = (taken[owner] ?? 0) + 1;
    }
  }
  return { whole, inside, taken };
}

/** Fewer are no sight of anything. */
function leastPixels(canvas: Canvas): number {
  return 40 * pixelUnit(canvas);
}

function hidesTooMuch(taken: Int32Array, laid: readonly Laid[], canvas: Canvas): boolean {
  return laid.some(({ whole, seen }, owner) => {
    const loss = taken[owner] ?? 0;
    return loss > 0 && seen - loss < Math.max(LEAST_SEEN * whole, leastPixels(canvas));
  });
}

function put(
  { canvas, light, noise }: Studio,
  piece: Piece,
  footprint: Footprint,
  owner: number,
  taken: Int32Array,
  laid: readonly Laid[],
): void {
  for (const [other, object] of laid.entries()) object.seen -= taken[other] ?? 0;
  paintShadow(canvas, footprint, piece.height, light);
  paintPiece(canvas, piece, footprint, light, noise, owner);
}

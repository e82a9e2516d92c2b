import type { LabelMap, RgbImage, Size } from '../core/frame.js';
import { takePicture } from './camera.js';
import { createCanvas, NOBODY } from './canvas.js';
import { sceneColours } from './colours.js';
import { pictureDice } from './dice.js';
import { paintGround } from './ground.js';
import { layOut } from './layout.js';
import { someIllumination, someLight } from './light.js';
import { createNoise } from './noise.js';
import { SCENE_CLASSES, type SceneClass } from './shapes/index.js';

/** What is seen of an object. */
export interface SceneObject {
  readonly category: SceneClass;
  /** Position of its class in `SCENE_CLASSES`. */
  readonly classIndex: number;
  /** The smallest rectangle of whole pixels around what is seen of it: left, top, width, height. */
  readonly bbox: readonly [x: number, y: number, width: number, height: number];
  /** Pixels that are seen of it. */
  readonly area: number;
}

/** A picture and all that is true of it. */
export interface Scene {
  readonly image: RgbImage;
  /** What is seen in each pixel: 0 the background, above it the class's position in `SCENE_CLASSES` plus 1. */
  readonly labels: LabelMap;
  /** Number of the object that is seen in each pixel, as they stand in `objects`; -1 for the background. */
  readonly owners: Int16Array;
  readonly objects: readonly SceneObject[];
}

/**
 * Draws one picture of a series: things of eight classes among clutter on textured ground, turned, bent, hidden in part
 * and cut off, in uneven light, out of focus and noisy. Arithmetic alone: equal numbers give equal bytes on every machine.
 * @param seed of the series, any whole number. @param picture its number in the series, from 0; the others need not be drawn.
 * @param size in pixels, sides of 32 or more.
 */
export function drawScene(seed: number, picture: number, size: Size): Scene {
  const dice = pictureDice(seed, picture);
  const noise = createNoise(dice);
  const colours = sceneColours(dice);
  const light = someLight(dice);
  const canvas = createCanvas(size);
  paintGround(canvas, colours, light, dice, noise);
  const classes = layOut({ canvas, colours, light, dice, noise });
  const image = takePicture(canvas, someIllumination(dice, noise, size), dice);
  const { owners } = canvas;
  const indices = classes.map((name) => SCENE_CLASSES.indexOf(name));
  const labels = new Uint8Array(owners.length);
  owners.forEach((owner, i) => {
    if (owner !== NOBODY) labels[i] = (indices[owner] ?? 0) + 1;
  });
  return { image, labels: { ...size, labels }, owners, objects: seenObjects(owners, size, classes, indices) };
}

/** Boxes and areas, read off the pixels. */
function seenObjects(
  owners: Int16Array,
  { width, height }: Size,
  classes: readonly SceneClass[],
  indices: readonly number[],
): readonly SceneObject[] {
  const seen = classes.map((category, i) => ({
    category,
    classIndex: indices[i] ?? 0,
    left: width,
    top: height,
    right: -1,
    bottom: -1,
    area: 0,
  }));
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const owner = owners[i] ?? NOBODY;
      const own = owner === NOBODY ? undefined : seen[owner];
      if (own === undefined) continue;
      own.left = Math.min(own.left, x);
      own.top = Math.min(own.top, y);
      own.right = Math.max(own.right, x);
      own.bottom = y;
      own.area++;
    }
  }
  return seen.map(({ category, classIndex, left, top, right, bottom, area }) => ({
    category,
    classIndex,
    bbox: [left, top, right - left + 1, bottom - top + 1],
    area,
  }));
}

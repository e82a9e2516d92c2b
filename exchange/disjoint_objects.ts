/** Objects that share no pixel, as COCO's panoptic format has them. */
import { LowformerError } from '../core/errors.js';
import type { Notes } from '../core/notes.js';
import { paintRuns, runsByLabel } from '../geometry/mask_runs.js';
import { runsArea, shapeBox, shapeRuns } from '../geometry/shape.js';
import type { MarkedObject, MarkedPicture } from './marked.js';

/** Numbers of objects have 16 bits. */
const MOST = 65535;

/**
 * Crowds lie below, then one object after the other in the dataset's order: where they overlap, a pixel is the last one's, which is noted.
 * Objects of which nothing is left, or that cover no pixel, are left out, which is noted too. Objects of a class without `things` become
 * one.
 * @param things of each class whether its objects are told apart.
 * @param target the format's name, for messages.
 * @throws {LowformerError} `invalid-argument` for an object that is a box and no more.
 */
export function withDisjointObjects(
  picture: MarkedPicture,
  things: readonly boolean[],
  target: string,
  notes: Notes,
): MarkedPicture {
  const { objects, size, name } = picture;
  const wrong = (expected: string, received: string, hint: string) =>
    new LowformerError({ code: 'invalid-argument', where: `--to ${target}`, expected, received, hint });
  if (objects.length > MOST) {
    throw wrong(`${MOST} objects a picture at most`, `${objects.length} in ${name}`, 'Leave some out.');
  }
  const owners = new Uint16Array(size.width * size.height);
  const order = [...objects.keys()].sort((a, b) => Number(objects[b]?.crowd) - Number(objects[a]?.crowd));
  const numberOf = new Map<number, number>();
  let covered = 0;
  for (const i of order) {
    const object = objects[i];
    if (object === undefined) continue;
    const { shape, classIndex } = object;
    if (shape === undefined) {
      const hint = 'Which pixels of a box an object covers nobody knows: write a format of boxes, such as coco.';
      throw wrong('objects with outlines, which segments are made of,', `a box alone: object ${i} of ${name}`, hint);
    }
    const runs = shapeRuns(shape, size);
    covered += runsArea(runs);
    const isOwn = things[classIndex] !== false;
    const number = isOwn ? i + 1 : (numberOf.get(classIndex) ?? i + 1);
    if (!isOwn) numberOf.set(classIndex, number);
    paintRuns(owners, runs, number, size);
  }
  const left = runsByLabel({ ...size, labels: owners });
  const kept = objects.flatMap((object, i): readonly MarkedObject[] => {
    const runs = left.get(i + 1);
    const shape = runs === undefined ? undefined : ({ kind: 'runs', runs, size } as const);
    const box = shape === undefined ? undefined : shapeBox(shape);
    if (runs === undefined || box === undefined) {
      const isPart = numberOf.has(object.classIndex);
      if (!isPart) notes.add({ kind: 'lost-covered', where: target, message: COVERED }, name);
      return [];
    }
    return [{ ...object, shape, box, area: runsArea(runs) }];
  });
  const painted = [...left].reduce((sum, [number, runs]) => sum + (number === 0 ? 0 : runsArea(runs)), 0);
  if (covered > painted) notes.add({ kind: 'lost-overlap', where: target, message: OVERLAP }, name);
  return { ...picture, objects: kept };
}

const OVERLAP = "objects overlap in pictures: a pixel that several cover is the last one's";
const COVERED = 'objects of which no pixel is left are not kept';

/** Objects with outlines as a label map. */
import { LowformerError } from '../core/errors.js';
import type { Notes } from '../core/notes.js';
import { paintRuns } from '../geometry/mask_runs.js';
import { runsArea, shapeRuns } from '../geometry/shape.js';
import { ignoredLabel } from './ignored_label.js';
import type { MarkedPicture } from './marked.js';

/**
 * One after the other, in the dataset's order: where they overlap, the last one's class counts, which is noted. Pixels without an object
 * are ignored.
 * @param classes how many there are.
 * @param target the format's name, for messages.
 * @throws {LowformerError} `invalid-argument` for an object that is a box and no more.
 */
export function withPaintedLabels(
  picture: MarkedPicture,
  classes: number,
  target: string,
  notes: Notes,
): MarkedPicture {
  const { objects, size, name } = picture;
  const ignored = ignoredLabel(classes);
  const pixels = size.width * size.height;
  const labels = (ignored > 255 ? new Uint16Array(pixels) : new Uint8Array(pixels)).fill(ignored);
  let covered = 0;
  for (const [i, { shape, classIndex }] of objects.entries()) {
    if (shape === undefined) {
      const expected = 'objects with outlines, which a label map is made of,';
      const received = `a box alone: object ${i} of ${name}`;
      const hint = 'Which pixels of a box an object covers nobody knows: write a format of boxes, such as coco.';
      throw new LowformerError({ code: 'invalid-argument', where: `--to ${target}`, expected, received, hint });
    }
    const runs = shapeRuns(shape, size);
    covered += runsArea(runs);
    paintRuns(labels, runs, classIndex, size);
  }
  let painted = 0;
  for (const label of labels) if (label !== ignored) painted++;
  if (covered > painted) {
    const message = 'objects overlap in pictures: of a pixel that several cover, the class of the last counts';
    notes.add({ kind: 'lost-overlap', where: target, message }, name);
  }
  return { ...picture, labels: { ...size, labels, ignored } };
}

/** A dataset of boxes written in another format, whole or not at all. */
import { resolve } from 'node:path';
import { LowformerError } from '../core/errors.js';
import type { Notes } from '../core/notes.js';
import type { DetectionAnnotations } from '../data/dataset.js';
import { checkClassNames } from './class_names.js';
import type { ExchangeFormat, WritingContext } from './define.js';
import { countLosses } from './losses.js';
import { haveWholeIds, markedPictures, pictureNames } from './marked_dataset.js';
import { checkOwnFiles } from './picture_names.js';
import { openFileTarget, openFolderTarget } from './write_pieces.js';

export interface Conversion {
  /** A file, or a new or empty folder, as the format wants it. */
  readonly out: string;
  /** The folder of pictures. */
  readonly images: string | undefined;
  readonly copyImages: boolean;
  /** Where it is noted what the format does not keep. */
  readonly notes: Notes;
  /** Gives up: nothing is written. */
  readonly signal: AbortSignal;
}

/**
 * Ids and order of the categories stay, as far as the format has them.
 * @returns how many pictures and objects were written.
 * @throws {LowformerError} for a format that holds no annotations, a class that it cannot name, a picture without name or size, a box
 *   that it cannot say, a place that cannot be written to; the signal's reason when aborted.
 */
export async function convertBoxes(
  dataset: DetectionAnnotations,
  format: ExchangeFormat,
  { out, images, copyImages, notes, signal }: Conversion,
): Promise<{ readonly pictures: number; readonly objects: number }> {
  if (format.needsScores === true) {
    const expected = 'a format of annotations: this one holds what a model found, with its scores,';
    throw new LowformerError({ code: 'invalid-argument', where: '--to', expected, received: format.type });
  }
  checkClassNames(format, dataset.classes);
  if (format.shape === 'folder') checkOwnFiles(pictureNames(dataset, images), format.title);
  const context: WritingContext = {
    classes: dataset.classes,
    categoryIds: dataset.categoryIds,
    kind: 'annotated',
    wholeIds: haveWholeIds(dataset),
    folder: resolve(out),
    copyImages,
  };
  const losses = countLosses(format, context, notes);
  const writer = format.open(context);
  await using target = await (format.shape === 'file' ? openFileTarget(out) : openFolderTarget(out));
  await target.write(writer.begin());
  const count = { pictures: 0, objects: 0 };
  for await (const picture of markedPictures(dataset, format, { images, copyImages })) {
    signal.throwIfAborted();
    losses.add(picture);
    await target.write(writer.add(picture));
    count.pictures++;
    count.objects += picture.objects.length;
  }
  await target.write(writer.finish());
  await target.finish();
  losses.finish();
  return count;
}

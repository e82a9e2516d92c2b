/** A dataset written in another format, whole or not at all. */
import { resolve } from 'node:path';
import { LowformerError } from '../core/errors.js';
import type { Notes } from '../core/notes.js';
import { handful } from '../data/files.js';
import { checkClassNames } from './class_names.js';
import type { ExchangeFormat, WritingContext } from './define.js';
import { withDisjointObjects } from './disjoint_objects.js';
import { EXCHANGE_FORMATS } from './formats/index.js';
import { countLosses } from './losses.js';
import type { MarkedPicture } from './marked.js';
import { withPaintedLabels } from './painted_labels.js';
import { checkOwnFiles } from './picture_names.js';
import type { MarkSource } from './source.js';
import { openFileTarget, openFolderTarget } from './write_pieces.js';

export interface Conversion {
  /** A file, or a new or empty folder, as the format wants it. */
  readonly out: string;
  readonly copyImages: boolean;
  /** Where it is noted what the format does not keep. */
  readonly notes: Notes;
  /** Gives up: nothing is written. */
  readonly signal: AbortSignal;
}

/**
 * Picture by picture. Ids and order of the categories stay, as far as the format has them.
 * @returns how many pictures and objects were written; of label maps without objects, 0.
 * @throws {LowformerError} for a format that cannot hold what is there, a class that it cannot name, a picture without name or size, a box
 *   that it cannot say, a place that cannot be written to; the signal's reason when aborted.
 */
export async function convertDataset(
  source: MarkSource,
  format: ExchangeFormat,
  { out, copyImages, notes, signal }: Conversion,
): Promise<{ readonly pictures: number; readonly objects: number }> {
  checkHolds(format, source);
  const { classes, categoryIds, wholeIds, palette } = source;
  checkClassNames(format, classes);
  if (format.shape === 'folder') checkOwnFiles(source.names, format.title);
  const things = source.things ?? classes.map(() => !source.labelMaps);
  const context: WritingContext = {
    ...{ classes, categoryIds, things, wholeIds, palette, copyImages },
    kind: 'annotated',
    folder: resolve(out),
  };
  const losses = countLosses(format, context, notes);
  const writer = format.open(context);
  await using target = await (format.shape === 'file' ? openFileTarget(out) : openFolderTarget(out));
  await target.write(writer.begin());
  const formed = (picture: MarkedPicture) => {
    if (format.disjoint === true) return withDisjointObjects(picture, things, format.type, notes);
    const isPainted = format.labelMaps === true && picture.labels === undefined;
    return isPainted ? withPaintedLabels(picture, classes.length, format.type, notes) : picture;
  };
  const count = { pictures: 0, objects: 0 };
  for await (const picture of source.pictures(format)) {
    signal.throwIfAborted();
    losses.add(picture);
    await target.write(writer.add(formed(picture)));
    count.pictures++;
    count.objects += picture.objects.length;
  }
  await target.write(writer.finish());
  await target.finish();
  losses.finish();
  return count;
}

/** @throws {LowformerError} `invalid-argument` for a format that cannot hold what the source has, with the way out. */
export function checkHolds(
  { type, needsScores, shapes, labelMaps, classes, title }: ExchangeFormat,
  source: Pick<MarkSource, 'labelMaps' | 'classes' | 'name'>,
): void {
  const wrong = (expected: string, received: unknown, hint?: string) => {
    const parts = { code: 'invalid-argument', where: '--to', expected, received } as const;
    return new LowformerError(hint === undefined ? parts : { ...parts, hint });
  };
  if (needsScores === true) {
    throw wrong('a format of annotations: this one holds what a model found, with its scores,', type);
  }
  if (source.labelMaps && shapes === undefined && labelMaps !== true) {
    const all = EXCHANGE_FORMATS.names().map((name) => EXCHANGE_FORMATS.get(name, '--to'));
    const able = all.filter((one) => one.shapes !== undefined || one.labelMaps === true).map((one) => one.type);
    const hint = `For the boxes around the classes, write coco first, and that as ${type}.`;
    throw wrong(
      `a format that holds label maps (${able.join(', ')}): ${source.name} says a class for each pixel,`,
      type,
      hint,
    );
  }
  if (classes === undefined) return;
  const other = source.classes.findIndex((name, i) => name !== classes[i]?.trim());
  if (source.classes.length === classes.length && other < 0) return;
  const strangers = source.classes.filter((name) => !classes.some((one) => one.trim() === name));
  const received =
    strangers.length > 0
      ? `${source.classes.length} classes, and these are none of them: ${handful(strangers)}`
      : source.classes.length === classes.length
        ? `'${source.classes[other]}' as class ${other}`
        : `${source.classes.length} classes`;
  throw wrong(`the ${classes.length} classes of ${title} in their order`, received, 'Write folder, which holds any.');
}

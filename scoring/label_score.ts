/** Label PNGs against label PNGs, and what mIoU is told as. */

import { table } from '../drawing/text_table.js';
import {
  createSegmentationMetrics,
  type LabelMap,
  type SegmentationCounts,
  type SegmentationResult,
  type SegmentationSettings,
} from '../evaluation/segmentation_metrics.js';
import type { LabelReader } from './label_pairs.js';
import { fraction, type Report } from './report.js';

/** Pairs of PNGs that are decoded while one is counted. */
const AHEAD = 4;

/** Two folders of label PNGs of the same names, and who is told how far it is. */
export interface LabelFolders {
  readonly labels: string;
  readonly predictions: string;
}
interface Steps {
  readonly started: (pictures: number) => void;
  /** After each picture. */
  readonly done: (id: string) => void;
}

/**
 * Reads pairs of label maps, a few ahead, and hands them over one after another; `name` is the prediction's file.
 * @throws {LowformerError} for files without counterpart and unreadable ones, and whatever `add` throws.
 */
export async function eachLabelPair(
  folders: LabelFolders,
  reader: LabelReader,
  { started, done }: Steps,
  add: (pair: { readonly name: string; readonly truth: LabelMap; readonly prediction: LabelMap }) => void,
): Promise<void> {
  const pairs = await reader.pairs(folders.labels, folders.predictions);
  started(pairs.length);
  const read = pairs.map(({ left, right }) => () => {
    const both = Promise.all([reader.truth(left), reader.prediction(right)]);
    // It may fail while an earlier one is awaited; its error is told in its turn.
    both.catch(() => {});
    return both;
  });
  const waiting = read.slice(0, AHEAD).map((start) => start());
  for (const [i, { id, right }] of pairs.entries()) {
    const both = waiting.shift();
    const next = read[i + AHEAD];
    if (next !== undefined) waiting.push(next());
    if (both === undefined) continue;
    const [truth, prediction] = await both;
    add({ name: right, truth, prediction });
    done(id);
  }
}

/**
 * mIoU of such folders.
 * @throws {LowformerError} likewise; for sizes that differ, values outside the classes.
 */
export async function scoreLabels(
  folders: LabelFolders,
  reader: LabelReader,
  settings: SegmentationSettings,
  steps: Steps,
): Promise<{ readonly result: SegmentationResult; readonly counts: SegmentationCounts }> {
  const metrics = createSegmentationMetrics(settings);
  await eachLabelPair(folders, reader, steps, ({ name, truth, prediction }) => metrics.add(name, truth, prediction));
  return { result: metrics.result(), counts: metrics.counts() };
}

/** Fractions of 1; null for a class that neither side shows. `classes` are named where they are known. */
export function labelReport(result: SegmentationResult, classes?: readonly string[]): Report {
  const { mIoU, mAcc, aAcc, mDice, perClass, pictures, pixels, ignoredPixels } = result;
  const rows = perClass.map(({ classIndex, IoU, Acc }) => {
    const name = classes?.[classIndex];
    return { class: classIndex, ...(name === undefined ? {} : { name }), IoU, Acc };
  });
  const figures = { mIoU, mAcc, aAcc, mDice };
  const means = table(
    ['figure', 'value'],
    Object.entries(figures).map(([name, value]) => [name, fraction(value)]),
    ['left', 'right'],
  );
  const byClass = table(
    ['class', 'IoU', 'Acc'],
    rows.map(({ class: index, name, IoU, Acc }) => [
      name === undefined ? `${index}` : `${index} ${name}`,
      fraction(IoU),
      fraction(Acc),
    ]),
    ['left', 'right', 'right'],
  );
  const absent = perClass.filter(({ IoU }) => IoU === null).length;
  const note = absent === 0 ? '' : `\n\n${absent} of the classes are on neither side, and left out of the means.`;
  return {
    record: { ...figures, per_class: rows },
    text: `${pictures} pictures, ${pixels} pixels scored, ${ignoredPixels} ignored\n\n${means}\n\n${byClass}${note}`,
    headline: `mIoU ${fraction(mIoU)}, mAcc ${fraction(mAcc)}, aAcc ${fraction(aAcc)}`,
  };
}

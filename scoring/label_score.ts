/** Label PNGs against label PNGs, and what mIoU is told as. */

import { table } from '../drawing/text_table.js';
import {
  createSegmentationMetrics,
  type SegmentationCounts,
  type SegmentationResult,
  type SegmentationSettings,
} from '../evaluation/segmentation_metrics.js';
import type { LabelReader } from './label_pairs.js';
import { fraction, type Report } from './report.js';

/** Pairs of PNGs that are decoded while one is counted. */
const AHEAD = 4;

/**
 * @param done called after each picture.
 * @throws {LowformerError} for files without counterpart, unreadable ones, sizes that differ, values outside the classes.
 */
export async function scoreLabels(
  folders: { readonly labels: string; readonly predictions: string },
  reader: LabelReader,
  settings: SegmentationSettings,
  { started, done }: { readonly started: (pictures: number) => void; readonly done: (id: string) => void },
): Promise<{ readonly result: SegmentationResult; readonly counts: SegmentationCounts }> {
  const metrics = createSegmentationMetrics(settings);
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
    metrics.add(right, truth, prediction);
    done(id);
  }
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

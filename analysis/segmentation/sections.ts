/** What a segmenter's report shows, the errors first. */
import type { SegmentationAnalysis } from '../../evaluation/segmentation_analysis.js';
import { barChart, matrixChart, renderChart } from '../page/charts.js';
import { details, figure, paragraph, type Section } from '../page/html.js';
import { htmlTable, matrixTable, number, percent } from '../page/html_table.js';

const TABLE_CLASSES = 15;
/** More bars do not fit on a screen. */
const BARS = 24;
/** More classes are no picture of squares any more. */
const MATRIX_CLASSES = 160;

/** @param names of the classes, by index. @param worst HTML of the worst pictures. @param against of the comparison with another run. */
export async function segmentationSections(
  analysis: SegmentationAnalysis,
  names: readonly string[],
  worst: string,
  against: string | undefined,
): Promise<readonly Section[]> {
  const compared = against === undefined ? [] : [{ id: 'against', title: 'Against the other run', body: against }];
  return [
    { id: 'figures', title: 'IoU', body: await figures(analysis, names) },
    ...compared,
    { id: 'worst', title: 'Worst pictures', body: worst },
    { id: 'confusion', title: 'What is taken for what', body: await confusion(analysis, names) },
  ];
}

async function figures({ scores, shares }: SegmentationAnalysis, names: readonly string[]): Promise<string> {
  const { mIoU, mAcc, aAcc, mDice, perClass } = scores;
  const means = Object.entries({ mIoU, mAcc, aAcc, mDice }).map(([name, value]) => [name, number(value)]);
  const sorted = perClass.toSorted((a, b) => (a.IoU ?? 2) - (b.IoU ?? 2));
  const rows = sorted.map(({ classIndex, IoU, Acc, Precision }) => [
    names[classIndex] ?? String(classIndex),
    number(IoU),
    number(Acc),
    number(Precision),
    percent(shares[classIndex]?.label ?? 0),
    percent(shares[classIndex]?.predicted ?? 0),
  ]);
  const bars = sorted.flatMap(({ classIndex, IoU }) =>
    IoU === null ? [] : [{ name: names[classIndex] ?? String(classIndex), value: IoU }],
  );
  const shown = bars.slice(0, BARS);
  const caption =
    bars.length > BARS
      ? `IoU of the ${BARS} classes where it is lowest, of ${bars.length}`
      : 'IoU by class, lowest first';
  const chart = await renderChart(barChart(shown, 'IoU', [0, 1]));
  const heads = ['class', 'IoU', 'accuracy', 'precision', 'pixels labelled', 'pixels predicted'];
  return `<div class="row">${htmlTable('Means over the classes', ['figure', 'value'], means)}${figure(chart, caption)}</div>
${htmlTable('By class, the lowest IoU first, with its share of the scored pixels; a dash: on neither side', heads, rows)}`;
}

async function confusion(
  { confusion: counts, confusions, scores }: SegmentationAnalysis,
  names: readonly string[],
): Promise<string> {
  const lead = paragraph('Pixels: what is there by row, what was predicted by column.');
  const rows = confusions
    .slice(0, 200)
    .map(({ label, predicted, pixels }) => [
      names[label] ?? String(label),
      names[predicted] ?? String(predicted),
      pixels.toLocaleString('en'),
      percent(pixels / scores.pixels),
    ]);
  const heads = ['is', 'taken for', 'pixels', 'of all'];
  const largest = htmlTable('The most frequent confusions', heads, rows);
  if (names.length <= TABLE_CLASSES) {
    return `${lead}\n${matrixTable('Pixels', { rows: names, columns: names }, counts)}\n${largest}`;
  }
  if (names.length > MATRIX_CLASSES) return `${lead}\n${largest}`;
  const chart = figure(await renderChart(matrixChart(names, counts)), 'Share of each class by what it was taken for');
  return `${lead}\n${largest}\n${details('All confusions', chart)}`;
}

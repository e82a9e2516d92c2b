/** What a segmenter's report shows. */
import type { SegmentationAnalysis } from '../../evaluation/segmentation_analysis.js';
import { barChart, matrixChart, renderChart } from './charts.js';
import { figure, paragraph, type Section } from './html.js';
import { htmlTable, matrixTable, number, percent } from './html_table.js';

const TABLE_CLASSES = 15;

/** @param names of the classes, by index. @param worst HTML of the worst pictures. */
export async function segmentationSections(
  analysis: SegmentationAnalysis,
  names: readonly string[],
  worst: string,
): Promise<readonly Section[]> {
  return [
    { id: 'figures', title: 'IoU', body: await figures(analysis, names) },
    { id: 'confusion', title: 'Confusion matrix', body: await confusion(analysis, names) },
    { id: 'worst', title: 'Worst pictures', body: worst },
  ];
}

async function figures({ scores, shares }: SegmentationAnalysis, names: readonly string[]): Promise<string> {
  const { mIoU, mAcc, aAcc, mDice, perClass } = scores;
  const means = Object.entries({ mIoU, mAcc, aAcc, mDice }).map(([name, value]) => [name, number(value)]);
  const rows = perClass.map(({ classIndex, IoU, Acc, Precision }) => [
    names[classIndex] ?? String(classIndex),
    number(IoU),
    number(Acc),
    number(Precision),
    percent(shares[classIndex]?.label ?? 0),
    percent(shares[classIndex]?.predicted ?? 0),
  ]);
  const bars = perClass.flatMap(({ classIndex, IoU }) =>
    IoU === null ? [] : [{ name: names[classIndex] ?? String(classIndex), value: IoU }],
  );
  const sorted = bars.toSorted((a, b) => b.value - a.value);
  const chart = await renderChart(barChart(sorted, 'IoU', [0, 1]));
  const heads = ['class', 'IoU', 'accuracy', 'precision', 'pixels labelled', 'pixels predicted'];
  return `<div class="row">${htmlTable('Means over the classes', ['figure', 'value'], means)}${figure(chart, 'IoU by class, best first')}</div>
${htmlTable('By class, with its share of the scored pixels; a dash: on neither side', heads, rows)}`;
}

async function confusion(
  { confusion: counts, confusions, scores }: SegmentationAnalysis,
  names: readonly string[],
): Promise<string> {
  const lead = paragraph('Pixels: what is there by row, what was predicted by column.');
  const rows = confusions
    .slice(0, 25)
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
  const chart = figure(await renderChart(matrixChart(names, counts)), 'Share of each class by what it was taken for');
  return `${lead}\n${chart}\n${largest}`;
}

/** What a detector's report shows. */
import type { DetectionAnalysis } from '../../evaluation/detection_analysis.js';
import { TIDE_KINDS } from '../../evaluation/tide_errors.js';
import { fraction } from '../scoring/report.js';
import {
  barChart,
  histogramChart,
  matrixChart,
  precisionRecallChart,
  reliabilityChart,
  renderChart,
} from './charts.js';
import { details, figure, paragraph, type Section } from './html.js';
import { htmlTable, matrixTable, number } from './html_table.js';

/** More classes are drawn as a picture of squares, with the largest confusions in a table. */
const TABLE_CLASSES = 15;
/** More classes have their own histograms in the JSON alone. */
const HISTOGRAM_CLASSES = 24;

/** @param worst HTML of the worst pictures. */
export async function detectionSections(analysis: DetectionAnalysis, worst: string): Promise<readonly Section[]> {
  return [
    { id: 'figures', title: 'AP', body: await figures(analysis) },
    { id: 'errors', title: 'What the errors cost', body: await errors(analysis) },
    { id: 'curves', title: 'Precision and recall', body: await curves(analysis) },
    { id: 'confusion', title: 'Confusion matrix', body: await confusion(analysis) },
    { id: 'scores', title: 'Scores and thresholds', body: await scores(analysis) },
    { id: 'calibration', title: 'Calibration', body: await calibration(analysis) },
    { id: 'worst', title: 'Worst pictures', body: worst },
  ];
}

async function figures({ coco, categories }: DetectionAnalysis): Promise<string> {
  const stats = Object.entries(coco.stats).map(([name, value]) => [name, fraction(value)]);
  const rows = categories.map(({ name, objects, detections, AP, AP50, AP75, AR }) => [
    name,
    String(objects),
    String(detections),
    ...[AP.all, AP50, AP75, AP.small, AP.medium, AP.large, AR].map(number),
  ]);
  const known = categories.flatMap(({ name, AP }) => (AP.all === null ? [] : [{ name, value: AP.all }]));
  const sorted = known.toSorted((a, b) => b.value - a.value);
  const chart = await renderChart(barChart(sorted, 'AP', [0, 1]));
  const heads = ['class', 'objects', 'detections', 'AP', 'AP50', 'AP75', 'AP small', 'AP medium', 'AP large', 'AR'];
  return `<div class="row">${htmlTable("COCO's twelve figures", ['figure', 'value'], stats)}${figure(chart, 'AP by class, best first')}</div>
${htmlTable('By class and by size of object; detections that count at overlap 0.5', heads, rows)}`;
}

async function errors({ tide }: DetectionAnalysis): Promise<string> {
  const rows = TIDE_KINDS.map((kind) => {
    const { count, dAP } = tide.kinds[kind];
    return [kind, MEANING[kind], String(count), number(dAP)];
  });
  const bars = TIDE_KINDS.map((kind) => ({ name: kind, value: tide.kinds[kind].dAP }));
  const chart = await renderChart(barChart(bars, 'AP gained at overlap 0.5'));
  const both = `All wrong detections cost ${number(tide.falsePositive)}, all objects not found ${number(tide.falseNegative)}.`;
  return `${paragraph(`Each kind of mistake, and the AP at overlap 0.5 that repairing it alone would gain (TIDE). As it is: ${number(tide.AP50)}, by TIDE's count, which takes the best 100 detections of a picture. ${both}`)}
${figure(chart, 'AP that each kind of error costs')}
${htmlTable('Kinds of errors', ['kind', 'meaning', 'count', 'AP lost'], rows)}`;
}

const MEANING = {
  classification: 'right place, another class',
  localisation: 'right class, overlap between 0.1 and 0.5',
  both: 'another class and badly placed',
  duplicate: 'the object was found already, with a better score',
  background: 'nothing is there',
  missed: 'an object that none of the errors above could be',
} as const;

async function curves({ categories }: DetectionAnalysis): Promise<string> {
  const drawn = async (key: 'precision50' | 'precisionMean', caption: string) => {
    const list = categories.filter((category) => category[key].length > 0);
    const chart = precisionRecallChart(list.map((category) => ({ name: category.name, precision: category[key] })));
    return figure(await renderChart(chart), caption);
  };
  const all = 'Mean over the overlaps 0.5, 0.55, … 0.95; dashed: mean of the classes';
  return `<div class="row">${await drawn('precision50', 'At overlap 0.5; dashed: mean of the classes')}${await drawn('precisionMean', all)}</div>`;
}

async function confusion({ confusion: counts, categories, thresholds }: DetectionAnalysis): Promise<string> {
  const names = categories.map(({ name }) => name);
  const lead = paragraph(
    `Detections of score ${thresholds.score} and more, each matched to the object that it overlaps most, from overlap ${thresholds.overlap} on, whatever its class. Last row: detections where nothing is; last column: objects that were missed.`,
  );
  const rows = [...names, '(background)'];
  const columns = [...names, '(missed)'];
  const pairs = counts
    .flatMap((row, i) => row.map((count, j) => ({ is: rows[i] ?? '', taken: columns[j] ?? '', count, i, j })))
    .filter(({ i, j, count }) => i !== j && i < names.length && j < names.length && count > 0)
    .sort((a, b) => b.count - a.count)
    .slice(0, 25)
    .map(({ is, taken, count }) => [is, taken, String(count)]);
  const largest = htmlTable('The most frequent confusions of two classes', ['is', 'taken for', 'count'], pairs);
  if (names.length <= TABLE_CLASSES) {
    return `${lead}\n${matrixTable('Objects by row, detections by column', { rows, columns }, counts)}`;
  }
  const chart = await renderChart(matrixChart([...names, '(none)'], counts));
  return `${lead}\n${figure(chart, 'Objects by row, detections by column; (none): background and missed')}\n${largest}`;
}

async function scores({ all, categories }: DetectionAnalysis): Promise<string> {
  const rows = categories.map(({ name, best }) => [
    name,
    ...[best?.threshold, best?.F1, best?.precision, best?.recall].map((value) => number(value ?? null)),
  ]);
  const heads = ['class', 'threshold', 'F1', 'precision', 'recall'];
  const table = htmlTable('Threshold of the best F1 at overlap 0.5', heads, rows);
  const chart = figure(await renderChart(histogramChart(all.histogram)), 'Right and wrong detections by score');
  if (categories.length > HISTOGRAM_CLASSES) {
    return `<div class="row">${chart}${table}</div>\n${paragraph('Histograms by class are in the JSON.')}`;
  }
  const own: string[] = [];
  for (const { name, histogram } of categories) {
    own.push(figure(await renderChart(histogramChart(histogram, 260, 140)), name));
  }
  return `<div class="row">${chart}${table}</div>\n${details('Histograms by class', `<div class="row">${own.join('')}</div>`)}`;
}

async function calibration({ all, categories }: DetectionAnalysis): Promise<string> {
  if (all.calibration === null) {
    return paragraph('There are no detections, or scores that are no probabilities: nothing to calibrate.');
  }
  const { ECE, bins } = all.calibration;
  const chart = await renderChart(reliabilityChart(bins));
  const byBin = bins.map(({ from, to, count, meanScore, precision }) => [
    `${from.toFixed(2)} to ${to.toFixed(2)}`,
    String(count),
    number(meanScore),
    number(precision),
  ]);
  const byClass = categories.map((category) => [category.name, number(category.calibration?.ECE ?? null)]);
  return `${paragraph(`A score that is a probability is right as often as it says: then the bars end on the line. Expected calibration error: ${number(ECE)}.`)}
<div class="row">${figure(chart, 'Share of right detections by score')}${htmlTable('Bins', ['score', 'detections', 'mean score', 'right'], byBin)}${htmlTable('By class', ['class', 'calibration error'], byClass)}</div>`;
}

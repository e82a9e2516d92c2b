/** What a detector's report shows, the errors first. */
import type { CategoryAnalysis, DetectionAnalysis } from '../../evaluation/detection_analysis.js';
import { TIDE_KINDS } from '../../evaluation/tide_errors.js';
import { fraction } from '../../scoring/report.js';
import {
  barChart,
  histogramChart,
  matrixChart,
  precisionRecallChart,
  reliabilityChart,
  renderChart,
} from '../page/charts.js';
import { details, figure, paragraph, type Section } from '../page/html.js';
import { htmlTable, matrixTable, number } from '../page/html_table.js';
import { confusedPairs } from './confused_pairs.js';
import { MEANING, SHORT } from './marked_picture.js';
import { thresholds } from './threshold_section.js';

/** More classes are listed as their most frequent confusions. */
const TABLE_CLASSES = 15;
/** More classes are no picture of squares any more. */
const MATRIX_CLASSES = 100;
/** More classes have their own histograms in the JSON alone. */
const HISTOGRAM_CLASSES = 24;
/** More bars do not fit on a screen. */
const BARS = 20;

export interface DetectionPictures {
  /** HTML of the worst pictures, of the suggested label mistakes, and of the comparison with another run. */
  readonly worst: string;
  readonly labels: string;
  readonly against: string | undefined;
}

export async function detectionSections(
  analysis: DetectionAnalysis,
  { worst, labels, against }: DetectionPictures,
): Promise<readonly Section[]> {
  const compared = against === undefined ? [] : [{ id: 'against', title: 'Against the other run', body: against }];
  return [
    { id: 'figures', title: 'AP', body: await figures(analysis) },
    ...compared,
    { id: 'errors', title: 'What the errors cost', body: await errors(analysis) },
    { id: 'worst', title: 'Worst pictures', body: worst },
    { id: 'labels', title: 'Labels to look at', body: labels },
    { id: 'confusion', title: 'What is taken for what', body: await confusion(analysis) },
    { id: 'thresholds', title: 'Thresholds', body: await thresholds(analysis) },
    { id: 'classes', title: 'Classes', body: classes(analysis) },
    { id: 'curves', title: 'Precision and recall', body: await curves(analysis) },
    { id: 'scores', title: 'Scores', body: await scores(analysis) },
    { id: 'calibration', title: 'Calibration', body: await calibration(analysis) },
  ];
}

async function figures({ coco, categories, all }: DetectionAnalysis): Promise<string> {
  const stats = Object.entries(coco.stats).map(([name, value]) => [name, fraction(value)]);
  const known = categories.flatMap(({ name, AP }) => (AP.all === null ? [] : [{ name, value: AP.all }]));
  const many = known.length > BARS;
  const sorted = known.toSorted((a, b) => (many ? a.value - b.value : b.value - a.value)).slice(0, BARS);
  const caption = many ? `AP of the ${BARS} classes where it is lowest, of ${known.length}` : 'AP by class, best first';
  const chart = await renderChart(barChart(sorted, 'AP', [0, 1]));
  const best =
    all.best === null
      ? ''
      : paragraph(
          `Best threshold over all classes: ${number(all.best.threshold)}, with F1 ${number(all.best.F1)}, precision ${number(all.best.precision)}, recall ${number(all.best.recall)} at overlap 0.5.`,
        );
  return `${best}<div class="row">${htmlTable("COCO's twelve figures", ['figure', 'value'], stats, { sortable: false })}${figure(chart, caption)}</div>`;
}

/** The classes that lose most first. */
async function errors({ tide, categories }: DetectionAnalysis): Promise<string> {
  const rows = TIDE_KINDS.map((kind) => {
    const { count, dAP } = tide.kinds[kind];
    return [`${kind} (${SHORT[kind]})`, MEANING[kind], String(count), number(dAP)];
  });
  const bars = TIDE_KINDS.map((kind) => ({ name: kind, value: tide.kinds[kind].dAP }));
  // Errors that cost next to nothing are not to look like much.
  const most = Math.max(0.01, ...bars.map(({ value }) => value));
  const chart = await renderChart(barChart(bars, 'AP gained at overlap 0.5', [0, most]));
  const both = `All wrong detections cost ${number(tide.falsePositive)}, all objects not found ${number(tide.falseNegative)}.`;
  const names = new Map(categories.map(({ id, name }) => [id, name]));
  const byClass = tide.categories
    .map((category) => ({ ...category, lost: Math.max(...TIDE_KINDS.map((kind) => category.kinds[kind].dAP)) }))
    .sort((a, b) => b.lost - a.lost)
    .map(({ id, AP50, kinds }) => [
      names.get(id) ?? String(id),
      number(AP50),
      ...TIDE_KINDS.map((kind) => number(kinds[kind].dAP)),
      ...TIDE_KINDS.map((kind) => String(kinds[kind].count)),
    ]);
  const short = TIDE_KINDS.map((kind) => SHORT[kind]);
  const heads = ['class', 'AP50', ...short.map((name) => `${name} AP`), ...short.map((name) => `${name} n`)];
  return `${paragraph(`Each kind of mistake, and the AP at overlap 0.5 that repairing it alone would gain (TIDE). As it is: ${number(tide.AP50)}, by TIDE's count, which takes the best 100 detections of a picture. ${both}`)}
<div class="row">${htmlTable('Kinds of errors', ['kind', 'meaning', 'count', 'AP lost'], rows)}${figure(chart, 'AP that each kind of error costs')}</div>
${htmlTable('By class, what costs most first: the AP that each kind costs the class, and how often it happens to its detections and objects', heads, byClass)}`;
}

function classes({ categories }: DetectionAnalysis): string {
  const rows = categories
    .toSorted((a, b) => (a.AP.all ?? 2) - (b.AP.all ?? 2))
    .map(({ name, objects, detections, AP, AP50, AP75, AR }) => [
      name,
      String(objects),
      String(detections),
      ...[AP.all, AP50, AP75, AP.small, AP.medium, AP.large, AR].map(number),
    ]);
  const heads = ['class', 'objects', 'detections', 'AP', 'AP50', 'AP75', 'AP small', 'AP medium', 'AP large', 'AR'];
  return htmlTable('The lowest AP first; by size of object; detections that count at overlap 0.5', heads, rows);
}

async function curves({ categories }: DetectionAnalysis): Promise<string> {
  const drawn = async (key: 'precision50' | 'precisionMean', caption: string) => {
    const list = categories.filter((category) => category[key].length > 0);
    const chart = precisionRecallChart(list.map((category) => ({ name: category.name, precision: category[key] })));
    const band = list.length > 10 ? '; band: the middle half of the classes' : '';
    return figure(await renderChart(chart), `${caption}; dashed: mean of the classes${band}`);
  };
  return `<div class="row">${await drawn('precision50', 'At overlap 0.5')}${await drawn('precisionMean', 'Mean over the overlaps 0.5, 0.55, … 0.95')}</div>`;
}

async function confusion({ confusion: counts, categories, thresholds: limits }: DetectionAnalysis): Promise<string> {
  const names = categories.map(({ name }) => name);
  const lead = paragraph(
    `Detections of score ${limits.score} and more, each matched to the object that it overlaps most, from overlap ${limits.overlap} on, whatever its class.`,
  );
  if (names.length <= TABLE_CLASSES) {
    const axes = { rows: [...names, '(background)'], columns: [...names, '(missed)'] };
    const caption =
      'Objects by row, detections by column. Last row: detections where nothing is; last column: objects that were missed';
    return `${lead}\n${matrixTable(caption, axes, counts)}`;
  }
  const rows = confusedPairs(counts)
    .slice(0, 200)
    .map(({ is, taken, count, share }) => [
      names[is] ?? '',
      names[taken] ?? '',
      String(count),
      `${(share * 100).toFixed(1)} %`,
    ]);
  const heads = ['is', 'taken for', 'count', 'of its objects'];
  const pairs = htmlTable('The most frequent confusions of two classes', heads, rows);
  if (names.length > MATRIX_CLASSES) return `${lead}\n${pairs}`;
  const chart = await renderChart(matrixChart([...names, '(none)'], counts));
  const all = figure(chart, 'Objects by row, detections by column; (none): background and missed');
  return `${lead}\n${pairs}\n${details('All confusions', all)}`;
}

async function scores({ all, categories }: DetectionAnalysis): Promise<string> {
  const chart = figure(await renderChart(histogramChart(all.histogram)), 'Right and wrong detections by score');
  if (categories.length > HISTOGRAM_CLASSES) {
    return `${chart}\n${paragraph('Histograms by class are in the JSON.')}`;
  }
  const own: string[] = [];
  for (const { name, histogram } of categories) {
    own.push(figure(await renderChart(histogramChart(histogram, 260, 140)), name));
  }
  return `${chart}\n${details('Histograms by class', `<div class="row">${own.join('')}</div>`)}`;
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
  const error = ({ calibration: own }: CategoryAnalysis) => own?.ECE ?? null;
  const byClass = categories
    .toSorted((a, b) => (error(b) ?? -1) - (error(a) ?? -1))
    .map((category) => [category.name, number(error(category))]);
  return `${paragraph(`A score that is a probability is right as often as it says: then the bars end on the line. Expected calibration error: ${number(ECE)}.`)}
<div class="row">${figure(chart, 'Share of right detections by score')}${htmlTable('Bins', ['score', 'detections', 'mean score', 'right'], byBin)}<div>${htmlTable('By class', ['class', 'calibration error'], byClass)}</div></div>`;
}

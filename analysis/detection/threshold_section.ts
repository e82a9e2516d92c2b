/** Precision, recall and F1 against the threshold, and the thresholds that are best. */
import type { DetectionAnalysis } from '../../evaluation/detection_analysis.js';
import { CONFIDENCE_THRESHOLDS } from '../../evaluation/score_profile.js';
import { renderChart, type ThresholdLine, thresholdChart } from '../page/charts.js';
import { details, figure, paragraph } from '../page/html.js';
import { htmlTable, number } from '../page/html_table.js';

/** Lines of more classes cannot be told apart. */
const LINES = 10;
/** More classes have their own curves in the JSON alone. */
const CHARTS = 24;

export async function thresholds({ all, macro, categories }: DetectionAnalysis): Promise<string> {
  if (all.curve === null) return paragraph('There are scores that are no probabilities: no curves over thresholds.');
  const mean = meanF1(categories);
  const lines = [
    { name: 'precision', values: all.curve.precision },
    { name: 'recall', values: all.curve.recall },
    { name: 'F1', values: all.curve.F1 },
    { name: 'mean F1 of the classes', values: mean },
  ];
  const chart = await renderChart(thresholdChart(lines, { title: 'all classes', best: all.best?.threshold }));
  const overall = figure(chart, 'All classes together; dashed: the threshold of the best F1');
  const few = categories.length <= LINES;
  const byClass = few
    ? figure(await renderChart(thresholdChart(classLines(categories), { title: 'F1' })), 'F1 by class')
    : '';
  const rows = categories
    .toSorted((a, b) => (a.best?.F1 ?? -1) - (b.best?.F1 ?? -1))
    .map(({ name, objects, best }) => [
      name,
      String(objects),
      ...[best?.threshold, best?.F1, best?.precision, best?.recall].map((value) => number(value ?? null)),
    ]);
  const heads = ['class', 'objects', 'threshold', 'F1', 'precision', 'recall'];
  const table = htmlTable("Each class's own threshold of the best F1, the lowest F1 first", heads, rows);
  return `${paragraph(said({ all, macro }))}\n<div class="row">${overall}${byClass}</div>\n${table}\n${await ownCharts(categories)}`;
}

function said({ all: { best }, macro }: Pick<DetectionAnalysis, 'all' | 'macro'>): string {
  if (best === null) return 'Nothing is right at overlap 0.5: no threshold is better than another.';
  const pooled = `Of all detections together, where frequent classes weigh more, F1 is best from score ${number(best.threshold)} on: ${number(best.F1)}, with precision ${number(best.precision)} and recall ${number(best.recall)}.`;
  const each =
    macro === null
      ? ''
      : ` Where every class with objects weighs the same, it is ${number(macro.threshold)}: mean F1 ${number(macro.F1)}.`;
  return `Right is a detection of the same class at overlap 0.5. ${pooled}${each}`;
}

function classLines(categories: DetectionAnalysis['categories']): readonly ThresholdLine[] {
  return categories.map(({ name, curve, objects }) => ({ name, values: objects === 0 ? [] : (curve?.F1 ?? []) }));
}

function meanF1(categories: DetectionAnalysis['categories']): readonly (number | null)[] {
  const curves = categories.flatMap(({ objects, curve }) => (objects === 0 || curve === null ? [] : [curve.F1]));
  return CONFIDENCE_THRESHOLDS.map((_, i) =>
    curves.length === 0 ? null : curves.reduce((sum, F1) => sum + (F1[i] ?? 0), 0) / curves.length,
  );
}

async function ownCharts(categories: DetectionAnalysis['categories']): Promise<string> {
  if (categories.length > CHARTS) return paragraph('Curves by class are in the JSON.');
  const own: string[] = [];
  for (const { name, curve, best } of categories) {
    if (curve === null) continue;
    const lines = [
      { name: 'precision', values: curve.precision },
      { name: 'recall', values: curve.recall },
      { name: 'F1', values: curve.F1 },
    ];
    const chart = thresholdChart(lines, { title: null, best: best?.threshold, width: 240, height: 140 });
    own.push(figure(await renderChart(chart), name));
  }
  return details('Curves by class', `<div class="row">${own.join('')}</div>`);
}

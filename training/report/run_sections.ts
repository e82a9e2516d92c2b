/** What a run's page says of its course: where it stands, its curves, its validations. */
import { renderChart } from '../../analysis/page/charts.js';
import { details, escapeHtml, figure, paragraph, type Section } from '../../analysis/page/html.js';
import { htmlTable } from '../../analysis/page/html_table.js';
import { noteText } from '../../core/notes.js';
import type { TrainingEventOf } from '../events.js';
import { duration, figure as figureText, rate } from '../figures_in_words.js';
import { type Curve, type CurveChartOptions, curveChart, curvesOf } from './curves.js';
import { median, type RunStory } from './run_story.js';

/** More lines than there are colours cannot be told apart; the table has them all. */
const MOST_LINES = 10;

/** Where the run stands, in a sentence. */
export function headline(story: RunStory): string {
  const { started, finished, iteration, best } = story;
  const of = started === undefined ? '' : ` of ${started.iterations}`;
  const states = { completed: 'Completed', stopped: 'Stopped', 'early-stopping': 'Ended early' } as const;
  const state = finished === undefined ? 'Under way' : states[finished.reason];
  const why = finished?.why === undefined ? '' : ` ${sentence(finished.why)}`;
  const [metric, value] = best === undefined ? [] : bestFigure(story, best);
  const found =
    best === undefined || metric === undefined
      ? ''
      : ` Best: ${metric} ${figureText(value ?? Number.NaN)}, after ${timeOf(best)}.`;
  return `${state}: ${iteration}${of} iterations.${why}${found}`;
}

/** The figure that the best checkpoint is chosen by is known at the end; before, the first one stands for it. */
function bestFigure({ finished }: RunStory, { metrics }: TrainingEventOf<'validated'>) {
  const named = finished?.best;
  return named === undefined ? (Object.entries(metrics)[0] ?? []) : ([named.metric, named.value] as const);
}

export async function runSections(story: RunStory): Promise<readonly Section[]> {
  const { validations, steps, notes } = story;
  return [
    { id: 'run', title: 'The run', body: runTable(story) },
    ...(validations.length === 0 ? [] : [{ id: 'metrics', title: 'Validation', body: await metrics(story) }]),
    ...(steps.length === 0
      ? []
      : [
          { id: 'losses', title: 'Losses', body: await losses(story) },
          { id: 'steps', title: 'Learning rate and speed', body: await rateAndSpeed(story) },
        ]),
    ...(notes.length === 0 ? [] : [{ id: 'notes', title: 'Notes', body: notesList(story) }]),
  ];
}

function runTable({ started, resumptions, steps, validations, finished, iteration }: RunStory): string {
  const seconds = median(steps.slice(-200).map((step) => step.seconds));
  const waiting = sum(steps.map((step) => step.waitingSeconds)) / sum(steps.map((step) => step.seconds));
  const perStep = steps.length === 0 ? 0 : sum(steps.map((step) => step.seconds)) / steps.length;
  const spent = perStep * iteration + sum(validations.map((validation) => validation.seconds));
  const left = started === undefined ? undefined : started.iterations - iteration;
  const rows: readonly (readonly [string, string] | undefined)[] = [
    started && ['iterations', `${iteration} of ${started.iterations}`],
    started?.epochs === undefined ? undefined : ['epochs', String(started.epochs)],
    started && ['pictures in a batch', String(started.batchSize)],
    started && ['trained parameters', started.parameters.toLocaleString('en')],
    started && ['seed', String(started.seed)],
    steps.length === 0 ? undefined : ['seconds a step', `${seconds.toFixed(2)} (median)`],
    Number.isFinite(waiting) ? ['of it waiting for pictures', `${(100 * waiting).toFixed(1)} %`] : undefined,
    steps.length === 0 ? undefined : ['time', duration(spent)],
    finished !== undefined || left === undefined || !(left > 0) || Number.isNaN(seconds)
      ? undefined
      : ['left', `about ${duration(left * seconds)}, without validation`],
    resumptions === 0 ? undefined : ['went on after a stop', `${resumptions} ${resumptions === 1 ? 'time' : 'times'}`],
  ];
  return htmlTable(
    'The run as it stands',
    ['', ''],
    rows.filter((row) => row !== undefined),
    { sortable: false },
  );
}

async function metrics({ validations, best }: RunStory): Promise<string> {
  const curves = curvesOf(validations, (event) => measured(event.metrics));
  const chart = await chartOf(
    curves.slice(0, MOST_LINES),
    { dots: true, marked: best?.iteration },
    `Figures of the validation set${best === undefined ? '' : '; dashed: the best checkpoint'}`,
  );
  const names = [...new Set(validations.flatMap((event) => Object.keys(event.metrics)))];
  const rows = validations.map((event) => [
    String(event.iteration),
    String(event.epoch),
    ...names.map((name) => figureText(event.metrics[name] ?? Number.NaN)),
    event.isBest ? 'best so far' : '',
    duration(event.seconds),
  ]);
  const heads = ['iteration', 'epoch', ...withoutSet(names), '', 'took'];
  return `${chart}\n${htmlTable('Each validation', heads, rows, { sortable: false })}`;
}

/** `bbox_mAP` for `coco/bbox_mAP`, where all are of one set. */
function withoutSet(names: readonly string[]): readonly string[] {
  const ends = names.map((name) => name.lastIndexOf('/') + 1);
  const set = (names[0] ?? '').slice(0, ends[0]);
  return names.every((name, i) => name.slice(0, ends[i]) === set) ? names.map((name) => name.slice(set.length)) : names;
}

/** COCO's -1 and NaN stand for nothing to measure. */
function measured(given: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== -1));
}

async function losses({ steps }: RunStory): Promise<string> {
  const parts = curvesOf(steps, (step) => step.losses);
  const total = curvesOf(steps, (step) => ({ loss: step.loss }));
  const drawn = parts.length === 1 ? parts : [...total, ...parts];
  const figures = [await chartOf(drawn.slice(0, MOST_LINES), {}, 'Losses of the training batches')];
  const logged = curvesOf(steps, (step) => step.logged);
  if (logged.length > 0) {
    figures.push(await chartOf(logged.slice(0, MOST_LINES), {}, 'Beside the losses'));
  }
  return `<div class="row">${figures.join('')}</div>`;
}

async function rateAndSpeed({ steps }: RunStory): Promise<string> {
  const rates = curvesOf(steps, (step) => ({ lr: step.learningRate }), 'last');
  const norms = curvesOf(steps, (step) => ({ grad_norm: step.gradientNorm }));
  const times = curvesOf(steps, (step) => ({ 'a step': step.seconds, 'waiting for pictures': step.waitingSeconds }));
  const last = steps.at(-1)?.learningRate ?? Number.NaN;
  return `<div class="row">${[
    await chartOf(rates, {}, `The learning rate, now ${rate(last)}`),
    ...(norms.length === 0
      ? []
      : [await chartOf(norms, {}, 'Norm of all gradients together, before they are clipped')]),
    await chartOf(times, {}, 'Seconds of a step'),
  ].join('')}</div>`;
}

async function chartOf(curves: readonly Curve[], options: CurveChartOptions, caption: string): Promise<string> {
  // A single line has no legend.
  const named = curves.length === 1 ? `${caption} (${curves[0]?.name})` : caption;
  return figure(await renderChart(curveChart(curves, options)), named);
}

function notesList({ notes }: RunStory): string {
  return `<ul>${notes.map((note) => `<li>${escapeHtml(noteText(note))}</li>`).join('')}</ul>`;
}

/** The config, folded away. */
export function configSection(config: unknown): Section {
  const text = escapeHtml(JSON.stringify(config, undefined, 2));
  const body = `${paragraph('The whole config, as config.json beside this page has it.')}\n${details('Show', `<pre class="scroll">${text}</pre>`)}`;
  return { id: 'config', title: 'Config', body };
}

/** `epoch 3`, `iteration 600`. */
export function timeOf({ epoch, iteration }: { readonly epoch: number; readonly iteration: number }): string {
  return `iteration ${iteration} (epoch ${epoch})`;
}

function sentence(text: string): string {
  const first = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(first) ? first : `${first}.`;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

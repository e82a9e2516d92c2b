/** Events of a training run in words: one line each. */
import { join } from 'node:path';
import type { TrainingEventOf } from '../../training/events.js';
import { duration, figure, rate } from '../../training/figures_in_words.js';

export { duration, figure, rate };

/** What is about to happen. */
export function startLine(event: TrainingEventOf<'started'>): string {
  const { iterations, epochs, batchSize, parameters, seed, resumedFrom } = event;
  const length = epochs === undefined ? '' : `${epochs} ${epochs === 1 ? 'epoch' : 'epochs'}, `;
  const steps = `${length}${iterations} steps of ${batchSize} ${batchSize === 1 ? 'picture' : 'pictures'}`;
  const from = resumedFrom === undefined ? '' : `; it goes on after step ${resumedFrom.iteration}`;
  return `training ${grouped(parameters)} parameters: ${steps}, seed ${seed}${from}`;
}

/** `12 345`: digits in threes. */
function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ' ');
}

/** Where a run is. */
function place({ epoch, iteration }: { readonly epoch: number; readonly iteration: number }, epochs: boolean): string {
  return epochs ? `epoch ${epoch}` : `step ${iteration}`;
}

/** @param epochs whether the run is counted in epochs. */
export function validationLine(event: TrainingEventOf<'validated'>, epochs: boolean): string {
  const figures = Object.entries(event.metrics).map(([name, value]) => `${name} ${figure(value)}`);
  const best = event.isBest ? '; the best so far' : '';
  return `${place(event, epochs)}: ${figures.join(', ')} (${duration(event.seconds)})${best}`;
}

/** How a run ended, and what can be done now. @param folder of the run. */
export function endLines(event: TrainingEventOf<'finished'>, folder: string): readonly string[] {
  const { reason, why, best, iteration } = event;
  const found = best === undefined ? '' : ` The best validation: ${best.metric} ${figure(best.value)}.`;
  if (reason === 'stopped') {
    return [`stopped after step ${iteration}, everything written: go on with --resume.${found}`];
  }
  const end = reason === 'completed' ? 'trained to the end.' : `stopped early: ${why ?? 'it got no better.'}`;
  return [
    `${end}${found}`,
    `the model is in ${folder}, a config and its weights in one: its name stands for both. ${join(folder, 'report.html')} shows the run`,
  ];
}

/** Losses and learning rate of some steps, for a line of progress. */
export function stepSummary(
  steps: readonly TrainingEventOf<'step'>[],
  started: TrainingEventOf<'started'> | undefined,
): string {
  const last = steps.at(-1);
  if (last === undefined) return '';
  const mean = (of: (step: TrainingEventOf<'step'>) => number) =>
    steps.reduce((sum, step) => sum + of(step), 0) / steps.length;
  const parts = Object.keys(last.losses);
  const each = parts.map((name) => `${name} ${figure(mean(({ losses }) => losses[name] ?? 0))}`);
  const losses = `loss ${figure(mean(({ loss }) => loss))}${parts.length > 1 ? ` (${each.join(', ')})` : ''}`;
  const epochs = started?.epochs;
  const epoch = epochs === undefined ? '' : `epoch ${last.epoch}/${epochs}: `;
  return `${epoch}${losses}, lr ${rate(last.learningRate)}`;
}

/** Whether the network had to wait for its pictures for much of the time: a sentence. */
export function waitingAdvice(steps: readonly TrainingEventOf<'step'>[]): string | undefined {
  const [seconds, waiting] = steps.reduce(
    ([all, waited], step) => [all + step.seconds, waited + step.waitingSeconds],
    [0, 0],
  );
  const share = seconds === 0 ? 0 : waiting / seconds;
  if (share < 0.1) return undefined;
  return `the network waits for its pictures ${Math.round(100 * share)} % of the time: a larger train_dataloader.num_workers helps where there are cores`;
}

/** A whole step of training, batch to new weights, against PyTorch's on the same network, batch and processors. */
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { threadLimit } from '../engines/thread/threads.js';
import { median, minimum, quantile } from '../measuring/timing/statistics.js';
import { startProgram } from './asked_program.js';
import { bar, type Report } from './report.js';
import { type TrainingRecipe, trainingRecipe } from './training_recipe.js';

const path = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const WARM_UP = 3;
/** Ours to PyTorch's. */
const BARS = { time: 1.25, memory: 1.5 } as const;

const stepSchema = z.object({
  milliseconds: z.number(),
  /** Of all threads. */
  processor: z.number(),
  loss: z.number(),
  /** Resident memory at its height so far, and now, in megabytes. */
  peak: z.number(),
  resident: z.number().optional(),
});
type Step = z.output<typeof stepSchema>;

const ours = (recipe: TrainingRecipe) =>
  startProgram(
    process.execPath,
    ['--import', import.meta.resolve('jiti/register'), path('./training_child.ts')],
    recipe,
    stepSchema,
  );

/**
 * The two take turns, A B B A.
 * @param lowformer a checkout of the official code, whose backbone PyTorch trains.
 * The bars: the median of the ratios of neighbouring steps, and the largest resident memory of the two processes.
 */
export async function benchmarkTraining(python: string, lowformer: string, rounds = 20): Promise<Report> {
  const recipe = trainingRecipe(threadLimit().threads);
  await using own = ours(recipe);
  await using theirs = startProgram(
    python,
    [path('./python/training_step.py'), '--lowformer', lowformer],
    recipe,
    stepSchema,
  );
  const pairs: (readonly [Step, Step])[] = [];
  for (let round = -WARM_UP; round < rounds; round++) {
    const forwards = round % 2 === 0;
    const before = forwards ? await own.ask() : await theirs.ask();
    const after = forwards ? await theirs.ask() : await own.ask();
    if (round >= 0) pairs.push(forwards ? [before, after] : [after, before]);
  }
  const all = (key: 'milliseconds' | 'processor') =>
    [0, 1].map((side) => pairs.map((pair) => pair[side]?.[key] ?? Number.NaN));
  const peaks = [0, 1].map((side) => Math.max(...pairs.map((pair) => pair[side]?.peak ?? Number.NaN)));
  const ratiosOf = (key: 'milliseconds' | 'processor') => pairs.map(([a, b]) => a[key] / b[key]);
  const ratios = ratiosOf('milliseconds');
  const row = (what: string, [a = [], b = []]: readonly number[][], ratio: number, limit?: number) => ({
    what,
    lowformer: median(a),
    pytorch: median(b),
    'lowformer, least': minimum(a),
    'pytorch, least': minimum(b),
    ratio,
    ...bar(ratio, limit),
  });
  return {
    title: 'A step of training',
    how: `RetinaNet with a small LowFormer, batch ${recipe.batch} of ${recipe.size.join('x')}, batch norm by the batch: targets, forward, losses, gradients, AdamW. ${recipe.threads} threads each, in turns; median of ${rounds} pairs (quartiles of the ratio ${quantile(ratios, 0.25).toFixed(3)} to ${quantile(ratios, 0.75).toFixed(3)}). Milliseconds; megabytes of resident memory at its height.`,
    rows: [
      row('time', all('milliseconds'), median(ratios), BARS.time),
      row('processor time', all('processor'), median(ratiosOf('processor'))),
      row(
        'memory',
        peaks.map((peak) => [peak]),
        (peaks[0] ?? Number.NaN) / (peaks[1] ?? Number.NaN),
        BARS.memory,
      ),
    ],
  };
}

/** Resident memory over many steps: what a step leaves behind would show. */
export async function benchmarkTrainingMemory(rounds = 500): Promise<Report> {
  const recipe = trainingRecipe(threadLimit().threads);
  await using own = ours(recipe);
  const steps: Step[] = [];
  for (let step = 0; step < rounds; step++) steps.push(await own.ask());
  const marks = [1, 2, 3, 4, 5].map((fifth) => Math.max(1, Math.floor((fifth * rounds) / 5)));
  return {
    title: 'Memory over a training run',
    how: 'Resident megabytes of the process that trains, highest over each fifth of the steps.',
    rows: marks.map((end, i) => ({
      steps: `${(marks[i - 1] ?? 0) + 1} to ${end}`,
      resident: Math.max(...steps.slice(marks[i - 1] ?? 0, end).map(({ resident }) => resident ?? Number.NaN)),
      milliseconds: median(steps.slice(marks[i - 1] ?? 0, end).map(({ milliseconds }) => milliseconds)),
    })),
  };
}

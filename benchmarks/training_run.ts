/**
 * What a training run was, from its folder, kept in results/: command, machine, figures, curves.
 * `npx jiti benchmarks/training_run.ts DIR --name NAME --command "lowformer train …" [--remark TEXT]`
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { z } from 'zod';
import { describeMachine, machineSlug } from '../measuring/machine.js';
import { writePlot } from '../measuring/presentation/plot_file.js';
import { readTrainingEvents } from '../training/events.js';
import { duration } from '../training/figures_in_words.js';
import { curveChart, curvesOf } from '../training/report/curves.js';
import { median, type RunStory, runStory } from '../training/report/run_story.js';
import { machineText, markdown, type Report } from './report.js';

const program = new Command('training_run')
  .argument('<dir>', 'the folder of a run that has ended')
  .requiredOption('--name <name>', 'of the files in results/: training_NAME_MACHINE')
  .requiredOption('--command <text>', 'what the run was started with')
  .option('--remark <text>', 'a sentence that belongs to it')
  .parse();
const [folder, { name, command, remark }] = z
  .tuple([
    z.string(),
    z.object({ name: z.string().regex(/^[\w-]+$/), command: z.string(), remark: z.string().optional() }),
  ])
  .parse([program.args[0], program.opts()]);

const story = runStory(await readTrainingEvents(join(folder, 'log.jsonl')));
const { finished } = story;
if (finished === undefined) program.error(`${folder}: expected the folder of a run that has ended`, { exitCode: 2 });

const machine = await describeMachine();
const file = `training_${name}_${machineSlug(machine)}`;
const place = (ending: string) => fileURLToPath(new URL(`./results/${file}${ending}`, import.meta.url));
const figures = facts(story);
const text = [
  machineText(machine),
  '```sh',
  command,
  '```',
  ...(remark === undefined ? [] : [remark]),
  '',
  ...Object.entries(figures).map(([what, value]) => `- ${what}: ${value}`),
  '',
  `![Losses over the iterations](${file}_losses.png) ![Figures of the validation pictures](${file}_figures.png)`,
  '',
  markdown(validations(story)),
];
await writeFile(place('.md'), text.join('\n'));
const json = { machine, command, remark, ...figures, validations: story.validations };
await writeFile(place('.json'), `${JSON.stringify(json, undefined, 2)}\n`);
await writePlot(
  place('_losses.png'),
  curveChart(curvesOf(story.steps, (step) => ({ loss: step.loss, ...step.losses }))),
);
await writePlot(
  place('_figures.png'),
  curveChart(
    curvesOf(story.validations, ({ metrics }) => metrics),
    { dots: true, marked: story.best?.iteration },
  ),
);
process.stdout.write(`${place('.md')}\n`);

function facts({ started, steps, best, iteration }: RunStory): Readonly<Record<string, string>> {
  const seconds = steps.map((step) => step.seconds);
  const whole = story.validations.reduce((sum, validation) => sum + validation.seconds, 0) + total(seconds);
  const { metric, value } = finished?.best ?? {};
  return {
    'best checkpoint': `${metric} ${value?.toFixed(4)}, after iteration ${best?.iteration}`,
    iterations: `${iteration} of ${started?.batchSize} pictures${started?.epochs === undefined ? '' : `, ${started.epochs} epochs`}`,
    seed: String(started?.seed),
    'trained parameters': String(started?.parameters),
    time: `${duration(whole)}, validations included`,
    'a step': `${median(seconds).toFixed(2)} s (median), of it waiting for pictures ${(
      (100 * total(steps.map((step) => step.waitingSeconds))) / total(seconds)
    ).toFixed(2)} %`,
  };
}

function validations({ validations: all, best }: RunStory): Report {
  return {
    title: 'Validations',
    how: 'With the weights as they were then; "best" has the checkpoint that is kept.',
    rows: all.map((event) => ({
      epoch: event.epoch,
      iteration: event.iteration,
      ...Object.fromEntries(Object.entries(event.metrics).map(([key, value]) => [key, value.toFixed(4)])),
      best: event === best ? 'best' : '',
    })),
  };
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

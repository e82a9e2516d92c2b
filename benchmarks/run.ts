/** `npm run bench -- [names] [--reference DIR] [--python PROGRAM] [--lowformer DIR] [--rounds N] [--write]`; see README.md beside this file. */
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { z } from 'zod';
import { interruption } from '../files/interruption.js';
import { describeMachine, type Machine, machineSlug } from '../measuring/machine.js';
import { benchmarkBoxTower } from './box_tower.js';
import { benchmarkClips } from './clips.js';
import { benchmarkCocoAp } from './coco_ap.js';
import { benchmarkDecode } from './decode.js';
import { benchmarkEvaluation } from './evaluation.js';
import { benchmarkFileToResult } from './file_to_result.js';
import { benchmarkFolder } from './folder.js';
import { benchmarkInt8 } from './int8.js';
import { benchmarkLoading } from './loading.js';
import { benchmarkMalformedRequests } from './malformed_requests.js';
import { benchmarkNetworks } from './networks.js';
import { benchmarkPasses } from './passes.js';
import { benchmarkPipeline } from './pipeline.js';
import { benchmarkQueue, REDIS } from './queue.js';
import { machineText, markdown, type Report, reportSchema } from './report.js';
import { benchmarkResize } from './resize.js';
import { benchmarkSegmentationDecode } from './segmentation_decode.js';
import { benchmarkSegmentorMemory } from './segmentor_memory.js';
import { benchmarkServerLoad } from './server_load.js';
import { benchmarkSlices, benchmarkSmallObjects, hasCells } from './slices.js';
import { benchmarkThroughput } from './throughput.js';
import { benchmarkTracking } from './tracking.js';
import { benchmarkTraining, benchmarkTrainingMemory } from './training.js';

type Benchmark = (rounds?: number) => Promise<Report>;

/** When a table was measured, and on what: a machine's name stands for several processors, from one day to another. */
const takenSchema = z.object({ date: z.string(), instructions: z.string().optional() });
const resultsSchema = z.object({ reports: z.record(z.string(), reportSchema.extend(takenSchema.shape)) });
type Results = z.output<typeof resultsSchema>['reports'];

const ALONE = {
  decode: benchmarkDecode,
  'segmentation-decode': benchmarkSegmentationDecode,
  resize: benchmarkResize,
  pipeline: benchmarkPipeline,
  evaluation: benchmarkEvaluation,
  throughput: benchmarkThroughput,
  folder: benchmarkFolder,
  clips: benchmarkClips,
  loading: benchmarkLoading,
  'segmentor-memory': benchmarkSegmentorMemory,
  passes: benchmarkPasses,
  'box-tower': benchmarkBoxTower,
  int8: benchmarkInt8,
  'training-memory': benchmarkTrainingMemory,
  'server-load': benchmarkServerLoad,
  'malformed-requests': benchmarkMalformedRequests,
  tracking: benchmarkTracking,
  slices: benchmarkSlices,
  // It brings no pictures of its own.
  ...(hasCells() ? { 'small-objects': benchmarkSmallObjects } : {}),
  // It brings no server of its own.
  ...(existsSync(REDIS) ? { queue: benchmarkQueue } : {}),
} as const satisfies Readonly<Record<string, Benchmark>>;

const program = new Command('bench')
  .argument(
    '[names...]',
    `${Object.keys(ALONE).join(', ')}, networks, file-to-result, coco-ap, training; by default all`,
  )
  .option(
    '--reference <dir>',
    'networks that python/export_reference.py wrote; without it networks and file-to-result are left out',
  )
  .option(
    '--python <program>',
    'a Python with what python/ asks for; without it file-to-result, coco-ap and training are left out',
  )
  .option('--lowformer <dir>', 'a checkout of the official code; without it training is left out')
  .option('--rounds <n>', 'rounds that count, instead of what each benchmark takes')
  .option('--write', 'keep the tables in benchmarks/results/')
  .parse();

const rounds = z.coerce.number().int().min(1).optional();
const { reference, python, lowformer, write, ...given } = z
  .object({
    reference: z.string().optional(),
    python: z.string().optional(),
    lowformer: z.string().optional(),
    rounds,
    write: z.boolean().default(false),
  })
  .parse(program.opts());
const benchmarks = new Map<string, Benchmark>(Object.entries(ALONE));
if (reference !== undefined) benchmarks.set('networks', (count) => benchmarkNetworks(reference, count));
if (python !== undefined) benchmarks.set('coco-ap', (count) => benchmarkCocoAp(python, count));
if (python !== undefined && reference !== undefined) {
  benchmarks.set('file-to-result', (count) => benchmarkFileToResult(python, reference, count));
}
if (python !== undefined && lowformer !== undefined) {
  benchmarks.set('training', (count) => benchmarkTraining(python, lowformer, count));
}

const names = program.args.length > 0 ? program.args : [...benchmarks.keys()];
for (const name of names) {
  if (!benchmarks.has(name)) {
    const needs = {
      networks: '--reference DIR',
      'file-to-result': '--python PROGRAM and --reference DIR',
      'coco-ap': '--python PROGRAM',
      training: '--python PROGRAM and --lowformer DIR',
    }[name];
    const why = needs === undefined ? `is none of ${[...benchmarks.keys()].join(', ')}` : `needs ${needs}`;
    program.error(`${name} ${why}`, { exitCode: 2 });
  }
}

const machine = await describeMachine();
process.stdout.write(machineText(machine));
const reports = write ? await keptResults(results(machine).json) : {};
for (const name of names) {
  const benchmark = benchmarks.get(name);
  if (benchmark === undefined) continue;
  const taken = { date: new Date().toISOString().slice(0, 10), instructions: machine.instructions };
  const report = { ...taken, ...(await benchmark(given.rounds)) };
  if (report.rows.length > 0) {
    reports[name] = report;
    process.stdout.write(`\n${markdown(report)}`);
    if (write) await writeResults(machine, reports);
  }
  if (interruption.signal.aborted) break;
}
process.exitCode = interruption.exitCode() ?? 0;

function results(machine: Machine): { readonly markdown: string; readonly json: string } {
  const file = (ending: string) =>
    fileURLToPath(new URL(`./results/${machineSlug(machine)}.${ending}`, import.meta.url));
  return { markdown: file('md'), json: file('json') };
}

/** What stands in the machine's file already: benchmarks that do not run this time keep their tables. */
async function keptResults(file: string): Promise<Results> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  return text === undefined ? {} : resultsSchema.parse(JSON.parse(text)).reports;
}

function takenText({ date, instructions }: z.output<typeof takenSchema>): string {
  return instructions === undefined ? date : `${date}, by a processor with ${instructions}`;
}

async function writeResults(machine: Machine, reports: Results): Promise<void> {
  const files = results(machine);
  const tables = Object.values(reports).map((report) => `${markdown(report)}\nMeasured on ${takenText(report)}.\n`);
  await mkdir(dirname(files.json), { recursive: true });
  await writeFile(files.markdown, `${machineText(machine)}\n${tables.join('\n')}`);
  await writeFile(files.json, `${JSON.stringify({ machine, reports }, undefined, 2)}\n`);
}

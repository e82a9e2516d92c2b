/**
 * COCO AP from two files to twelve figures, as a person gets them: the built command against hotcoco, faster-coco-eval and
 * pycocotools. What counts is the processor time of the whole process, start and imports included, whatever its threads.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';
import { COCO_STATS } from '../evaluation/coco_parameters.js';
import { median, minimum } from '../measuring/timing/statistics.js';
import { type CocoFiles, writeCocoFiles } from './coco_files.js';
import { bar, type Report } from './report.js';

const run = promisify(execFile);
const path = (file: string) => fileURLToPath(new URL(file, import.meta.url));

const usageSchema = z.object({ cpu: z.number(), wall: z.number(), peakMb: z.number() });
type Run = z.output<typeof usageSchema> & { readonly stats: readonly number[] };
const figuresSchema = z.object({ stats: z.record(z.enum(COCO_STATS), z.number()) });

interface Scorer {
  readonly name: string;
  /** Runs in this many of the rounds, and at least one. */
  readonly share: number;
  /** Writes the figures to `out` as JSON with `stats`. */
  command(files: CocoFiles, out: string): readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** Pictures of val2017; memory is also taken at ten times that. */
const PICTURES = 5000;
/** Of ours to hotcoco's processor time. */
const BAR = 1.5;

const ours = (...flags: string[]) => ({
  share: 1,
  command: ({ groundTruth, detections }: CocoFiles, out: string) => [
    ...[process.execPath, ...flags, path('../dist/tools/lowformer.js'), 'score', 'coco', '--quiet'],
    ...['--annotations', groundTruth, '--predictions', detections, '--json', out],
  ],
});

function scorers(python: string): readonly Scorer[] {
  const theirs = (library: string) => (files: CocoFiles, out: string) => [
    ...[python, path('./python/score_coco.py'), library, files.groundTruth, files.detections, out],
  ];
  return [
    { name: 'lowformer', ...ours() },
    { name: 'lowformer, one thread', ...ours('--single-threaded') },
    { name: 'hotcoco', share: 1, command: theirs('hotcoco') },
    { name: 'hotcoco, one thread', share: 1, command: theirs('hotcoco'), environment: { RAYON_NUM_THREADS: '1' } },
    // These take so long that they say enough in a part of the rounds.
    { name: 'faster-coco-eval', share: 0.3, command: theirs('faster-coco-eval') },
    { name: 'pycocotools', share: 0.1, command: theirs('pycocotools') },
  ];
}

/** @param python one that has the libraries: see python/score_coco.py. */
export async function benchmarkCocoAp(python: string, rounds = 7): Promise<Report> {
  const folder = await mkdtemp(join(tmpdir(), 'lowformer-coco-ap-'));
  try {
    const files = await writeCocoFiles(join(folder, 'val2017'), PICTURES);
    const all = scorers(python).map((scorer) => ({ scorer, runs: [] as Run[] }));
    for (let round = 0; round < rounds; round++) {
      for (const { scorer, runs } of all) {
        if (round < Math.max(1, Math.round(scorer.share * rounds)))
          runs.push(await score(python, scorer, files, folder));
      }
    }
    const { size } = await stat(files.detections);
    const tenfold = await writeCocoFiles(join(folder, 'tenfold'), 10 * PICTURES);
    const large = await score(python, { name: 'lowformer', ...ours() }, tenfold, folder);
    return {
      title: 'COCO AP',
      how: `From two files to twelve figures: ${PICTURES} pictures, ${PICTURES * 100} detections in ${(size / 1e6).toFixed(0)} MB, made by coco_files.ts from a seed. Each run is a process of its own, and they take turns, ${rounds} rounds. Processor time (user and system) and peak memory are the system's account of the whole process, start and imports included; "ratio" is the median of the ratios to hotcoco's processor time, round by round; "difference" the largest of the twelve figures from ours.`,
      rows: [
        ...all.map(({ scorer, runs }) => row(scorer.name, runs, all)),
        { ...row('lowformer, ten times val2017', [large], []), ...bar(large.peakMb, undefined) },
      ],
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

type Runs = readonly { readonly scorer: Scorer; readonly runs: readonly Run[] }[];

function row(name: string, runs: readonly Run[], all: Runs): Report['rows'][number] {
  const of = (other: string) => all.find(({ scorer }) => scorer.name === other)?.runs ?? [];
  const hotcoco = of('hotcoco');
  const [mine] = of('lowformer');
  const ratio =
    hotcoco.length === 0 ? undefined : median(runs.map(({ cpu }, i) => cpu / (hotcoco[i]?.cpu ?? Number.NaN)));
  const difference = Math.max(...(runs[0]?.stats ?? []).map((value, i) => Math.abs(value - (mine?.stats[i] ?? value))));
  return {
    scorer: name,
    runs: runs.length,
    'processor s': median(runs.map(({ cpu }) => cpu)),
    least: minimum(runs.map(({ cpu }) => cpu)),
    'wall s': median(runs.map(({ wall }) => wall)),
    'peak MB': Math.round(Math.max(...runs.map(({ peakMb }) => peakMb))),
    ratio: ratio ?? '',
    ...bar(ratio ?? Number.NaN, ratio !== undefined && name.startsWith('lowformer') ? BAR : undefined),
    difference,
  };
}

async function score(python: string, { command, environment }: Scorer, files: CocoFiles, folder: string): Promise<Run> {
  const out = join(folder, 'figures.json');
  const env = { ...process.env, ...environment };
  const { stdout } = await run(python, [path('./python/measure.py'), ...command(files, out)], { env });
  const { stats } = figuresSchema.parse(JSON.parse(await readFile(out, 'utf8')));
  return { ...usageSchema.parse(JSON.parse(stdout)), stats: COCO_STATS.map((name) => stats[name] ?? Number.NaN) };
}

/**
 * COCO AP at the size of val2017, from two files to twelve figures: this toolkit, pycocotools and faster-coco-eval.
 * Run with `npx jiti benchmarks/coco_ap.ts --python PYTHON [--rounds 3] [--pictures 5000]`; without `--python`, this
 * toolkit alone. Each run is a process of its own, and they take turns, so that a slow moment hits all of them.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { z } from 'zod';
import { evaluateCoco } from '../evaluation/coco_evaluator.js';
import { checkDetections, checkGroundTruth } from '../evaluation/coco_input.js';
import { COCO_STATS } from '../evaluation/coco_parameters.js';
import { type CocoFiles, writeCocoFiles } from './coco_files.js';

const runSchema = z.object({ seconds: z.number(), stats: z.array(z.number()).length(12), peakMb: z.number() });
type Run = z.output<typeof runSchema>;

/** What is measured, in the process of its own. */
function score({ groundTruth, detections }: CocoFiles): Run {
  const start = performance.now();
  const truth = checkGroundTruth(JSON.parse(readFileSync(groundTruth, 'utf8')), groundTruth);
  const found = checkDetections(JSON.parse(readFileSync(detections, 'utf8')), detections, truth);
  const { stats } = evaluateCoco(truth, found);
  const seconds = (performance.now() - start) / 1000;
  return { seconds, stats: COCO_STATS.map((name) => stats[name]), peakMb: process.resourceUsage().maxRSS / 1024 };
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    python: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    pictures: { type: 'string', default: '5000' },
  },
});
const [groundTruth, detections] = positionals;
if (groundTruth !== undefined && detections !== undefined) {
  console.log(JSON.stringify(score({ groundTruth, detections })));
} else {
  await compare(values.python, Number(values.rounds), Number(values.pictures));
}

async function compare(python: string | undefined, rounds: number, pictures: number): Promise<void> {
  const path = (file: string) => fileURLToPath(new URL(file, import.meta.url));
  const jiti = path('../node_modules/jiti/lib/jiti-cli.mjs');
  const peer = (library: string) => [python ?? '', path('./python/score_coco.py'), library];
  const contenders = [
    // One thread: V8 then collects garbage and compiles on the thread that computes.
    { name: 'lowformer', command: [process.execPath, '--single-threaded', jiti, path('./coco_ap.ts')] },
    ...(python === undefined ? [] : ['faster-coco-eval', 'pycocotools'].map((name) => ({ name, command: peer(name) }))),
  ].map((contender) => ({ ...contender, runs: [] as Run[] }));

  const folder = mkdtempSync(join(tmpdir(), 'coco-ap-'));
  try {
    const files = await writeCocoFiles(folder, pictures);
    const megabytes = (statSync(files.detections).size / 1e6).toFixed(1);
    console.log(`${cpus()[0]?.model ?? 'unknown CPU'}, ${availableParallelism()} threads, Node ${process.version}`);
    console.log(`${pictures} pictures, ${pictures * 100} detections in ${megabytes} MB, ${rounds} rounds`);
    for (let round = 0; round < rounds; round++) {
      for (const { command, runs } of contenders) {
        const [program = '', ...rest] = command;
        const { stdout } = await promisify(execFile)(program, [...rest, files.groundTruth, files.detections]);
        runs.push(runSchema.parse(JSON.parse(stdout)));
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
  }

  const median = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN;
  const ours = contenders[0]?.runs ?? [];
  console.log(`load ${loadavg()[0]?.toFixed(1)}`);
  console.table(
    Object.fromEntries(
      contenders.map(({ name, runs }) => [
        name,
        {
          'median s': median(runs.map(({ seconds }) => seconds)).toFixed(2),
          'least s': Math.min(...runs.map(({ seconds }) => seconds)).toFixed(2),
          'times ours': median(runs.map(({ seconds }, i) => seconds / (ours[i]?.seconds ?? 1))).toFixed(1),
          'peak MB': Math.max(...runs.map(({ peakMb }) => peakMb)).toFixed(0),
          AP: runs[0]?.stats[0]?.toFixed(6),
          'largest difference': Math.max(
            ...(runs[0]?.stats ?? []).map((value, i) => Math.abs(value - (ours[0]?.stats[i] ?? 0))),
          ).toExponential(1),
        },
      ]),
    ),
  );
}

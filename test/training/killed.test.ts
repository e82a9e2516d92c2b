/** A run whose process is killed, without a chance to write anything, and goes on: it ends as if nothing had happened. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { TrainingConfig } from '../../training/train.js';
import { checkBuild } from '../checked_build.js';
import { needs } from '../needs.js';
import { ROOT } from '../workspace.js';
import { tinyDetector, tinySegmentor, writeTinySet } from './tiny_training.js';

const folder = mkdtempSync(join(tmpdir(), 'lowformer-killed-'));
beforeAll(async () => {
  checkBuild();
  await writeTinySet(folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));

const FILES = ['last.safetensors', 'best.safetensors', 'resume.safetensors', 'config.json'];

/** Says each event's kind and iteration in a line. */
const PROGRAM = `
import { train } from '${pathToFileURL(`${ROOT}dist/training/train.js`).href}';
const [config, workDir, resume] = process.argv.slice(2);
for await (const { kind, iteration } of train(config, { workDir, resume: resume === 'true', seed: 6 })) {
  console.log(kind + ' ' + iteration);
}
`;
const program = join(folder, 'program.mjs');
writeFileSync(program, PROGRAM);

/** @param until the line at which the process is killed. @returns the lines, and how the process ended. */
function runChild(config: TrainingConfig, workDir: string, resume: boolean, until?: string) {
  const file = join(folder, 'config.json');
  writeFileSync(file, JSON.stringify(config));
  const child = spawn(process.execPath, [program, file, workDir, String(resume)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  let errors = '';
  child.stdout.on('data', (data) => {
    said += String(data);
    if (until !== undefined && said.split('\n').includes(until)) child.kill('SIGKILL');
  });
  child.stderr.on('data', (data) => {
    errors += String(data);
  });
  return new Promise<{ lines: readonly string[]; signal: NodeJS.Signals | null; errors: string }>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (_, signal) => resolve({ lines: said.trim().split('\n'), signal, errors }));
  });
}

/** Kills a run at each of the lines, one after the other; then lets it come to its end. */
async function endsAlike(name: string, config: TrainingConfig, kills: readonly string[]): Promise<void> {
  const [whole, killed] = [join(folder, `${name}-whole`), join(folder, `${name}-killed`)];
  const uninterrupted = await runChild(config, whole, false);
  expect(uninterrupted).toMatchObject({ signal: null, errors: '' });
  for (const [i, until] of kills.entries()) {
    expect(await runChild(config, killed, i > 0, until)).toMatchObject({ signal: 'SIGKILL' });
  }
  const last = await runChild(config, killed, true);
  expect(last).toMatchObject({ signal: null, errors: '' });
  expect(last.lines.at(-1)).toBe(uninterrupted.lines.at(-1));
  for (const file of FILES) {
    expect(readFileSync(join(killed, file)).equals(readFileSync(join(whole, file))), file).toBe(true);
  }
  expect(lossesOf(killed)).toEqual(lossesOf(whole));
}

const line = z.looseObject({ kind: z.string(), iteration: z.int(), losses: z.unknown().optional() });

function lossesOf(run: string): readonly unknown[] {
  const lines = readFileSync(join(run, 'log.jsonl'), 'utf8').trim().split('\n');
  return lines
    .map((text) => line.parse(JSON.parse(text)))
    .flatMap(({ losses }) => (losses === undefined ? [] : [losses]));
}

test('a detector, with batches from threads and a moving average', async () => {
  await endsAlike('detector', tinyDetector(folder, { workers: 1 }), ['step 6']);
}, 240_000);

describe('in many places', needs('training', process.env.LOWFORMER_TEST_TRAINING === '1'), () => {
  test('a detector', async () => {
    const kills = ['started 0', 'step 3', 'checkpoint 4', 'step 7', 'validated 8', 'step 9', 'step 16'];
    await endsAlike('detector-often', tinyDetector(folder, { workers: 2, epochs: 4 }), kills);
  }, 600_000);

  test('a segmentor, counted in iterations', async () => {
    const kills = ['step 2', 'checkpoint 3', 'step 5', 'validated 6', 'step 8'];
    await endsAlike('segmentor', tinySegmentor(folder, { workers: 2, iterations: 9 }), kills);
  }, 600_000);
});

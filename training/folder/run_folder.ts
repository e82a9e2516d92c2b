/** The folder of a training run: who may write there, what its files are called, which of them are kept. */
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LowformerError } from '../../core/errors.js';
import { makeFolder } from '../../files/atomic_write.js';
import { takeLock } from '../../files/lock.js';
import type { WritableTensors } from '../../weights/safetensors.js';
import type { Unit } from '../recipe/train_loop.js';
import { type ModelFacts, writeModelFile } from './model_file.js';
import { type RunState, readRunState, writeRunState } from './run_state.js';

/** Held until it is disposed of. */
export interface RunFolder extends AsyncDisposable {
  readonly folder: string;
  /** Paths of `config.json`, `log.jsonl`, `report.html`, `last.safetensors`, `best.safetensors` and `resume.safetensors`. */
  readonly files: typeof NAMES;
  /** What a killed process left: a sentence; undefined where there was nothing. */
  readonly takenOver: string | undefined;
  /** Where the run that is to go on was; undefined for one that begins. */
  readonly resumed: RunState | undefined;
  /**
   * Writes `resume.safetensors`, then `last.safetensors`.
   * @throws {LowformerError} `unwritable-file`: what stood there before is there still.
   */
  writeLast(weights: WritableTensors, facts: ModelFacts, state: RunState): Promise<void>;
  /** Writes `best.safetensors`. @throws {LowformerError} `unwritable-file`. */
  writeBest(weights: WritableTensors, facts: ModelFacts): Promise<void>;
  /**
   * Writes `epoch_3.safetensors` or `iter_3000.safetensors`, and removes the oldest beyond `keep` of them; -1 keeps all, 0
   * writes none.
   * @returns its path, where one was written.
   * @throws {LowformerError} `unwritable-file`.
   */
  writeNumbered(unit: Unit, keep: number, weights: WritableTensors, facts: ModelFacts): Promise<string | undefined>;
}

const NAMES = {
  config: 'config.json',
  log: 'log.jsonl',
  report: 'report.html',
  last: 'last.safetensors',
  best: 'best.safetensors',
  resume: 'resume.safetensors',
};

/**
 * Takes a folder, made where it is not there, for one run.
 * @param resume whether the run that is there goes on. One that was stopped before its first checkpoint begins anew.
 * @throws {LowformerError} `invalid-argument` while another run writes there, or where one is that would be overwritten;
 *   `unreadable-checkpoint`; `unwritable-file`.
 */
export async function openRunFolder(folder: string, resume: boolean): Promise<RunFolder> {
  await makeFolder(folder);
  const lock = await takeLock(join(folder, 'training'), 'training run in this folder', 'give this run another folder');
  try {
    const files = {
      config: join(folder, NAMES.config),
      log: join(folder, NAMES.log),
      report: join(folder, NAMES.report),
      last: join(folder, NAMES.last),
      best: join(folder, NAMES.best),
      resume: join(folder, NAMES.resume),
    };
    const found = await firstOf([files.resume, files.last, files.best]);
    if (!resume && found !== undefined) throw occupied(folder, found);
    return {
      folder,
      files,
      takenOver: lock.takenOver,
      resumed: resume && found === files.resume ? readRunState(files.resume) : undefined,
      async writeLast(weights, facts, state) {
        await writeRunState(files.resume, state);
        await writeModelFile(files.last, weights, facts);
      },
      writeBest: (weights, facts) => writeModelFile(files.best, weights, facts),
      async writeNumbered(unit, keep, weights, facts) {
        if (keep === 0) return undefined;
        const [stem, number] = unit === 'epochs' ? ['epoch', facts.epoch] : ['iter', facts.iteration];
        const path = join(folder, `${stem}_${number}.safetensors`);
        await writeModelFile(path, weights, facts);
        if (keep > 0) await removeOldest(folder, stem, keep);
        return path;
      },
      [Symbol.asyncDispose]: () => lock[Symbol.asyncDispose](),
    };
  } catch (error) {
    await lock[Symbol.asyncDispose]();
    throw error;
  }
}

/**
 * For whoever writes there before a run begins.
 * @throws {LowformerError} `invalid-argument` where a run is that would be overwritten.
 */
export async function refuseRun(folder: string): Promise<void> {
  const found = await firstOf([NAMES.resume, NAMES.last, NAMES.best].map((name) => join(folder, name)));
  if (found !== undefined) throw occupied(folder, found);
}

async function firstOf(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) if ((await stat(path).catch(() => undefined)) !== undefined) return path;
  return undefined;
}

function occupied(folder: string, found: string): LowformerError {
  return new LowformerError({
    code: 'invalid-argument',
    where: folder,
    expected: `a folder without a training run, but ${found} is there`,
    hint: 'Let that run go on (resume: true), or name another folder.',
    commandHint: 'Let that run go on with --resume, or name another folder with --work-dir.',
  });
}

async function removeOldest(folder: string, stem: string, keep: number): Promise<void> {
  const numbers = (await readdir(folder))
    .map((name) => new RegExp(`^${stem}_(\\d+)\\.safetensors$`).exec(name)?.[1])
    .filter((number) => number !== undefined)
    .map(Number)
    .toSorted((a, b) => b - a);
  for (const number of numbers.slice(keep)) await rm(join(folder, `${stem}_${number}.safetensors`), { force: true });
}

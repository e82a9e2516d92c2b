/** What a training run does next: one thing after the other, each whole before it is told. */
import { LowformerError } from '../../core/errors.js';
import type { Note } from '../../core/notes.js';
import type { TrainingEvent } from '../events.js';
import type { TrainingBatch } from '../loading/prepare.js';
import { checkStep } from './finite_step.js';
import type { LoopSetup } from './loop_setup.js';
import { createRunFiles, resumeRun } from './run_files.js';
import { createRunParts, type RunParts } from './run_parts.js';
import { createRunPosition, type RunPosition } from './run_position.js';

export interface TrainingRun {
  readonly position: RunPosition;
  /** What is known before the first step. */
  begin(): readonly TrainingEvent[];
  /**
   * Does the next thing: writes a checkpoint that is due, validates, makes a step, or ends. The run can be left between two
   * turns, and goes on from there.
   * @returns what happened; the last of a run is `finished`.
   */
  turn(batches: AsyncGenerator<TrainingBatch, undefined>): Promise<readonly TrainingEvent[]>;
  /** Has the page about the run written, once what happened is logged. @returns what went wrong there. */
  report(): Promise<readonly TrainingEvent[]>;
  /** Writes what is not written yet, of a run that ends between two turns. */
  leave(): Promise<readonly TrainingEvent[]>;
  /** Likewise of a run that ends by an error, where that is possible and not the error itself. */
  fail(error: unknown): Promise<void>;
}

/** @throws {LowformerError} as `createRunParts` and `resumeRun` say. */
export function createTrainingRun(setup: LoopSetup): TrainingRun {
  const { recipe, network, seed, signal } = setup;
  const parts = createRunParts(setup);
  const position = createRunPosition(recipe.loop, setup.loader.batchesOfEpoch, setup.validate !== undefined);
  const notes = [...(setup.notes ?? []), ...resumeRun(setup, parts, position)];
  const files = createRunFiles(setup, parts, position);
  // Not while a step's numbers are on their way into the weights: such weights are never written.
  let isWhole = true;

  return {
    position,
    begin: () => [started(setup, position), ...notes.map((note) => noted(note, position))],
    async turn(batches) {
      const isOver = position.isOver && !position.validationDue;
      const isStopped = signal?.aborted === true && !isOver;
      if (files.isUnwritten && (isStopped || position.isCheckpointDue(recipe.checkpoints))) return files.writeLast();
      if (isStopped || isOver) return [finished(isStopped, position, parts)];
      return position.validationDue ? validated() : stepped(batches);
    },
    report: () => report(setup, position),
    async leave() {
      const written = files.isUnwritten ? await files.writeLast() : [];
      return [...written, finished(true, position, parts)];
    },
    async fail(error) {
      const isFull = error instanceof LowformerError && error.code === 'unwritable-file';
      // Whether or not there is room, what is told is what went wrong first.
      if (isWhole && files.isUnwritten && !isFull) await files.writeLast().catch(() => undefined);
    },
  };

  async function stepped(batches: AsyncGenerator<TrainingBatch, undefined>): Promise<readonly TrainingEvent[]> {
    const begun = performance.now();
    const { value: batch } = await batches.next();
    if (batch === undefined) throw new RangeError('training data ended, which never ends');
    const waitingSeconds = secondsSince(begun);
    const { optimiser } = parts;
    const learningRate = optimiser.base.current;
    const result = await network.step(batch, { seed, iteration: position.done.iteration });
    isWhole = false;
    checkStep(result, batch, position.done);
    const { norm } = optimiser.update(result.gradients);
    const endsEpoch = position.advance(batch);
    parts.afterIteration(position.at, endsEpoch);
    files.isUnwritten = true;
    isWhole = true;
    const { losses, logged, loss } = result;
    return [
      {
        kind: 'step',
        ...position.at,
        losses,
        logged,
        loss,
        ...(norm === undefined ? {} : { gradientNorm: norm }),
        learningRate,
        seconds: secondsSince(begun),
        waitingSeconds,
      },
    ];
  }

  async function validated(): Promise<readonly TrainingEvent[]> {
    const begun = performance.now();
    const validation = await validationOf(setup, parts, position);
    if (validation === undefined) return [];
    const { metrics } = validation;
    const seconds = secondsSince(begun);
    const isBest = parts.best?.update(metrics) ?? false;
    position.metrics = metrics;
    position.stoppedEarly = parts.earlyStopping?.update(metrics);
    position.validationDue = false;
    files.isUnwritten = true;
    const best = isBest ? await files.writeBest() : [];
    const event = { kind: 'validated', ...position.at, metrics, isBest, seconds } as const;
    const doubts = validation.notes.map((note) => noted(note, position));
    return [event, ...doubts, ...best];
  }
}

/** undefined where the run was stopped meanwhile: the validation is then made when it goes on. */
async function validationOf({ validate, signal }: LoopSetup, { model }: RunParts, { at }: RunPosition) {
  try {
    return await validate?.(model, at, signal);
  } catch (error) {
    if (signal?.aborted === true) return undefined;
    throw error;
  }
}

/** A page about the run is no part of it: what goes wrong there is noted. */
async function report({ report, folder }: LoopSetup, position: RunPosition): Promise<readonly TrainingEvent[]> {
  try {
    await report?.(position.at);
    return [];
  } catch (error) {
    const message = `The report could not be written: ${error instanceof Error ? error.message : String(error)}`;
    return [noted({ kind: 'no-report', where: folder.folder, message, count: 1, examples: [] }, position)];
  }
}

function started({ recipe, loader, network, ...setup }: LoopSetup, { done }: RunPosition): TrainingEvent {
  const { unit, length } = recipe.loop;
  const perEpoch = loader.batchesOfEpoch;
  return {
    kind: 'started',
    iteration: done.iteration,
    iterations: unit === 'epochs' ? length * setup.epochLength : length,
    ...(unit === 'epochs' ? { epochs: length } : {}),
    ...(perEpoch === undefined ? {} : { iterationsOfEpoch: perEpoch }),
    batchSize: setup.batchSize,
    seed: setup.seed,
    parameters: network.parameters.reduce((sum, { data }) => sum + data.length, 0),
    ...(done.iteration === 0 ? {} : { resumedFrom: done }),
  };
}

function noted(note: Note, { done }: RunPosition): TrainingEvent {
  return { kind: 'note', iteration: done.iteration, note };
}

function finished(isStopped: boolean, { at, stoppedEarly }: RunPosition, { best }: RunParts): TrainingEvent {
  return {
    kind: 'finished',
    ...at,
    reason: isStopped ? 'stopped' : stoppedEarly === undefined ? 'completed' : 'early-stopping',
    ...(isStopped || stoppedEarly === undefined ? {} : { why: stoppedEarly }),
    ...(best?.best === undefined ? {} : { best: best.best }),
  };
}

function secondsSince(begun: number): number {
  return (performance.now() - begun) / 1000;
}

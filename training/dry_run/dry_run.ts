/** A step of a run that is not begun: what the whole run would take in time, memory and room. Nothing is written. */
import type { Tensors } from '../../core/tensor.js';
import type { TrainingLoader } from '../loading/loader.js';
import type { TrainingBatch } from '../loading/prepare.js';
import type { LoopSetup } from '../loop/loop_setup.js';
import { createRunParts } from '../loop/run_parts.js';
import type { Validate } from '../validation/validation.js';
import { type RunCounts, runCounts } from './run_counts.js';
import type { TimedValidation, ValidationTime } from './timed_validation.js';

export interface DryRunSetup
  extends Pick<LoopSetup, 'network' | 'loader' | 'recipe' | 'seed' | 'batchSize' | 'epochLength'> {
  /** Threads that prepare pictures. */
  readonly workers: number;
  readonly validation?: { readonly validate: Validate; readonly timed: TimedValidation } | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface DryRun extends RunCounts {
  readonly batchSize: number;
  /** Height and width of the batches that were tried, as the network got them. */
  readonly sizes: readonly (readonly [height: number, width: number])[];
  readonly parameters: number;
  /** Of the first step. */
  readonly losses: Readonly<Record<string, number>>;
  /** Of the fastest step, once the engine has made itself ready. */
  readonly secondsOfStep: number;
  /** Between two batches, where nothing else is done. */
  readonly secondsOfBatch: number;
  readonly validation: ValidationTime | undefined;
  /** Of the whole run: steps, batches that come later than the network is done, validations. */
  readonly seconds: number;
  /** Most main memory of this process so far, bytes; memory of a graphics processor is beside it. */
  readonly peakBytes: number;
  /** Of last, best and what is needed to go on. */
  readonly fileBytes: number;
}

/** The first step makes the engine ready for its size; as many follow, or fewer where they are slow. */
const TIMED_STEPS = 2;
const LONGEST_MS = 30_000;

/**
 * @throws {LowformerError} as the loader, the network, the optimiser and the validation do in the run's first steps; the
 *   signal's reason.
 */
export async function dryRun(setup: DryRunSetup): Promise<DryRun> {
  const { network, loader, recipe, seed, batchSize, epochLength, workers, validation, signal } = setup;
  const { optimiser, afterIteration, states, model } = createRunParts({ ...setup, validate: validation?.validate });
  const { batches, secondsOfBatch } = await someBatches(loader, workers, signal);
  const start = performance.now();
  const took: number[] = [];
  const sizes: (readonly [number, number])[] = [];
  let losses: Readonly<Record<string, number>> = {};
  for (const [iteration, batch] of batches.slice(0, 1 + TIMED_STEPS).entries()) {
    signal?.throwIfAborted();
    if (iteration > 1 && performance.now() - start > LONGEST_MS) break;
    const begun = performance.now();
    const step = await network.step(batch, { seed, iteration });
    optimiser.update(step.gradients);
    afterIteration({ epoch: 1, iteration: iteration + 1 }, false);
    took.push((performance.now() - begun) / 1000);
    const [, , height = 0, width = 0] = batch.input.shape;
    sizes.push([height, width]);
    if (iteration === 0) losses = step.losses;
  }
  // The fastest: other work only ever adds.
  const secondsOfStep = Math.min(...(took.length > 1 ? took.slice(1) : took));
  const measured = await validation?.timed.measure(validation.validate, model);
  const counts = runCounts(recipe.loop, epochLength);
  // Threads prepare the next batches meanwhile; without them it is one thing after the other.
  const each = workers === 0 ? secondsOfStep + secondsOfBatch : Math.max(secondsOfStep, secondsOfBatch);
  const stateBytes = Object.values(states()).map(({ tensors }) => bytesOf(tensors));
  return {
    ...counts,
    batchSize,
    sizes,
    parameters: network.parameters.reduce((sum, { data }) => sum + data.length, 0),
    losses,
    secondsOfStep,
    secondsOfBatch,
    validation: measured,
    seconds: counts.steps * each + (measured === undefined ? 0 : counts.validations * measured.seconds),
    peakBytes: process.resourceUsage().maxRSS * 1024,
    fileBytes: stateBytes.reduce((a, b) => a + b, 0) + (measured === undefined ? 1 : 2) * bytesOf(model),
  };
}

/** Batches as fast as they come: enough that each thread has had its turn behind the first, which waits for the start. */
async function someBatches(loader: TrainingLoader, workers: number, signal: AbortSignal | undefined) {
  const batches: TrainingBatch[] = [];
  const start = performance.now();
  let first = 0;
  let last = 0;
  for await (const batch of loader.batches()) {
    signal?.throwIfAborted();
    last = performance.now();
    if (batches.length === 0) first = last;
    batches.push(batch);
    const enough = batches.length > Math.max(TIMED_STEPS, 2 * workers) || last - start > LONGEST_MS;
    if (enough) break;
  }
  const secondsOfBatch = batches.length < 2 ? (first - start) / 1000 : (last - first) / 1000 / (batches.length - 1);
  return { batches, secondsOfBatch };
}

function bytesOf(tensors: Tensors): number {
  return Object.values(tensors).reduce((sum, { data }) => sum + data.byteLength, 0);
}

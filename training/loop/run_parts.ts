/** All that changes while a network is trained, beside its place in the run: moved together, saved together. */
import type { Tensors } from '../../core/tensor.js';
import { type AveragedTensor, createMovingAverage, type MovingAverage } from '../averaging/moving_average.js';
import { createOptimWrapper, type OptimWrapper } from '../optim_wrapper/optim_wrapper.js';
import { type BestScore, createBestScore } from '../recipe/best_score.js';
import { createEarlyStopping, type EarlyStopping } from '../recipe/early_stopping.js';
import { type TrainLoop, trainingLength } from '../recipe/train_loop.js';
import { restoreTensor, type SavedState, unfitting } from '../saved_state.js';
import { createParamSchedulers, type ParamSchedulers } from '../schedules/param_schedulers.js';
import type { TrainingTime } from '../validation/validation.js';
import type { LoopSetup, SteppedNetwork } from './loop_setup.js';

/** What is saved of a run by its name. */
interface Saved {
  state(): SavedState;
  restore(state: SavedState): void;
}

export interface RunParts {
  readonly optimiser: OptimWrapper;
  /** What `save_best` asks for; undefined where nothing is validated. */
  readonly best: BestScore | undefined;
  readonly earlyStopping: EarlyStopping | undefined;
  /** What is validated and written as the model: the averaged weights where there are some. The arrays in use. */
  readonly model: Tensors;
  /** After the optimiser has had a batch. @param at the place behind it. @param endsEpoch whether it was its epoch's last. */
  afterIteration(at: TrainingTime, endsEpoch: boolean): void;
  states(): Readonly<Record<string, SavedState>>;
  /** @throws {LowformerError} `unreadable-checkpoint` for a state of another network or recipe. */
  restore(states: Readonly<Record<string, SavedState>>): void;
}

/** What the weights of the network are saved as, without any average. */
export const MODEL_PART = 'model';

/** Parts that a recipe may get later: a run goes on without what would have been saved of them. */
const OPTIONAL: readonly string[] = ['best', 'early_stopping'];

/** @throws {LowformerError} as the optimiser, the schedules and the hooks say. */
export function createRunParts({
  network,
  recipe,
  batchSize,
  epochLength,
  validate,
}: Pick<LoopSetup, 'network' | 'recipe' | 'batchSize' | 'epochLength' | 'validate'>): RunParts {
  const length = trainingLength(recipe.loop, epochLength);
  const scale = recipe.baseBatchSize === undefined ? 1 : batchSize / recipe.baseBatchSize;
  const optimiser = createOptimWrapper(recipe.optimWrapper, network.parameters, {
    maxIterations: length.maxIterations,
    scale,
  });
  const schedulers = createParamSchedulers(recipe.paramScheduler, [optimiser.base, ...optimiser.learningRates], length);
  const average =
    recipe.average === undefined ? undefined : createMovingAverage(recipe.average.config, averagedTensors(network));
  const { best: bestPlan } = recipe.checkpoints;
  const best = bestPlan === undefined || validate === undefined ? undefined : createBestScore(bestPlan);
  const { earlyStopping: stopping } = recipe;
  const earlyStopping = stopping && createEarlyStopping(stopping.config, stopping.path);

  const parts: Readonly<Record<string, Saved | undefined>> = {
    [MODEL_PART]: savedWeights(network.weights),
    optim_wrapper: optimiser,
    param_scheduler: schedulers,
    average,
    best,
    early_stopping: earlyStopping,
  };
  const saved = Object.entries(parts).flatMap(([name, part]) => (part === undefined ? [] : [{ name, part }]));

  return {
    optimiser,
    best,
    earlyStopping,
    model: average === undefined ? network.weights : withAveraged(network.weights, average),
    afterIteration(at, endsEpoch) {
      if (recipe.average !== undefined) average?.update(hasBegun(recipe.average.begin, at));
      advance(schedulers, recipe.loop, endsEpoch);
    },
    states: () => Object.fromEntries(saved.map(({ name, part }) => [name, part.state()])),
    restore(states) {
      for (const { name, part } of saved) {
        const state = Object.hasOwn(states, name) ? states[name] : undefined;
        if (state !== undefined) part.restore(state);
        else if (!OPTIONAL.includes(name)) throw unfitting(name, 'what was saved of it', 'nothing');
      }
    },
  };
}

function advance(schedulers: ParamSchedulers, { unit }: TrainLoop, endsEpoch: boolean): void {
  schedulers.afterIteration();
  if (endsEpoch && unit === 'epochs') schedulers.afterEpoch();
}

/** Whether averaging has begun, at the place behind an iteration. */
function hasBegun(
  { unit, at }: { readonly unit: TrainLoop['unit']; readonly at: number },
  place: TrainingTime,
): boolean {
  return (unit === 'epochs' ? place.epoch : place.iteration) >= at;
}

function savedWeights(weights: Tensors): Saved {
  return {
    state: () => ({ tensors: weights, values: {} }),
    restore({ tensors }) {
      for (const [name, value] of Object.entries(weights)) restoreTensor(value, name, tensors);
    },
  };
}

/** Frozen parameters never move: averaged or copied is the same. Counters of batches are no part of an average. */
function averagedTensors({ weights, parameters }: SteppedNetwork): readonly AveragedTensor[] {
  const trained = new Set(parameters.map(({ name }) => name));
  return Object.entries(weights)
    .filter(([name]) => !name.endsWith('.num_batches_tracked'))
    .map(([name, value]) => ({ ...value, name, kind: trained.has(name) ? 'parameter' : 'buffer' }));
}

function withAveraged(weights: Tensors, { averaged }: MovingAverage): Tensors {
  return Object.fromEntries(Object.entries(weights).map(([name, value]) => [name, averaged.get(name) ?? value]));
}

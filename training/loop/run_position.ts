/** Where a run is, and what is to be done there: what has to be known to go on, beside what is trained. */
import { z } from 'zod';
import type { RunState } from '../folder/run_state.js';
import { placeAfter } from '../loading/loader.js';
import type { LoadingPlace, PlannedBatch } from '../loading/samplers.js';
import { type CheckpointPlan, isCheckpointDue } from '../recipe/checkpoint_plan.js';
import { isValidationDue, type TrainLoop } from '../recipe/train_loop.js';
import { type SavedState, savedValues } from '../saved_state.js';
import type { TrainingTime } from '../validation/validation.js';

export interface RunPosition {
  /** Whole epochs, and iterations, that are done. */
  readonly done: TrainingTime;
  /** For people: the epoch that the last iteration was in, counted from 1. */
  readonly at: TrainingTime;
  /** The next batch. */
  readonly place: LoadingPlace;
  /** Whether validation has yet to be made here. */
  validationDue: boolean;
  /** Of the last validation. */
  metrics: Readonly<Record<string, number>> | undefined;
  /** Why training ended before its time, a sentence; undefined while it goes on. */
  stoppedEarly: string | undefined;
  /** Whether all is done, but for a validation. */
  readonly isOver: boolean;
  /** One iteration further. @returns whether it was its epoch's last. */
  advance(batch: PlannedBatch): boolean;
  /** Whether a checkpoint is due here. */
  isCheckpointDue(plan: CheckpointPlan): boolean;
  state(): SavedState;
  restore(saved: RunState, state: SavedState): void;
}

const metricsSchema = z.record(z.string(), z.union([z.number(), z.null().transform(() => Number.NaN)]));

const stateSchema = z.strictObject({
  place: z.strictObject({ epoch: z.int().min(0), batch: z.int().min(0) }),
  validationDue: z.boolean(),
  metrics: metricsSchema.nullable(),
  stoppedEarly: z.string().nullable(),
});

/**
 * @param perEpoch batches of an epoch; undefined where the sampler has no end.
 * @param validates whether there is anything to validate with.
 */
export function createRunPosition(loop: TrainLoop, perEpoch: number | undefined, validates: boolean): RunPosition {
  let place: LoadingPlace = { epoch: 0, batch: 0 };
  let iteration = 0;
  let inEpoch = 1;
  let endedEpoch = false;
  const units = () => (loop.unit === 'epochs' ? place.epoch : iteration);
  const position: RunPosition = {
    get done() {
      return { epoch: place.epoch, iteration };
    },
    get at() {
      return { epoch: inEpoch, iteration };
    },
    get place() {
      return place;
    },
    validationDue: false,
    metrics: undefined,
    stoppedEarly: undefined,
    get isOver() {
      return position.stoppedEarly !== undefined || units() >= loop.length;
    },
    advance(batch) {
      place = placeAfter(batch, perEpoch);
      iteration++;
      inEpoch = batch.epoch + 1;
      endedEpoch = place.epoch > batch.epoch;
      const ended = loop.unit === 'iterations' || endedEpoch;
      position.validationDue = validates && ended && isValidationDue(loop, units());
      return endedEpoch;
    },
    isCheckpointDue: (plan) =>
      position.isOver ||
      isCheckpointDue(plan, 'iterations', iteration) ||
      (endedEpoch && isCheckpointDue(plan, 'epochs', place.epoch)),
    state: () => ({
      tensors: {},
      values: {
        place: { ...place },
        validationDue: position.validationDue,
        metrics: position.metrics === undefined ? null : writable(position.metrics),
        stoppedEarly: position.stoppedEarly ?? null,
      } satisfies z.input<typeof stateSchema>,
    }),
    restore(saved, { values }) {
      const given = savedValues(stateSchema, values, 'place in the run');
      place = given.place;
      iteration = saved.iteration;
      endedEpoch = place.batch === 0 && iteration > 0;
      inEpoch = Math.max(1, endedEpoch ? place.epoch : place.epoch + 1);
      position.validationDue = given.validationDue && validates;
      position.metrics = given.metrics ?? undefined;
      position.stoppedEarly = given.stoppedEarly ?? undefined;
    },
  };
  return position;
}

/** JSON has no NaN: null. */
function writable(metrics: Readonly<Record<string, number>>): Record<string, number | null> {
  return Object.fromEntries(
    Object.entries(metrics).map(([name, value]) => [name, Number.isFinite(value) ? value : null]),
  );
}

/** mmengine's `train_cfg`: how long training lasts, and when it validates. */
import { z } from 'zod';
import { type ParseContext, parsePart } from '../../registry/parse_module.js';
import type { TrainingLength } from '../schedules/param_schedulers.js';

const count = z.int().positive();
const validationKeys = {
  val_begin: z.int().min(0).default(1),
  dynamic_intervals: z
    .array(z.tuple([z.int().min(0), count]))
    .nullish()
    .describe('[from when on, the interval then]'),
};

const schema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('EpochBasedTrainLoop'),
    max_epochs: count,
    val_interval: count.default(1),
    ...validationKeys,
  }),
  z.strictObject({
    type: z.literal('IterBasedTrainLoop'),
    max_iters: count,
    val_interval: count.default(1000),
    ...validationKeys,
  }),
]);

/** A `train_cfg` as a person writes it. */
export type TrainConfig = z.input<typeof schema>;

/** What training counts: epochs, or iterations where it knows no epochs. */
export type Unit = 'epochs' | 'iterations';

export interface TrainLoop {
  readonly unit: Unit;
  /** Epochs or iterations of the whole training. */
  readonly length: number;
  readonly validation: {
    readonly begin: number;
    /** From when on, and every how many; the first from 0 on. */
    readonly intervals: readonly (readonly [from: number, interval: number])[];
  };
}

/** @throws {LowformerError} `invalid-config` with the path. `by_epoch` may stand for `type`, as for mmengine. */
export function parseTrainLoop(given: unknown, context: ParseContext): TrainLoop {
  const config = parsePart(schema, withType(given), context);
  const { val_begin: begin, val_interval: interval, dynamic_intervals: later } = config;
  const validation = { begin, intervals: [[0, interval] as const, ...(later ?? [])] };
  return config.type === 'EpochBasedTrainLoop'
    ? { unit: 'epochs', length: config.max_epochs, validation }
    : { unit: 'iterations', length: config.max_iters, validation };
}

function withType(given: unknown): unknown {
  if (typeof given !== 'object' || given === null || 'type' in given || !('by_epoch' in given)) return given;
  const { by_epoch: byEpoch, ...rest } = given;
  if (typeof byEpoch !== 'boolean') return given;
  return { type: byEpoch ? 'EpochBasedTrainLoop' : 'IterBasedTrainLoop', ...rest };
}

/** Whether to validate after so many epochs or iterations. The end of training always is such a time, once begun. */
export function isValidationDue({ length, validation }: TrainLoop, done: number): boolean {
  if (done < validation.begin) return false;
  const interval = validation.intervals.findLast(([from]) => from <= done + 1)?.[1] ?? 1;
  return done % interval === 0 || done === length;
}

/** @param epochLength iterations of one epoch. */
export function trainingLength({ unit, length }: TrainLoop, epochLength: number): TrainingLength {
  return unit === 'epochs'
    ? { loop: unit, maxEpochs: length, maxIterations: length * epochLength, epochLength }
    : { loop: unit, maxEpochs: 1, maxIterations: length, epochLength };
}

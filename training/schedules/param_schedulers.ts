/** A whole `param_scheduler` at work on the learning rates of an optimiser, as mmengine chains its schedules. */
import { z } from 'zod';
import { LowformerError } from '../../core/errors.js';
import { parsePart } from '../../registry/parse_module.js';
import { createPart } from '../../registry/part_schema.js';
import type { LearningRate } from '../optim_wrapper/learning_rate.js';
import { type SavedState, savedValues, unfitting } from '../saved_state.js';
import { type ParamSchedulerConfig, SCHEDULES } from './index.js';
import { type Schedule, type Span, spanSchema } from './schedule.js';

/** How long training lasts: what a schedule without an `end` ends with, and how long its epochs are. */
export interface TrainingLength {
  readonly loop: 'epochs' | 'iterations';
  /** Epochs of training; 1 where it is counted in iterations, as for mmengine. */
  readonly maxEpochs: number;
  readonly maxIterations: number;
  /** Iterations of one epoch. */
  readonly epochLength: number;
}

/** Called after each iteration and each epoch; the learning rates then are those of the next step. */
export interface ParamSchedulers {
  afterIteration(): void;
  /** After `afterIteration` of the epoch's last. */
  afterEpoch(): void;
  state(): SavedState;
  /** The learning rates themselves are the optimiser's state. @throws {LowformerError} `unreadable-checkpoint`. */
  restore(state: SavedState): void;
}

interface Running {
  readonly schedule: Schedule;
  readonly span: Span;
  readonly byEpoch: boolean;
  /** Epochs or iterations so far; -1 before the first value is set. */
  now: number;
}

const stateSchema = z.strictObject({ now: z.array(z.int().min(0)) });

/**
 * Sets the rates of the first step.
 * @param rates changed from then on: all of an optimiser, its own among them.
 * @param path of the config, for messages.
 * @throws {LowformerError} `invalid-config` for a schedule that ends before it begins, that counts epochs where training
 *   has none, or parts of epochs without `convert_to_iter_based`.
 */
export function createParamSchedulers(
  config: ParamSchedulerConfig,
  rates: readonly LearningRate[],
  length: TrainingLength,
  path = 'param_scheduler',
): ParamSchedulers {
  const running = config.map((part, i): Running => {
    const { span, factor, byEpoch } = spanOf(
      parsePart(spanSchema, part, { path: `${path}.${i}` }),
      length,
      `${path}.${i}`,
    );
    return { schedule: createPart(SCHEDULES, part)(span, factor), span, byEpoch, now: -1 };
  });
  for (const one of running) step(one, rates);
  const after = (epoch: boolean) => {
    for (const one of running) if (one.byEpoch === epoch) step(one, rates);
  };
  return {
    afterIteration: () => after(false),
    afterEpoch: () => after(true),
    state: () => ({
      tensors: {},
      values: { now: running.map(({ now }) => now) } satisfies z.input<typeof stateSchema>,
    }),
    restore({ values }) {
      const { now } = savedValues(stateSchema, values, path);
      if (now.length !== running.length) throw unfitting(path, `${running.length} schedules`, now.length);
      for (const [i, one] of running.entries()) one.now = now[i] ?? one.now;
    },
  };
}

function step(one: Running, rates: readonly LearningRate[]): void {
  one.now++;
  if (one.now < one.span.begin || one.now >= one.span.end) return;
  for (const rate of rates) rate.current = one.schedule.next(rate, one.now - one.span.begin);
}

function spanOf(given: z.output<typeof spanSchema>, length: TrainingLength, path: string) {
  const { begin, by_epoch: inEpochs, convert_to_iter_based: converts } = given;
  const wrong = (key: string, expected: string, received: unknown) =>
    new LowformerError({ code: 'invalid-config', where: `${path}.${key}`, expected, received });
  if (converts && !inEpochs) throw wrong('convert_to_iter_based', 'by_epoch: true beside it', converts);
  if (inEpochs && !converts && length.loop === 'iterations') {
    const expected = 'false, or convert_to_iter_based: true: training that is counted in iterations ends no epoch';
    throw wrong('by_epoch', expected, inEpochs);
  }
  const end = given.end ?? (inEpochs ? length.maxEpochs : length.maxIterations);
  if (end <= begin) throw wrong(given.end === undefined ? 'begin' : 'end', `begin (${begin}) before end (${end})`, end);
  const factor = converts ? length.epochLength : 1;
  const span = { begin: Math.trunc(begin * factor), end: Math.trunc(end * factor) };
  for (const [key, value] of Object.entries({ begin, end })) {
    if (!converts && !Number.isInteger(value)) throw wrong(key, 'a whole number', value);
  }
  return { span, factor, byEpoch: inEpochs && !converts };
}

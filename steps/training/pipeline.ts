/** A config's `train_pipeline`: checked against the tables of steps, and run over a picture with what is known of it. */
import { z } from 'zod';
import { LowformerError, nearestName } from '../../core/errors.js';
import type { RandomDraws } from '../../core/xoshiro.js';
import type { Frame, Sample } from '../../images/sample.js';
import { sizeOf } from '../../images/target_size.js';
import type { TaskKind } from '../../registry/define_task.js';
import type { AnyTrainingStep, OtherPictures } from '../../registry/define_training_step.js';
import { type ParseContext, parsePart } from '../../registry/parse_module.js';
import { STEPS } from '../index.js';
import { TRAINING_STEPS } from './index.js';

/** A checked step: its `type` in a table, and the keys that its schema gives. */
export interface TrainingStep {
  readonly type: string;
  readonly [key: string]: unknown;
}

/** A checked `train_pipeline`: plain data. */
export type TrainingPipeline = readonly TrainingStep[];

const listSchema = z.array(z.looseObject({ type: z.string() }));

/**
 * Checks a `train_pipeline`.
 * @throws {LowformerError} `invalid-config`, naming the path: for a type that the task has not, and for what is wrong with
 *   a step.
 */
export function parseTrainingPipeline(tree: unknown, task: TaskKind, context: ParseContext): TrainingPipeline {
  return parsePart(listSchema, tree, context).map(({ type, ...keys }, i) => {
    const path = `${context.path}.${i}`;
    const { schema, defaultsOf } = definitionOf(type, task, path);
    const defaults = Object.entries(defaultsOf?.(task) ?? {}).filter(([key]) => !(key in keys));
    const parsed = parsePart(schema, { ...Object.fromEntries(defaults), ...keys }, { ...context, path });
    return { ...parsed, type };
  });
}

/** Training's own before those of inference: a step of one name leaves something to chance there. */
function definitionOf(type: string, task: TaskKind, path: string) {
  const own = TRAINING_STEPS[task];
  if (own.names().includes(type)) return own.get(type, path);
  if (STEPS.names().includes(type)) return STEPS.get(type, path);
  const known = [...new Set([...own.names(), ...STEPS.names()])];
  const others = Object.entries(TRAINING_STEPS).filter(([, table]) => table.names().includes(type));
  const near = nearestName(type, known);
  const hint =
    others.length > 0
      ? `It is a step for ${others.map(([name]) => name).join(', ')}.`
      : near === undefined
        ? undefined
        : `Did you mean '${near}'?`;
  const expected = `the type of a step for ${task} (${known.join(', ')})`;
  const parts = { code: 'invalid-config', where: `${path}.type`, expected, received: type } as const;
  throw new LowformerError(hint === undefined ? parts : { ...parts, hint });
}

/** The data set around a picture, for steps that mix several. */
export interface PictureSource extends OtherPictures {
  /** One as loaded, before the first step. */
  load(index: number): Promise<Sample>;
}

/**
 * Runs a pipeline over a picture as loaded. The same draws give the same result.
 * @returns undefined where a step gave the picture up: another takes its place.
 * @throws {LowformerError} as the steps.
 */
export async function runTrainingPipeline(
  pipeline: TrainingPipeline,
  task: TaskKind,
  start: Sample,
  { random, pictures }: { readonly random: RandomDraws; readonly pictures: PictureSource },
): Promise<Frame | undefined> {
  let sample: Sample | undefined = start;
  const own = TRAINING_STEPS[task];
  for (const step of pipeline) {
    if (sample === undefined) return undefined;
    // What is left counts as the whole picture: no result is brought back from it.
    const current: Sample = { ...sample, cropped: false, padded: false };
    if (own.names().includes(step.type)) sample = await applied(own.get(step.type, 'train_pipeline'), step, current);
    else sample = inTraining(() => STEPS.get(step.type, 'train_pipeline').apply(current, step));
  }
  return sample === undefined ? undefined : frameOf(sample);

  async function applied(
    definition: AnyTrainingStep,
    step: TrainingStep,
    current: Sample,
  ): Promise<Sample | undefined> {
    const indices = definition.others?.(random, pictures, step) ?? [];
    const choice = definition.draw(random, current, step);
    const others = await Promise.all(indices.map((index) => pictures.load(index)));
    return inTraining(() => definition.apply(current, choice, step, others));
  }
}

/** Messages of steps that inference has too name its pipeline. */
function inTraining<Result>(run: () => Result): Result {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof LowformerError) || !error.path.startsWith('test_pipeline')) throw error;
    throw error.at(error.path.replace('test_pipeline', 'train_pipeline'));
  }
}

function frameOf({ pixels, transform, annotations }: Sample): Frame {
  return { pixels, transform: { ...transform, padded: sizeOf([pixels.width, pixels.height]) }, annotations };
}

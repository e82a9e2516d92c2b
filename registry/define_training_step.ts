import type { z } from 'zod';
import type { RandomDraws } from '../core/xoshiro.js';
import type { Sample } from '../images/sample.js';
import type { TaskKind } from './define_task.js';

/** The other pictures of a data set, for steps that mix several. */
export interface OtherPictures {
  readonly count: number;
  /** Objects of one, as the data set has them. */
  objectsOf(index: number): number;
}

/**
 * A step of a `train_pipeline`. What chance decides is drawn first, and done then: the deed follows from the choice alone,
 * so that it can be held to OpenMMLab's own with the same choice.
 */
export interface TrainingStepDefinition<Type extends string, Schema extends z.ZodObject, Choice> {
  /** The config's `type`. */
  readonly type: Type;
  /** Of the keys beside `type`; strict, with the names and defaults of OpenMMLab's step. */
  readonly schema: Schema;
  /** Keys whose defaults differ between OpenMMLab's projects. */
  defaultsOf?(task: TaskKind): { readonly [Key in keyof z.output<Schema>]?: z.output<Schema>[Key] };
  /** Which other pictures of the data set the step wants, by index: as loaded, before the first step. */
  others?(random: RandomDraws, pictures: OtherPictures, config: z.output<Schema>): readonly number[];
  /** What chance decides of this picture, as plain data. */
  draw(random: RandomDraws, sample: Sample, config: z.output<Schema>): Choice;
  /**
   * The picture after the step; undefined where none is left to train on, and another takes its place. Moves boxes and
   * label map with the pixels, and changes nothing of what came.
   * @throws {LowformerError} `invalid-config` where the step cannot stand at this place.
   */
  apply(sample: Sample, choice: Choice, config: z.output<Schema>, others: readonly Sample[]): Sample | undefined;
}

export const defineTrainingStep = <const Type extends string, Schema extends z.ZodObject, Choice>(
  step: TrainingStepDefinition<Type, Schema, Choice>,
): TrainingStepDefinition<Type, Schema, Choice> => step;

/** A step of any type, its config not yet checked. */
export type AnyTrainingStep = TrainingStepDefinition<string, z.ZodObject, unknown>;

import type { z } from 'zod';
import type { PartDefinition } from '../../registry/part_schema.js';

/** How one parameter follows from its gradient: an optimiser with its options, as one group of parameters has them. */
export interface UpdateRule {
  /** What the learning rate starts from, before any schedule. */
  readonly lr: number;
  /** Arrays that are kept for each parameter from step to step, as many numbers as it has, zeros at first: torch's names. */
  readonly slots: readonly string[];
  /**
   * One step, in place and in float32, with no memory taken.
   * @param values of the parameter. @param gradient of the loss by each of them; left as it is.
   * @param state the arrays of `slots`, in that order. @param step 1 for the parameter's first.
   * @param lr the learning rate of this step.
   */
  update(values: Float32Array, gradient: Float32Array, state: readonly Float32Array[], step: number, lr: number): void;
}

/** An optimiser of the table: the keys of an `optimizer` beside `type`, under torch's names, and its rule. */
export const defineOptimiser = <const Type extends string, Schema extends z.ZodType>(
  optimiser: PartDefinition<Type, Schema, UpdateRule>,
): PartDefinition<Type, Schema, UpdateRule> => optimiser;

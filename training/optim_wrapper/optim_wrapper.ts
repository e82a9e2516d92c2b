/** An optimiser at work on a network's parameters: groups, accumulation, clipping, steps, and what has to be saved of them. */
import { z } from 'zod';
import { LowformerError } from '../../core/errors.js';
import { sameShape, type Tensor, type Tensors } from '../../core/tensor.js';
import { restoreTensor, type SavedState, savedValues, unfitting } from '../saved_state.js';
import { clipGradients } from './clip_grad.js';
import type { LearningRate } from './learning_rate.js';
import { type ParameterGroup, parameterGroups } from './parameter_groups.js';
import type { OptimWrapperConfig } from './schema.js';
import type { TrainedParameter } from './trained_parameter.js';

/** What one batch's gradients came to. */
export interface GradientUse {
  /** Whether parameters changed: not while gradients are still accumulated. */
  readonly stepped: boolean;
  /** The norm of all gradients before clipping; undefined where nothing is clipped by it. */
  readonly norm: number | undefined;
}

/** mmengine's OptimWrapper. */
export interface OptimWrapper {
  /** The optimiser's own learning rate, which `paramwise_cfg` multiplies. */
  readonly base: LearningRate;
  /** Of the groups of parameters that have options of their own. */
  readonly learningRates: readonly LearningRate[];
  /**
   * Takes one batch's gradients, by the names of the parameters, and steps when their time has come. They are clipped in
   * place; no memory is taken.
   * @throws {LowformerError} `invalid-argument` for a parameter without a gradient, or with one of another shape;
   *   `not-a-number` where `clip_grad.error_if_nonfinite` asks for that.
   */
  update(gradients: Tensors): GradientUse;
  /** Everything that the next step depends on besides the parameters themselves. The arrays are the ones in use. */
  state(): SavedState;
  /** @throws {LowformerError} `unreadable-checkpoint` for a state of other parameters or another optimiser. */
  restore(state: SavedState): void;
}

export interface OptimWrapperOptions {
  /** Batches of the whole run: the last ones make a step even where they are fewer than `accumulative_counts`. */
  readonly maxIterations?: number | undefined;
  /** Times every learning rate: the batch size over that of `auto_scale_lr`. */
  readonly scale?: number | undefined;
}

const stateSchema = z.strictObject({
  steps: z.int().min(0),
  batches: z.int().min(0),
  base: z.number(),
  learningRates: z.array(z.number()),
});

const PREFIX = 'optimizer.';

/**
 * @param parameters what is trained, changed in place.
 * @throws {LowformerError} `invalid-config` for `custom_keys` with options that the optimiser does not take;
 *   `invalid-argument` for parameters that share memory or a name, unless `bypass_duplicate` is set.
 */
export function createOptimWrapper(
  config: OptimWrapperConfig,
  parameters: readonly TrainedParameter[],
  { maxIterations, scale = 1 }: OptimWrapperOptions = {},
): OptimWrapper {
  const { base, groups } = parameterGroups(config, parameters, scale);
  const members = groups.flatMap((group) => group.members);
  const accumulates = config.accumulative_counts;
  const accumulated = new Map<string, Tensor>(
    accumulates === 1
      ? []
      : members.map(({ name, shape, data }) => [name, { shape, data: new Float32Array(data.length) }]),
  );
  // Filled anew for each batch, in the order of the members.
  const current: Float32Array[] = members.map(({ data }) => data);
  const saved = new Map(
    groups.flatMap(({ rule, members: own }) =>
      own.flatMap(({ name, shape, state }) =>
        rule.slots.map((slot, i) => [`${PREFIX}${slot}.${name}`, { shape, data: slotOf(state, i) }] as const),
      ),
    ),
  );
  let steps = 0;
  let batches = 0;

  function step(): number | undefined {
    const norm = config.clip_grad == null ? undefined : clipGradients(current, config.clip_grad);
    steps++;
    let at = 0;
    for (const { rule, rate, members: own } of groups) {
      for (const { data, state } of own) rule.update(data, slotOf(current, at++), state, steps, rate.current);
    }
    return norm;
  }

  /** The last batches of a run that are too few for a step make one all the same. */
  function divisor(): number {
    if (maxIterations === undefined) return accumulates;
    const rest = maxIterations % accumulates;
    return batches < maxIterations - rest ? accumulates : rest;
  }

  return {
    base,
    learningRates: groups.map(({ rate }) => rate),
    update(gradients) {
      for (const [i, member] of members.entries()) current[i] = gradientOf(member, gradients);
      if (accumulates > 1) {
        const share = divisor();
        for (const [i, { name }] of members.entries()) {
          const sum = accumulated.get(name)?.data;
          if (sum === undefined) continue;
          accumulate(sum, slotOf(current, i), share);
          current[i] = sum;
        }
      }
      batches++;
      if (batches % accumulates !== 0 && batches !== maxIterations) return { stepped: false, norm: undefined };
      const norm = step();
      for (const { data } of accumulated.values()) data.fill(0);
      return { stepped: true, norm };
    },
    state() {
      const between = batches % accumulates === 0 ? [] : [...accumulated];
      return {
        tensors: Object.fromEntries([
          ...saved,
          ...between.map(([name, value]) => [`${PREFIX}accumulated.${name}`, value] as const),
        ]),
        values: {
          steps,
          batches,
          base: base.current,
          learningRates: groups.map(({ rate }) => rate.current),
        } satisfies z.input<typeof stateSchema>,
      };
    },
    restore({ tensors, values }) {
      const given = savedValues(stateSchema, values, 'optim_wrapper');
      if (given.learningRates.length !== groups.length) {
        throw unfitting('optim_wrapper', `${groups.length} groups of parameters`, given.learningRates.length);
      }
      for (const [name, value] of saved) restoreTensor(value, name, tensors);
      for (const [name, value] of accumulated) {
        if (given.batches % accumulates === 0) value.data.fill(0);
        else restoreTensor(value, `${PREFIX}accumulated.${name}`, tensors);
      }
      steps = given.steps;
      batches = given.batches;
      base.current = given.base;
      for (const [i, { rate }] of groups.entries()) rate.current = given.learningRates[i] ?? rate.current;
    },
  };
}

function gradientOf({ name, shape }: ParameterGroup['members'][number], gradients: Tensors): Float32Array {
  const found = Object.hasOwn(gradients, name) ? gradients[name] : undefined;
  if (found !== undefined && sameShape(found.shape, shape)) return found.data;
  throw new LowformerError({
    code: 'invalid-argument',
    where: `gradient of ${name}`,
    expected: `a tensor of shape [${shape.join(', ')}]`,
    received: found === undefined ? 'none' : `[${found.shape.join(', ')}]`,
  });
}

function accumulate(sum: Float32Array, gradient: Float32Array, divisor: number): void {
  for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] ?? 0) + Math.fround((gradient[i] ?? 0) / divisor);
}

function slotOf(arrays: readonly Float32Array[], index: number): Float32Array {
  const found = arrays[index];
  if (found === undefined) throw new RangeError(`no array ${index} among ${arrays.length}`);
  return found;
}

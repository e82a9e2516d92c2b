/** mmengine's `optim_wrapper`. */
import { z } from 'zod';
import { optimiserSchema } from '../optimisers/index.js';
import { clipGradSchema } from './clip_grad.js';
import { decayKeys, paramwiseSchema } from './paramwise.js';

/** How AmpOptimWrapper computes in half precision: everything is in float32 here, which needs no scaled losses. */
const halfPrecisionKeys = {
  loss_scale: z.unknown().optional(),
  dtype: z.unknown().optional(),
  use_fsdp: z.unknown().optional(),
};

/** Every object has a `constructor`, which is a function: only what a config says is checked. */
const constructorName = z
  .unknown()
  .refine((given) => typeof given === 'function' || given == null || given === 'DefaultOptimWrapperConstructor', {
    error: 'expected DefaultOptimWrapperConstructor, whose rules paramwise_cfg follows here',
  })
  .transform(() => undefined);

export const optimWrapperSchema = z
  .strictObject({
    type: z.enum(['OptimWrapper', 'AmpOptimWrapper']).default('OptimWrapper'),
    ...halfPrecisionKeys,
    optimizer: optimiserSchema,
    paramwise_cfg: paramwiseSchema.nullish(),
    clip_grad: clipGradSchema.nullish(),
    accumulative_counts: z.int().positive().default(1).describe('batches whose gradients make one step'),
    constructor: constructorName,
  })
  .superRefine(({ optimizer, paramwise_cfg: paramwise }, context) => {
    const multiplied = paramwise == null ? [] : decayKeys(paramwise);
    if (multiplied.length === 0 || typeof optimizer.weight_decay === 'number') return;
    const message = `expected a number, which paramwise_cfg.${multiplied[0]} multiplies`;
    context.addIssue({ code: 'custom', path: ['optimizer', 'weight_decay'], message });
  });
export type OptimWrapperConfig = z.output<typeof optimWrapperSchema>;

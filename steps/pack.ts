/** Steps that end a pipeline by saying what OpenMMLab hands on: here, always the same. */
import { z } from 'zod';
import { defineStep } from '../registry/define_step.js';
import { ignored } from './keys.js';

export const packDetInputs = defineStep({
  type: 'PackDetInputs',
  schema: z.strictObject({ meta_keys: ignored }),
  parts: 'same',
  apply: (sample) => sample,
});

export const packSegInputs = defineStep({
  type: 'PackSegInputs',
  schema: z.strictObject({ meta_keys: ignored }),
  parts: 'same',
  apply: (sample) => sample,
});

export const packInputs = defineStep({
  type: 'PackInputs',
  schema: z.strictObject({ meta_keys: ignored, input_key: ignored, algorithm_keys: ignored }),
  parts: 'same',
  apply: (sample) => sample,
});

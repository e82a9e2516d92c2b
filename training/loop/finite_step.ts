/** A step whose numbers are none is the end of a run: what follows would be none either. */
import { LowformerError } from '../../core/errors.js';
import type { TrainingBatch } from '../loading/prepare.js';
import type { TrainingStep } from '../network/training_network.js';
import type { TrainingTime } from '../validation/validation.js';

/**
 * Before the optimiser has the gradients, so that the parameters are still those of the step before.
 * @param at the place before the step.
 * @throws {LowformerError} `not-a-number`, naming the batch's files, for a loss or a gradient that is no finite number.
 */
export function checkStep({ losses, loss, gradients }: TrainingStep, { files }: TrainingBatch, at: TrainingTime): void {
  const wrong = Object.entries(losses).find(([, value]) => !Number.isFinite(value));
  if (wrong !== undefined || !Number.isFinite(loss)) {
    const [name, value] = wrong ?? ['the sum of the losses', loss];
    throw notFinite(`${name}, a finite number,`, value, files, at);
  }
  for (const [name, { data }] of Object.entries(gradients)) {
    // Of finite float32 numbers the sum is finite in float64.
    let sum = 0;
    for (let i = 0; i < data.length; i++) sum += data[i] ?? 0;
    if (!Number.isFinite(sum)) throw notFinite(`the gradient of ${name} in finite numbers`, sum, files, at);
  }
}

function notFinite(expected: string, received: number, files: readonly string[], at: TrainingTime): LowformerError {
  const hint =
    `The batch: ${files.join(', ')}. A smaller learning rate, a longer warm-up (LinearLR) or clip_grad help ` +
    'where losses had grown before; else look at these pictures and what is annotated there. What was written before is as it was.';
  return new LowformerError({
    code: 'not-a-number',
    where: `training, iteration ${at.iteration + 1}`,
    expected,
    received: String(received),
    hint,
  });
}

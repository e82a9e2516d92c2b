/** mmengine's `clip_grad`: torch's clip_grad_norm_ and clip_grad_value_. */
import { z } from 'zod';
import { LowformerError } from '../../core/errors.js';

const schema = z
  .strictObject({
    type: z.enum(['norm', 'value']).default('norm'),
    max_norm: z.number().min(0).optional(),
    norm_type: z.union([z.number().positive(), z.literal('inf')]).optional(),
    error_if_nonfinite: z.boolean().optional(),
    clip_value: z.number().min(0).optional(),
    foreach: z.boolean().nullish(),
  })
  .superRefine(({ type, max_norm, norm_type, error_if_nonfinite, clip_value }, context) => {
    const issue = (key: string, message: string) =>
      context.addIssue({ code: 'custom', path: [key], message: `expected ${message}` });
    if (type === 'norm') {
      if (clip_value !== undefined) issue('clip_value', "no clip_value, or type: 'value' beside it");
      else if (max_norm === undefined) issue('max_norm', 'a number: the largest norm that all gradients may have');
      return;
    }
    if (clip_value === undefined) issue('clip_value', 'a number: the largest that a gradient may be');
    for (const [key, value] of Object.entries({ max_norm, norm_type, error_if_nonfinite })) {
      if (value !== undefined) issue(key, `no ${key} beside type: 'value'`);
    }
  });

export const clipGradSchema = schema.transform(
  ({ type, max_norm: maxNorm = 0, norm_type: norm = 2, error_if_nonfinite: refuses = false, clip_value: most = 0 }) =>
    type === 'norm'
      ? { type, maxNorm, norm: norm === 'inf' ? Number.POSITIVE_INFINITY : norm, refuses }
      : { type, most },
);
export type ClipGrad = z.output<typeof clipGradSchema>;

/**
 * Clips gradients in place, as one long vector, in float32.
 * @returns their norm before that, where `type` is `norm`; undefined for `value`.
 * @throws {LowformerError} `not-a-number` for a norm that is none, where `error_if_nonfinite` asks for that.
 */
export function clipGradients(gradients: readonly Float32Array[], clip: ClipGrad): number | undefined {
  if (clip.type === 'value') {
    const most = Math.fround(clip.most);
    for (const gradient of gradients) clamp(gradient, most);
    return undefined;
  }
  const norm = gradientNorm(gradients, clip.norm);
  if (clip.refuses && !Number.isFinite(norm)) {
    const expected = 'gradients with a finite norm (error_if_nonfinite)';
    throw new LowformerError({ code: 'not-a-number', where: 'clip_grad', expected, received: String(norm) });
  }
  const factor = Math.min(Math.fround(Math.fround(clip.maxNorm) / Math.fround(norm + Math.fround(1e-6))), 1);
  if (factor !== 1) for (const gradient of gradients) scale(gradient, factor);
  return norm;
}

/** The norm of each gradient, and of those norms, rounded to float32. NaN where a gradient has one. */
export function gradientNorm(gradients: readonly Float32Array[], norm: number): number {
  let total = 0;
  for (const gradient of gradients) total = joined(total, Math.fround(rooted(powers(gradient, norm), norm)), norm);
  return Math.fround(rooted(total, norm));
}

function powers(values: Float32Array, norm: number): number {
  let total = 0;
  // The usual norm without a call for each number.
  if (norm === 2) for (let i = 0; i < values.length; i++) total += (values[i] ?? 0) * (values[i] ?? 0);
  else for (let i = 0; i < values.length; i++) total = joined(total, values[i] ?? 0, norm);
  return total;
}

function joined(total: number, value: number, norm: number): number {
  const size = Math.abs(value);
  return norm === Number.POSITIVE_INFINITY ? Math.max(total, size) : total + size ** norm;
}

function rooted(total: number, norm: number): number {
  if (norm === Number.POSITIVE_INFINITY) return total;
  return norm === 2 ? Math.sqrt(total) : total ** (1 / norm);
}

function scale(values: Float32Array, factor: number): void {
  for (let i = 0; i < values.length; i++) values[i] = (values[i] ?? 0) * factor;
}

/** NaN stays. */
function clamp(values: Float32Array, most: number): void {
  for (let i = 0; i < values.length; i++) values[i] = Math.min(Math.max(values[i] ?? 0, -most), most);
}

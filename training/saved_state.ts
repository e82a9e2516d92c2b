/** What has to be kept of a run, so that it goes on as if it had never stopped. */
import type { z } from 'zod';
import { LowformerError } from '../core/errors.js';
import { sameShape, type Tensor, type Tensors } from '../core/tensor.js';

/** Arrays for a safetensors file, and the rest for JSON, which keeps every double exactly. */
export interface SavedState {
  readonly tensors: Tensors;
  /** Of plain numbers, texts, lists and records. */
  readonly values: unknown;
}

/**
 * The JSON part of a saved state, checked.
 * @throws {LowformerError} `unreadable-checkpoint` for one of another form.
 */
export function savedValues<Schema extends z.ZodType>(
  schema: Schema,
  values: unknown,
  where: string,
): z.output<Schema> {
  const { success, data, error } = schema.safeParse(values);
  if (success) return data;
  const [issue] = error.issues;
  const path = issue === undefined ? '' : ` (${[...issue.path.map(String), issue.message].join(': ')})`;
  throw unfitting(where, `the state that was saved of it${path}`);
}

/**
 * Copies a saved array into the one that stands for it.
 * @throws {LowformerError} `unreadable-checkpoint` where it is missing or has another shape.
 */
export function restoreTensor(into: Tensor, name: string, tensors: Tensors): void {
  const found = Object.hasOwn(tensors, name) ? tensors[name] : undefined;
  if (found === undefined || !sameShape(found.shape, into.shape)) {
    const received = found === undefined ? 'none' : `[${found.shape.join(', ')}]`;
    throw unfitting(name, `a saved tensor of shape [${into.shape.join(', ')}]`, received);
  }
  into.data.set(found.data);
}

/** A saved state is of another run: another network, or another config. */
export function unfitting(where: string, expected: string, received?: unknown): LowformerError {
  const hint = 'The state is of a run with another config or network: start this one in another folder.';
  return new LowformerError({
    code: 'unreadable-checkpoint',
    where,
    expected,
    hint,
    ...(received === undefined ? {} : { received }),
  });
}

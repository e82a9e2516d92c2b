import { sameShape } from '../../core/tensor.js';
import type { Value } from '../value.js';
import { invalid } from './operation.js';

/** A result whose whole shape is known while building: a gradient of a parameter, a statistic of a batch. */
export function weight(...shape: readonly number[]): Omit<Value, 'id'> {
  return { kind: 'weight', channels: shape[0] ?? 1, shape };
}

/** The shape of a weight. @throws {LowformerError} `invalid-graph` for a map or a vector. */
export function weightShape({ kind, shape }: Value): readonly number[] {
  if (shape === undefined) throw invalid('a weight, whose shape is known', kind);
  return shape;
}

/** Whether two values have the same kind, the same channels and, for weights, the same shape. */
export function sameForm(a: Omit<Value, 'id'>, b: Omit<Value, 'id'>): boolean {
  return a.kind === b.kind && a.channels === b.channels && sameShape(a.shape ?? [], b.shape ?? []);
}

/** What a value is, without which one it is. */
export function formOf({ kind, channels, shape }: Value): Omit<Value, 'id'> {
  return shape === undefined ? { kind, channels } : { kind, channels, shape };
}

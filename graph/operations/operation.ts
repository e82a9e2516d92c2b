import { LowformerError } from '../../core/errors.js';
import type { Shape } from '../../core/tensor.js';
import type { Parameter, Value } from '../value.js';

/** What a parameter of an operation looks like, before it has a name. */
export interface ParameterSpec extends Pick<Parameter, 'shape' | 'kind'> {
  /** What a state_dict calls it, where that is not its role. */
  readonly name?: string;
}

/** What an operation is, said once: parameters, how shapes follow, what it costs. Engines give each a kernel. */
export interface Operation<Attributes> {
  /** How many tensors it takes. */
  readonly inputs: number;
  /** Parameters by role (`weight`, `bias`, …), in the order of a state_dict. */
  readonly parameters?: (inputs: readonly Value[], attributes: Attributes) => Readonly<Record<string, ParameterSpec>>;
  /** Kind and channels of the result. */
  readonly result: (inputs: readonly Value[], attributes: Attributes) => Omit<Value, 'id'>;
  /** The result's shape at a size. @throws {LowformerError} where the operation cannot take that size. */
  readonly shape: (inputs: readonly Shape[], attributes: Attributes) => Shape;
  /** Multiply-accumulates of one run; absent where none are counted (element-wise work, normalisation). */
  readonly macs?: (inputs: readonly Shape[], output: Shape, attributes: Attributes) => number;
}

export type NoAttributes = Readonly<Record<never, never>>;

export const parameter = (...shape: readonly number[]): ParameterSpec => ({ shape, kind: 'parameter' });
export const buffer = (...shape: readonly number[]): ParameterSpec => ({ shape, kind: 'buffer' });

/** The first input of an operation, which the verifier has counted. */
export function first<T>(inputs: readonly T[]): T {
  const [x] = inputs;
  if (x === undefined) throw invalid('at least one input', inputs.length);
  return x;
}

export function second<T>(inputs: readonly T[]): T {
  const [, x] = inputs;
  if (x === undefined) throw invalid('two inputs', inputs.length);
  return x;
}

/** A shape as [N, C, H, W]. */
export function mapShape(shape: Shape): readonly [n: number, c: number, h: number, w: number] {
  const [n, c, h, w] = shape;
  if (shape.length !== 4 || n === undefined || c === undefined || h === undefined || w === undefined) {
    throw invalid('a feature map [N, C, H, W]', shape);
  }
  return [n, c, h, w];
}

export function invalid(expected: string, received: unknown): LowformerError {
  return new LowformerError({ code: 'invalid-graph', where: 'graph', expected, received });
}

import { sameShape } from '../../core/tensor.js';
import { first, invalid, type NoAttributes, type Operation, second } from './operation.js';

/** One tensor in, the same shape out. */
function unary<Attributes = NoAttributes>(): Operation<Attributes> {
  return {
    inputs: 1,
    result: (inputs) => ({ kind: first(inputs).kind, channels: first(inputs).channels }),
    shape: (inputs) => first(inputs),
  };
}

/** Two tensors of one shape in, that shape out: no broadcasting. */
function binary(): Operation<NoAttributes> {
  return {
    inputs: 2,
    result: (inputs) => {
      const [a, b] = [first(inputs), second(inputs)];
      if (a.channels !== b.channels || a.kind !== b.kind) throw invalid(`two ${a.kind}s of ${a.channels} channels`, b);
      return { kind: a.kind, channels: a.channels };
    },
    shape: (inputs) => {
      const [a, b] = [first(inputs), second(inputs)];
      if (!sameShape(a, b)) throw invalid(`shape [${a.join(', ')}]`, b);
      return a;
    },
  };
}

export const relu = unary();
export const relu6 = unary();
/** x * clip(x + 3, 0, 6) / 6 (torch.nn.Hardswish). */
export const hardswish = unary();
/** x * sigmoid(x) (torch.nn.SiLU). */
export const silu = unary();
export const sigmoid = unary();

export interface GeluAttributes {
  /** `none`: the error function, torch's default; `tanh`: its approximation. */
  readonly approximate: 'none' | 'tanh';
}
export const gelu = unary<GeluAttributes>();

export interface ScaleAttributes {
  readonly factor: number;
}
/** Times a constant. */
export const scale = unary<ScaleAttributes>();

export const add = binary();
export const multiply = binary();

import { sameShape } from '../../core/tensor.js';
import { first, invalid, mapShape, type NoAttributes, type Operation, parameter, second } from './operation.js';
import { formOf, sameForm } from './weights.js';

/** One tensor in, the same shape out. */
function unary<Attributes = NoAttributes>(): Operation<Attributes> {
  return {
    inputs: 1,
    result: (inputs) => formOf(first(inputs)),
    shape: (inputs) => first(inputs),
  };
}

/** Two tensors of one shape in, that shape out: no broadcasting. */
function binary(): Operation<NoAttributes> {
  return {
    inputs: 2,
    result: (inputs) => {
      const [a, b] = [first(inputs), second(inputs)];
      if (!sameForm(a, b)) throw invalid(`two ${a.kind}s of ${a.channels} channels`, b);
      return formOf(a);
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
export const exp = unary();
/** The natural logarithm. */
export const log = unary();
export const abs = unary();
/** -1, 0 or 1. Nothing flows back through it. */
export const sign = unary();
/** log(1 + exp(x)) without overflow (torch.nn.Softplus): -log(sigmoid(-x)). */
export const softplus = unary();

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

export interface ShiftAttributes {
  readonly by: number;
}
/** Plus a constant. */
export const shift = unary<ShiftAttributes>();

export interface PowerAttributes {
  readonly exponent: number;
}
/** To a constant power; of negative numbers only where the exponent is whole. */
export const power = unary<PowerAttributes>();

export interface BoundsAttributes {
  /** None below where absent. */
  readonly min?: number;
  /** None above where absent. */
  readonly max?: number;
}
/** The nearest number between two bounds (torch.clamp). */
export const clip = unary<BoundsAttributes>();
/** 1 where a number lies between two bounds or on one of them, else 0: where `clip` changes nothing. Nothing flows back. */
export const within = unary<BoundsAttributes>();

export interface ChannelScaleAttributes {
  /** How a state_dict stores the factors: [C] where true, else [C, 1, 1]. */
  readonly flat?: boolean;
  /** What it calls them; `gamma` where absent. */
  readonly name?: string;
}
/** Times one learned factor a channel of a map, `gamma`: LayerScale (Touvron et al., arXiv 2103.17239, section 3). */
export const channelScale: Operation<ChannelScaleAttributes> = {
  ...unary(),
  parameters: (inputs, { flat = false, name = 'gamma' }) => ({
    gamma: { ...parameter(first(inputs).channels, ...(flat ? [] : [1, 1])), name },
  }),
  shape: (inputs) => mapShape(first(inputs)),
};

/** Times one learned number, `scale` []: mmcv's `Scale`. */
export const learnedScale: Operation<NoAttributes> = { ...unary(), parameters: () => ({ scale: parameter() }) };

export const add = binary();
/** The first minus the second. */
export const subtract = binary();
export const multiply = binary();
/** The first over the second. */
export const divide = binary();
export const minimum = binary();
export const maximum = binary();

/** A map [N, C, H, W] times a map of one pixel [N, C, 1, 1]: each channel of each picture by its own factor. */
export const gate: Operation<NoAttributes> = {
  ...binary(),
  shape: (inputs) => {
    const [x, factors] = [mapShape(first(inputs)), mapShape(second(inputs))];
    const pixel = [x[0], x[1], 1, 1];
    if (!sameShape(factors, pixel)) throw invalid(`factors of shape [${pixel.join(', ')}]`, factors);
    return x;
  },
};

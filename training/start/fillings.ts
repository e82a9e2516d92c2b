/** Random and constant values of a parameter, and the forms of mmengine's `init_cfg` by which they are made. */
import type { InitCfg, InitOverride } from '../../core/init_cfg.js';
import { elements, type Shape } from '../../core/tensor.js';
import { type RandomDraws, xoshiro } from '../../core/xoshiro.js';

/** What a parameter's values are drawn from. */
export type Filling =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'uniform'; readonly low: number; readonly high: number }
  | {
      readonly kind: 'normal';
      readonly mean: number;
      readonly std: number;
      /** Values beyond are drawn again. */
      readonly bounds?: readonly [low: number, high: number];
    };

/** torch's own start of convolutions and linear layers, weights and biases: `kaiming_uniform_(a=sqrt(5))`. */
export function torchFilling(weight: Shape): Filling {
  const bound = 1 / Math.sqrt(Math.max(fans(weight).in, 1));
  return { kind: 'uniform', low: -bound, high: bound };
}

/** @param groups of a convolution. */
export function weightFilling(form: InitCfg | InitOverride, shape: Shape, groups = 1): Filling {
  switch (form.type) {
    case 'Constant':
      return constant(form.val);
    case 'Normal':
      return { kind: 'normal', mean: form.mean ?? 0, std: form.std ?? 1 };
    case 'TruncNormal':
      return { kind: 'normal', mean: form.mean ?? 0, std: form.std ?? 1, bounds: [form.a ?? -2, form.b ?? 2] };
    case 'Uniform':
      return { kind: 'uniform', low: form.a ?? 0, high: form.b ?? 1 };
    case 'Xavier': {
      const { in: fanIn, out } = fans(shape);
      return spread((form.gain ?? 1) * Math.sqrt(2 / (fanIn + out)), form.distribution);
    }
    case 'Kaiming': {
      const { a = 0, mode = 'fan_out', nonlinearity = 'relu' } = form;
      const gain = nonlinearity === 'relu' ? Math.SQRT2 : Math.sqrt(2 / (1 + a * a));
      const fan = mode === 'fan_in' ? fans(shape).in : fans(shape).out / (form.per_group === true ? groups : 1);
      return spread(gain / Math.sqrt(fan), form.distribution);
    }
    case 'Caffe2Xavier':
      return spread(1 / Math.sqrt(fans(shape).in), 'uniform');
  }
}

export function biasFilling({ bias = 0, bias_prob: probability }: InitCfg | InitOverride): Filling {
  return constant(probability === undefined ? bias : -Math.log((1 - probability) / probability));
}

export function constant(value: number): Filling {
  return { kind: 'constant', value };
}

/** Of a standard deviation. */
function spread(std: number, distribution: 'normal' | 'uniform' | undefined): Filling {
  if (distribution !== 'uniform') return { kind: 'normal', mean: 0, std };
  const bound = Math.sqrt(3) * std;
  return { kind: 'uniform', low: -bound, high: bound };
}

/** As torch counts them, whatever the groups. */
function fans(shape: Shape): { readonly in: number; readonly out: number } {
  const field = elements(shape.slice(2));
  return { in: (shape[1] ?? 1) * field, out: (shape[0] ?? 1) * field };
}

/**
 * Values of a parameter, row-major. They follow from the seed and the parameter's name, so that another layer in the network
 * changes none of the others.
 */
export function filledWith(filling: Filling, name: string, shape: Shape, seed: number): Float32Array {
  const values = new Float32Array(elements(shape));
  if (filling.kind === 'constant') return values.fill(filling.value);
  const random = xoshiro(seed, ...new TextEncoder().encode(name));
  const draw = filling.kind === 'uniform' ? () => random.uniform(filling.low, filling.high) : normals(random, filling);
  for (let i = 0; i < values.length; i++) values[i] = draw();
  return values;
}

/** Marsaglia's polar method (SIAM Review 6, 1964). */
function normals(
  random: RandomDraws,
  {
    mean,
    std,
    bounds: [low, high] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
  }: Filling & { kind: 'normal' },
): () => number {
  let spare: number | undefined;
  const one = (): number => {
    if (spare !== undefined) {
      const kept = spare;
      spare = undefined;
      return kept;
    }
    for (;;) {
      const [x, y] = [2 * random.real() - 1, 2 * random.real() - 1];
      const square = x * x + y * y;
      if (square === 0 || square >= 1) continue;
      const factor = Math.sqrt((-2 * Math.log(square)) / square);
      spare = y * factor;
      return x * factor;
    }
  };
  return () => {
    for (;;) {
      const value = mean + std * one();
      if (value >= low && value <= high) return value;
    }
  };
}

/** What mmengine computes for optimisers, schedules and averages: test/fixtures/training, and the networks it was made with. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Shape, Tensor } from '../../core/tensor.js';
import { tensor } from '../../core/tensor.js';
import type { ModuleKind, TrainedParameter } from '../../training/optim_wrapper/trained_parameter.js';
import { formulaInput, formulaValue } from '../formula_weights.js';

const shapes = z.record(z.string(), z.array(z.int()));
const values = z.record(z.string(), z.array(z.number()));

const mmengineSchema = z.object({
  parameters: shapes,
  buffers: shapes,
  optimisers: z.record(
    z.string(),
    z.object({ optim_wrapper: z.unknown(), steps: z.int(), max_iterations: z.int().nullable(), values }),
  ),
  averages: z.record(z.string(), z.object({ config: z.unknown(), steps: z.int(), values })),
  epoch_length: z.int(),
  bases: z.array(z.number()),
  schedules: z.record(
    z.string(),
    z.object({
      param_scheduler: z.unknown(),
      loop: z.union([z.object({ max_epochs: z.int() }), z.object({ max_iters: z.int() })]),
      rates: z.array(z.array(z.number())),
    }),
  ),
});

const parityOptimisers = z.object({
  cases: z.record(
    z.string(),
    z.union([
      z.object({ optim_wrapper: z.unknown(), steps: z.int() }),
      z.object({ momentum: z.number(), note: z.string() }),
    ]),
  ),
});

const paritySchedules = z.record(
  z.string(),
  z.object({ param_scheduler: z.unknown(), base: z.number(), lr: z.array(z.number()) }),
);

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../fixtures/training/${name}`, import.meta.url), 'utf8'));

/** Made by `fixtures/training/make.py`. */
export const mmengine = mmengineSchema.parse(read('mmengine.json'));
/** Those of the reference values that come with the project. */
export const optimiserCases = parityOptimisers.parse(read('optimisers.json')).cases;
export const scheduleCases = paritySchedules.parse(read('schedules.json'));

/** A convolution, a batch norm and a head. */
export const TINY: Readonly<Record<string, Shape>> = {
  'backbone.0.weight': [4, 3, 3, 3],
  'backbone.0.bias': [4],
  'backbone.1.weight': [4],
  'backbone.1.bias': [4],
  'head.weight': [2, 4, 1, 1],
  'head.bias': [2],
};

/** The tiny network's parameters as they begin. */
export function tinyParameters(): readonly TrainedParameter[] {
  return Object.entries(TINY).map(([name, shape]) => ({
    name,
    shape,
    data: formulaValue(name, shape),
    module: name.startsWith('backbone.1') ? ('norm' as const) : ('other' as const),
  }));
}

/** A number of the formula between -1 and 1 for each element. */
export function between(name: string, shape: Shape, factor = 0.5): Tensor {
  return tensor(
    shape,
    formulaInput(name, shape).map((value) => value * factor),
  );
}

const MODULES: readonly (readonly [part: string, module: ModuleKind])[] = [
  ['.dw.', 'depthwise'],
  ['.gn.', 'norm'],
  ['.bn.', 'norm'],
];

/** The network of `make.py`, with the weights that a case starts from. */
export function networkOf(one: string): readonly TrainedParameter[] {
  return Object.entries(mmengine.parameters).map(([name, shape]) => ({
    name,
    shape,
    data: formulaInput(`more.${one}.${name}`, shape),
    module: MODULES.find(([part]) => name.includes(part))?.[1] ?? 'other',
  }));
}

/** The largest difference, as a share of the largest value. */
export function difference(actual: ArrayLike<number> | undefined, expected: ArrayLike<number>): number {
  if (actual?.length !== expected.length) throw new Error(`${actual?.length} values, not ${expected.length}`);
  let worst = 0;
  let largest = 0;
  for (let i = 0; i < expected.length; i++) {
    worst = Math.max(worst, Math.abs((actual[i] ?? 0) - (expected[i] ?? 0)));
    largest = Math.max(largest, Math.abs(expected[i] ?? 0));
  }
  return worst / largest;
}

/** Gradients of a step by the formula. */
export function gradientsOf(
  parameters: readonly TrainedParameter[],
  named: (name: string) => string,
  factor = 1,
): Readonly<Record<string, Tensor>> {
  return Object.fromEntries(parameters.map(({ name, shape }) => [name, between(named(name), shape, factor)]));
}

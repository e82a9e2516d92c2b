/** Short forms of the operations that losses are written with. */
import type { GraphBuilder } from '../graph/builder.js';
import type { Value } from '../graph/value.js';

export interface Arithmetic {
  add(a: Value, b: Value): Value;
  subtract(a: Value, b: Value): Value;
  multiply(a: Value, b: Value): Value;
  divide(a: Value, b: Value): Value;
  minimum(a: Value, b: Value): Value;
  maximum(a: Value, b: Value): Value;
  /** x * factor + by. */
  affine(x: Value, factor: number, by: number): Value;
  scale(x: Value, factor: number): Value;
  shift(x: Value, by: number): Value;
  atLeast(x: Value, min: number): Value;
  atMost(x: Value, max: number): Value;
  abs(x: Value): Value;
  exp(x: Value): Value;
  log(x: Value): Value;
  sigmoid(x: Value): Value;
  softplus(x: Value): Value;
  power(x: Value, exponent: number): Value;
  /** [1, 1, 1, 1]. */
  sum(x: Value): Value;
  /** 1 where a number is this one, else 0. */
  equals(x: Value, value: number): Value;
  /** Channel `index` of each group of `size`. */
  channel(x: Value, size: number, index: number): Value;
}

export function arithmetic(g: GraphBuilder): Arithmetic {
  const { emit } = g;
  const scale: Arithmetic['scale'] = (x, factor) => (factor === 1 ? x : emit('scale', [x], { factor }));
  const shift: Arithmetic['shift'] = (x, by) => (by === 0 ? x : emit('shift', [x], { by }));
  return {
    add: g.add,
    subtract: (a, b) => emit('subtract', [a, b], {}),
    multiply: (a, b) => emit('multiply', [a, b], {}),
    divide: (a, b) => emit('divide', [a, b], {}),
    minimum: (a, b) => emit('minimum', [a, b], {}),
    maximum: (a, b) => emit('maximum', [a, b], {}),
    affine: (x, factor, by) => shift(scale(x, factor), by),
    scale,
    shift,
    atLeast: (x, min) => emit('clip', [x], { min }),
    atMost: (x, max) => emit('clip', [x], { max }),
    abs: (x) => emit('abs', [x], {}),
    exp: (x) => emit('exp', [x], {}),
    log: (x) => emit('log', [x], {}),
    sigmoid: (x) => emit('sigmoid', [x], {}),
    softplus: (x) => emit('softplus', [x], {}),
    power: (x, exponent) => (exponent === 1 ? x : emit('power', [x], { exponent })),
    sum: (x) => emit('sum', [x], {}),
    equals: (x, value) => emit('within', [x], { min: value, max: value }),
    channel: (x, size, index) => emit('channelOfGroups', [x], { size, index }),
  };
}

import type { ActivationGradientAttributes } from '../../operations/elementwise_gradients.js';
import type { OnnxEmitter } from '../emitter.js';

/** The slope of an activation at each element, times the gradient of its result. */
export function activationGradient({
  onnx,
  inputs: [x = '', gradient = ''],
  attributes,
}: {
  readonly onnx: OnnxEmitter;
  readonly inputs: readonly string[];
  readonly attributes: ActivationGradientAttributes;
}): string {
  const write = writer(onnx);
  const { add, subtract, multiply, where, scalar } = write;
  const [zero, one] = [scalar(0), scalar(1)];
  switch (attributes.of) {
    case 'relu':
      return where(onnx.node('Greater', [x, zero]), gradient, zero);
    case 'relu6': {
      const inside = onnx.node('And', [onnx.node('Greater', [x, zero]), onnx.node('Less', [x, scalar(6)])]);
      return where(inside, gradient, zero);
    }
    case 'hardswish': {
      const slope = add(multiply(x, scalar(1 / 3)), scalar(0.5));
      const upper = where(onnx.node('Greater', [x, scalar(3)]), one, slope);
      return multiply(gradient, where(onnx.node('Less', [x, scalar(-3)]), zero, upper));
    }
    case 'sigmoid': {
      const y = onnx.node('Sigmoid', [x]);
      return multiply(gradient, multiply(y, subtract(one, y)));
    }
    case 'silu': {
      const y = onnx.node('Sigmoid', [x]);
      return multiply(gradient, multiply(y, add(one, multiply(x, subtract(one, y)))));
    }
    case 'gelu':
      return multiply(gradient, attributes.approximate === 'tanh' ? tanhSlope(onnx, x) : errorFunctionSlope(onnx, x));
  }
}

function writer(onnx: OnnxEmitter) {
  return {
    add: (a: string, b: string) => onnx.node('Add', [a, b]),
    subtract: (a: string, b: string) => onnx.node('Sub', [a, b]),
    multiply: (a: string, b: string) => onnx.node('Mul', [a, b]),
    where: (condition: string, a: string, b: string) => onnx.node('Where', [condition, a, b]),
    scalar: (value: number) => onnx.scalar(value),
  };
}

/** (1 + erf(x / sqrt 2)) / 2 + x exp(-x² / 2) / sqrt(2 pi). */
function errorFunctionSlope(onnx: OnnxEmitter, x: string): string {
  const { add, multiply, scalar } = writer(onnx);
  const error = onnx.node('Erf', [onnx.node('Div', [x, scalar(Math.SQRT2)])]);
  const density = onnx.node('Exp', [multiply(multiply(x, x), scalar(-0.5))]);
  const moving = multiply(multiply(x, density), scalar(1 / Math.sqrt(2 * Math.PI)));
  return add(multiply(add(error, scalar(1)), scalar(0.5)), moving);
}

/** With t = tanh(u), u = sqrt(2/pi) (x + 0.044715 x³): (1 + t) / 2 + x (1 - t²) u' / 2. */
function tanhSlope(onnx: OnnxEmitter, x: string): string {
  const { add, subtract, multiply, scalar } = writer(onnx);
  const root = Math.sqrt(2 / Math.PI);
  const cube = multiply(multiply(x, x), x);
  const t = onnx.node('Tanh', [multiply(add(x, multiply(cube, scalar(0.044715))), scalar(root))]);
  const inner = add(scalar(root), multiply(multiply(x, x), scalar(3 * 0.044715 * root)));
  const steep = multiply(subtract(scalar(1), multiply(t, t)), inner);
  return multiply(add(add(t, scalar(1)), multiply(x, steep)), scalar(0.5));
}

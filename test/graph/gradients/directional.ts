/** Gradients against differences: the change of a weighted sum of outputs along one direction of an input or parameter. */
import type { Tensor, Tensors } from '../../../core/tensor.js';
import { elements, tensor } from '../../../core/tensor.js';
import { differentiate, gradientName } from '../../../graph/gradients/differentiate.js';
import type { Graph, Network } from '../../../graph/graph.js';
import { runPasses } from '../../../graph/passes/index.js';
import { evaluateShapes } from '../../../graph/shapes.js';
import { formulaInput, formulaValue } from '../../formula_weights.js';
import { formulaNetwork, onnxBytes, runOnnx } from '../../run_network.js';

export interface Differences {
  /** `x`, `conv.weight`. */
  readonly name: string;
  /** What the gradient says of the change along the direction. */
  readonly gradient: number;
  /** What two runs say. */
  readonly difference: number;
  /** How far two such numbers may lie apart at most, were they of unlike directions. */
  readonly scale: number;
}

/** The network that gives gradients of inputs and parameters from a gradient of its output `y`. */
export function gradientNetwork(graph: Graph): Network {
  const only = { ...graph, outputs: graph.outputs.filter(({ name }) => name === 'y') };
  const inputs = graph.inputs.map(({ name }) => name);
  return runPasses(formulaNetwork(only), [differentiate({ of: ['y'], from: 'inputs', inputs })]);
}

/** The parameters that a network wants with every run, by the formula. */
export function fedValues({ graph }: Network): Tensors {
  const fed = [...graph.parameters.values()].filter((parameter) => parameter.fed);
  return Object.fromEntries(fed.map(({ name, shape }) => [name, tensor(shape, formulaValue(name, shape))]));
}

/** Inputs by the formula at a size, with the gradient of the output `y`. */
export function gradientInputs(graph: Graph, shape: readonly number[]): Tensors {
  const x = Object.fromEntries(graph.inputs.map(({ name }) => [name, tensor(shape, formulaInput(name, shape))]));
  const shapes = evaluateShapes(graph, Object.fromEntries(graph.inputs.map(({ name }) => [name, shape])));
  const y = graph.outputs.find(({ name }) => name === 'y');
  const outputShape = shapes.get(y?.value.id ?? -1) ?? [];
  return { ...x, [gradientName('y')]: tensor(outputShape, formulaInput('gradient', outputShape)) };
}

/** One entry for each input and parameter. */
export async function differences(
  graph: Graph,
  shape: readonly number[],
  step: number,
): Promise<readonly Differences[]> {
  const network = gradientNetwork(graph);
  const inputs = { ...gradientInputs(graph, shape), ...fedValues(network) };
  const names = [...graph.inputs.map(({ name }) => name), ...Object.keys(fedValues(network))];
  const moved = names.flatMap((name) =>
    [1, -1].map((sign) => ({ ...inputs, [name]: along(name, inputs[name], sign * step) })),
  );
  const outputs = await runOnnx(onnxBytes(network), inputs, ...moved);
  return names.map((name, i) => {
    const gradient = outputs[`0.${gradientName(name)}`];
    const [ahead, behind] = [1, 2].map((at) => weighted(outputs[`${2 * i + at}.y`], inputs[gradientName('y')]));
    return {
      name,
      gradient: dot(gradient, direction(name, inputs[name])),
      difference: ((ahead ?? Number.NaN) - (behind ?? Number.NaN)) / (2 * step),
      scale: norm(gradient?.data ?? []) * norm(direction(name, inputs[name])),
    };
  });
}

function direction(name: string, x: Tensor | undefined): Float32Array {
  return formulaInput(`direction.${name}`, [elements(x?.shape ?? [])]);
}

function along(name: string, x: Tensor | undefined, step: number): Tensor {
  const towards = direction(name, x);
  return tensor(
    x?.shape ?? [],
    (x?.data ?? new Float32Array()).map((value, i) => value + step * (towards[i] ?? 0)),
  );
}

function dot(x: Tensor | undefined, y: ArrayLike<number>): number {
  return (x?.data ?? new Float32Array([Number.NaN])).reduce((sum, value, i) => sum + value * (y[i] ?? Number.NaN), 0);
}

function weighted(y: Tensor | undefined, gradient: Tensor | undefined): number {
  return dot(y, gradient?.data ?? []);
}

function norm(values: ArrayLike<number>): number {
  return Math.sqrt(Array.from(values).reduce((sum, value) => sum + value * value, 0));
}

/** Holds two engines' numbers of one network against one another. */
import { expect } from 'vitest';
import { elements, type Shape, type Tensor, type Tensors, tensor } from '../../../core/tensor.js';
import type { Graph, Network } from '../../../graph/graph.js';
import { optimise } from '../../../graph/passes/index.js';
import { formulaInput, formulaValue } from '../../formula_weights.js';
import { onnxBytes, relativeError, runOnnx } from '../../run_network.js';
import { runTfjs } from './run_tfjs.js';

/** Of the largest value: sums of float32 in another order differ by less. */
const CLOSE = 1e-5;

interface Agreement {
  /** What is held to ONNX Runtime. */
  readonly run?: (network: Network, inputs: Tensors) => Promise<Tensors>;
  /** How far it may be off, as a share of the largest value. */
  readonly close?: number;
  /** ONNX Runtime with its own rewriting or without. */
  readonly runReference?: (bytes: Uint8Array, inputs: Tensors) => Promise<Tensors>;
}

/** All outputs of a network in both engines, from weights that follow from their names, optimised as it is for use. */
export async function expectAgreement(
  graph: Graph,
  height: number,
  width: number,
  { run = runTfjs, close = CLOSE, runReference = runOnnx }: Agreement = {},
): Promise<void> {
  const network = remembered(optimise({ graph, parameters: (name) => weights(graph, name) }));
  const shape = [1, 3, height, width];
  const inputs = { input: tensor(shape, formulaInput(`input.${height}x${width}`, shape)) };
  const [actual, reference] = [await run(network, inputs), await runReference(onnxBytes(network), inputs)];
  expect(Object.keys(actual)).toEqual(graph.outputs.map(({ name }) => name));
  for (const { name } of graph.outputs) {
    const expected = reference[name];
    if (expected === undefined) throw new Error(`no output ${name}`);
    if (expected.data.length > 1) {
      expect(
        expected.data.every((number) => number === expected.data[0]),
        name,
      ).toBe(false);
      expect(relativeError(actual[name], expected), name).toBeLessThan(close);
    } else {
      // A map of one number (a single anchor point's centerness) has no other to differ from, and chance may have made it
      // small: it is measured by the largest value of its kind on the other levels.
      const kind = graph.outputs.filter((other) => levelless(other.name) === levelless(name));
      const largest = Math.max(...kind.flatMap((other) => [...(reference[other.name]?.data ?? [])].map(Math.abs)));
      const difference = Math.abs((actual[name]?.data[0] ?? Number.NaN) - (expected.data[0] ?? Number.NaN));
      expect(difference / largest, name).toBeLessThan(close);
    }
  }
}

/** `centerness3` is `centerness` of a level. */
function levelless(name: string): string {
  return name.replace(/\d+$/, '');
}

/** Hashing every weight of a large network takes seconds: beyond this many the first are repeated. */
const HASHED = 2 ** 16;

function weights(graph: Graph, name: string): Tensor {
  const shape: Shape = graph.parameters.get(name)?.shape ?? [];
  const count = elements(shape);
  if (count <= HASHED) return tensor(shape, formulaValue(name, shape));
  const [, ...inner] = shape;
  const rows = Math.max(1, Math.floor(HASHED / elements(inner)));
  // One less, so that rows do not repeat themselves.
  const hashed = formulaValue(name, [rows, ...inner]).subarray(1);
  const values = new Float32Array(count);
  for (let at = 0; at < count; at += hashed.length) values.set(hashed.subarray(0, count - at), at);
  return tensor(shape, values);
}

/** Both engines read every parameter, and folding them is most of the work. */
function remembered({ graph, parameters }: Network): Network {
  const values = new Map<string, Tensor>();
  return {
    graph,
    parameters(name) {
      const value = values.get(name) ?? parameters(name);
      values.set(name, value);
      return value;
    },
  };
}

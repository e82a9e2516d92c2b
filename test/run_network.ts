/** Runs a graph in ONNX Runtime, in this process and without the toolkit's own engine: the numbers alone. */
import * as ort from 'onnxruntime-node';
import { elements, type Tensor, type Tensors, tensor } from '../core/tensor.js';
import type { Graph, Network } from '../graph/graph.js';
import type { OnnxPrecision } from '../graph/onnx/precision.js';
import { writeOnnx } from '../graph/onnx/write.js';
import { formulaValue } from './formula_weights.js';

/**
 * A graph filled with the formula weights.
 * @param known weights by name and shape, which stay there: for graphs that share parts.
 */
export function formulaNetwork(graph: Graph, known?: Map<string, Tensor>): Network {
  return {
    graph,
    parameters: (name) => {
      const shape = graph.parameters.get(name)?.shape ?? [];
      const key = `${name} ${shape}`;
      const value = known?.get(key) ?? tensor(shape, formulaValue(name, shape));
      known?.set(key, value);
      return value;
    },
  };
}

export function onnxBytes(network: Network, precision: OnnxPrecision = 'float32', device = 'cpu'): Uint8Array {
  const file = writeOnnx(network, { precision, device });
  const bytes = new Uint8Array(file.byteLength);
  let at = 0;
  for (const chunk of file.chunks()) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  if (at !== bytes.length) throw new Error(`the file is ${at} bytes long, not ${bytes.length}`);
  return bytes;
}

export async function runNetwork(network: Network, inputs: Tensors): Promise<Tensors> {
  return runOnnx(onnxBytes(network), inputs);
}

/** A session that stays open, for networks that run again and again in a test. It lives until it is disposed of. */
export async function openRunner(network: Network) {
  const session = await ort.InferenceSession.create(onnxBytes(network), { intraOpNumThreads: 1, logSeverityLevel: 3 });
  return {
    async run(inputs: Tensors): Promise<Tensors> {
      const feeds = Object.entries(inputs).map(
        ([name, { shape, data }]) => [name, new ort.Tensor('float32', data, shape)] as const,
      );
      const outputs = Object.entries(await session.run(Object.fromEntries(feeds)));
      return Object.fromEntries(
        outputs.map(([name, { dims, data }]) => [
          name,
          tensor(dims, data instanceof Float32Array ? data : new Float32Array()),
        ]),
      );
    },
    [Symbol.asyncDispose]: () => session.release(),
  };
}

/** @returns the outputs, named `0.name`, `1.name` where there are several inputs. */
export async function runOnnx(bytes: Uint8Array, ...inputs: readonly Tensors[]): Promise<Tensors> {
  return runSession(bytes, 'all', inputs);
}

/** The same without the runtime's own rewriting, which takes longer than all else where a network runs once or twice. */
export async function runOnnxAsWritten(bytes: Uint8Array, ...inputs: readonly Tensors[]): Promise<Tensors> {
  return runSession(bytes, 'disabled', inputs);
}

async function runSession(
  bytes: Uint8Array,
  graphOptimizationLevel: 'all' | 'disabled',
  inputs: readonly Tensors[],
): Promise<Tensors> {
  const options = { intraOpNumThreads: 1, logSeverityLevel: 3, graphOptimizationLevel } as const;
  const session = await ort.InferenceSession.create(bytes, options);
  const results: Record<string, Tensor> = {};
  for (const [i, feeds] of inputs.entries()) {
    const outputs = await session.run(
      Object.fromEntries(
        Object.entries(feeds).map(([name, { shape, data }]) => [name, new ort.Tensor('float32', data, shape)]),
      ),
    );
    for (const [name, output] of Object.entries(outputs)) {
      if (!(output.data instanceof Float32Array)) throw new Error(`${name} is no float32`);
      results[inputs.length > 1 ? `${i}.${name}` : name] = tensor(output.dims, output.data);
    }
  }
  await session.release();
  return results;
}

/** The largest difference as a share of the reference's largest absolute value. */
export function relativeError(actual: Tensor | undefined, reference: Tensor): number {
  if (actual === undefined || actual.shape.join() !== reference.shape.join()) {
    throw new Error(`shape [${actual?.shape.join()}] against the reference's [${reference.shape.join()}]`);
  }
  let largest = 0;
  let difference = 0;
  for (let i = 0; i < elements(reference.shape); i++) {
    const [a, b] = [actual.data[i] ?? Number.NaN, reference.data[i] ?? Number.NaN];
    largest = Math.max(largest, Math.abs(b));
    // NaN must not pass for a small difference.
    difference = Number.isNaN(a - b) ? Number.POSITIVE_INFINITY : Math.max(difference, Math.abs(a - b));
  }
  return difference / largest;
}

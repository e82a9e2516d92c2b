/** A network whose inner values can be looked at, a run at a time. */
import { elements, type Tensor, type Tensors } from '../core/tensor.js';
import { createEngine, type Engine } from '../engines/index.js';
import type { NamedValue, Network } from '../graph/graph.js';
import { quantizedForm } from '../graph/onnx/quantized_values.js';
import { writeOnnx } from '../graph/onnx/write.js';
import { runPasses } from '../graph/passes/index.js';
import type { QuantizedNetwork } from '../graph/quantization/quantization.js';
import { evaluateShapes } from '../graph/shapes.js';
import type { Value } from '../graph/value.js';

export interface ProbeOptions {
  /** Of one operation on the processor. */
  readonly threads?: number;
  readonly signal?: AbortSignal;
}

export interface Probe extends AsyncDisposable {
  /**
   * Runs the network on one input.
   * @param visit told of each value that was asked for, once, in the order of the graph.
   * @returns the network's own outputs.
   */
  run(input: Tensor, visit: (id: number, value: Tensor) => void): Promise<Tensors>;
}

/** Values that are given out together, in bytes: a network of large maps runs several times, each time for some of them. */
const MOST_BYTES = 256 * 2 ** 20;

/**
 * Prepares the network to give out values. Nothing is loaded before the first run, whose input says how large they are.
 * @param ids of values of the graph.
 */
export function probe(
  network: Network | QuantizedNetwork,
  ids: readonly number[],
  { threads, signal }: ProbeOptions = {},
): Probe {
  const { graph } = network;
  const wanted = new Set(ids);
  const inputs = graph.inputs.filter(({ value }) => wanted.has(value.id));
  const inner = graph.nodes.map(({ output }) => output).filter(({ id }) => wanted.has(id));
  const quantization = 'quantization' in network ? network.quantization : undefined;
  let engines: Promise<readonly Engine[]> | undefined;

  async function start(input: Tensor): Promise<readonly Engine[]> {
    const started: Engine[] = [];
    const shapes = evaluateShapes(graph, { [graph.inputs[0]?.name ?? 'input']: input.shape });
    const parts = portions(inner, ({ id }) => 4 * elements(shapes.get(id) ?? []));
    for (const [i, part] of parts.entries()) {
      const outputs = [...(i === parts.length - 1 ? graph.outputs : []), ...part.map(named)];
      const pruned = runPasses({ ...network, graph: { ...graph, outputs } }, []);
      const file = writeOnnx(pruned, quantization === undefined ? {} : { form: quantizedForm(quantization) });
      const given = { ...(threads === undefined ? {} : { threads }), ...(signal === undefined ? {} : { signal }) };
      started.push(await createEngine('onnxruntime', file, { device: 'cpu', ...given }));
    }
    return started;
  }

  return {
    async run(input, visit) {
      for (const { value } of inputs) visit(value.id, input);
      const name = graph.inputs[0]?.name ?? 'input';
      let own: Tensors = {};
      engines ??= start(input);
      for (const engine of await engines) {
        const outputs = await engine.run({ [name]: input }, signal === undefined ? {} : { signal });
        for (const { id } of inner) {
          const value = outputs[nameOf(id)];
          if (value !== undefined) visit(id, value);
        }
        own = outputs;
      }
      return Object.fromEntries(graph.outputs.flatMap(({ name: key }) => (own[key] ? [[key, own[key]]] : [])));
    },
    async [Symbol.asyncDispose]() {
      for (const engine of (await engines?.catch(() => [])) ?? []) await engine[Symbol.asyncDispose]();
    },
  };
}

function nameOf(id: number): string {
  return `value_${id}`;
}

function named(value: Value): NamedValue {
  return { name: nameOf(value.id), value };
}

/** Runs of values of at most `MOST_BYTES`, at least one run. */
function portions(values: readonly Value[], bytes: (value: Value) => number): readonly (readonly Value[])[] {
  const parts: Value[][] = [[]];
  let sum = 0;
  for (const value of values) {
    const own = bytes(value);
    if (sum > 0 && sum + own > MOST_BYTES) {
      parts.push([]);
      sum = 0;
    }
    parts.at(-1)?.push(value);
    sum += own;
  }
  return parts;
}

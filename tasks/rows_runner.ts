/** Runs a detector that gives its candidates out as rows, and tells decoding the sizes of the maps that they come from. */
import { type Shape, type Tensor, tensor } from '../core/tensor.js';
import { SIZES } from '../decoding/candidate_rows.js';
import type { Graph } from '../graph/graph.js';
import { evaluateShapes } from '../graph/shapes.js';
import type { Runner } from './network_runs.js';

/** Sizes of input that are remembered: pictures of a folder have few. */
const MOST_SIZES = 64;

/**
 * @param runner of the network that `topCandidates` has made.
 * @param graph of the model, with the outputs `cls<i>`.
 */
export function createRowsRunner(runner: Runner, graph: Graph): Runner {
  const known = new Map<string, Tensor>();
  const sizesAt = (shape: Shape): Tensor => {
    const key = shape.slice(2).join('x');
    const sizes = known.get(key) ?? mapSizes(graph, shape);
    if (known.size >= MOST_SIZES) known.clear();
    known.set(key, sizes);
    return sizes;
  };
  return {
    async run(inputs, options) {
      const sizes = sizesAt(inputs.input?.shape ?? []);
      return { ...(await runner.run(inputs, options)), [SIZES]: sizes };
    },
  };
}

/** @param seen by the network: of packed pixels one channel, where the model's graph has three. */
function mapSizes(graph: Graph, [n = 1, , ...sides]: Shape): Tensor {
  const channels = graph.inputs[0]?.value.channels ?? 3;
  const shapes = evaluateShapes(graph, { input: [n, channels, ...sides] });
  const sizes: number[] = [];
  for (let level = 0; ; level++) {
    const map = graph.outputs.find(({ name }) => name === `cls${level}`);
    if (map === undefined) return tensor([level, 2], Float32Array.from(sizes));
    const [, , height = 0, width = 0] = shapes.get(map.value.id) ?? [];
    sizes.push(height, width);
  }
}

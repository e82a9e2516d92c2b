import type { Shape } from '../../core/tensor.js';
import { evaluateShapes } from '../shapes.js';
import type { Pass } from './pass.js';

/**
 * The network for inputs of these shapes and no others. A runtime then knows every size before the first run, and leaves out
 * what works sizes out: ONNX Runtime makes a graph with gradients ready in a third of the time.
 * @param shapes of every input, by name.
 * @throws {LowformerError} as `evaluateShapes`, when it is applied.
 */
export function fixedInputs(shapes: Readonly<Record<string, Shape>>): Pass {
  return {
    name: 'fixed-inputs',
    apply({ graph, parameters }) {
      evaluateShapes(graph, shapes);
      const inputs = graph.inputs.map((input) => ({ ...input, shape: shapes[input.name] ?? [] }));
      return { graph: { ...graph, inputs }, parameters };
    },
  };
}

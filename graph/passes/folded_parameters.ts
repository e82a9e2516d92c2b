import { type Tensor, tensor } from '../../core/tensor.js';
import type { Graph, Network } from '../graph.js';
import type { Parameter } from '../value.js';

/** Parameters that a pass computes from others. Values are made when they are read, one tensor at a time, and not kept. */
export interface FoldedParameters {
  /** Declares a parameter; a second declaration of the same name (weights shared over levels) is the same parameter. */
  add(name: string, shape: readonly number[], value: () => Float32Array): string;
  /** The shape of a parameter, old or folded; [] where there is none. */
  shape(name: string): readonly number[];
  /** The values of a parameter, old or folded. */
  read(name: string): Tensor;
  /** The network of `graph` with these parameters beside the old ones. */
  applyTo(graph: Graph): Network;
}

export function foldedParameters({ graph: before, parameters: source }: Network): FoldedParameters {
  const declared = new Map<string, Parameter>();
  const values = new Map<string, () => Float32Array>();
  const read = (name: string): Tensor => {
    const value = values.get(name);
    const shape = declared.get(name)?.shape;
    return value === undefined || shape === undefined ? source(name) : tensor(shape, value());
  };
  return {
    add(name, shape, value) {
      declared.set(name, { name, shape, kind: 'parameter' });
      values.set(name, value);
      return name;
    },
    shape: (name) => (declared.get(name) ?? before.parameters.get(name))?.shape ?? [],
    read,
    applyTo: (graph) => ({
      graph: { ...graph, parameters: new Map([...graph.parameters, ...declared]) },
      parameters: read,
    }),
  };
}

import { elements, tensor } from '../../core/tensor.js';
import type { Graph, Network, ParameterSource } from '../graph.js';
import type { Parameter } from '../value.js';

/** Parameters that a pass computes from others. Values are made when they are read, one tensor at a time, and not kept. */
export interface FoldedParameters {
  /** Declares a parameter; a second declaration of the same name (weights shared over levels) is the same parameter. */
  add(name: string, shape: readonly number[], value: FoldedValue): string;
  /** The shape of a parameter, old or folded; [] where there is none. */
  shape(name: string): readonly number[];
  /** The values of a parameter, old or folded. */
  readonly read: ParameterSource;
  /** The network of `graph` with these parameters beside the old ones. */
  applyTo(graph: Graph): Network;
}

/** Makes the values of a folded parameter, in `into` (of just its length) or in an array of its own. */
export type FoldedValue = (into?: Float32Array) => Float32Array;

export function foldedParameters({ graph: before, parameters: source }: Network): FoldedParameters {
  const declared = new Map<string, Parameter>();
  const values = new Map<string, FoldedValue>();
  const read: ParameterSource = (name, into) => {
    const value = values.get(name);
    const shape = declared.get(name)?.shape;
    if (value === undefined || shape === undefined) return source(name, into);
    const length = elements(shape);
    return tensor(shape, into !== undefined && into.length >= length ? value(into.subarray(0, length)) : value());
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

/** What the optimiser sees of a network: its parameters, and what kind of module each belongs to. */
import { LowformerError } from '../../core/errors.js';
import type { Tensor } from '../../core/tensor.js';
import type { AnyNode, Graph } from '../../graph/graph.js';
import type { OperationName } from '../../graph/operations/index.js';

/** A parameter that is trained, in place. */
export interface TrainedParameter extends Tensor {
  /** The state_dict key. */
  readonly name: string;
  readonly module: ModuleKind;
}

/** As `paramwise_cfg` tells them apart. `depthwise`: a convolution with as many groups as it has input channels. */
export type ModuleKind = 'norm' | 'depthwise' | 'other';

/** Modules that mmengine's constructor counts as norms: batch, instance, group and layer norms. */
const NORMS: readonly OperationName[] = ['batchNorm', 'groupNorm', 'layerNorm'];

/** The kind of module of each parameter of a network (its buffers left out), by name, in the graph's order. */
export function moduleKinds(graph: Graph): ReadonlyMap<string, ModuleKind> {
  const found = new Map<string, ModuleKind>();
  for (const node of graph.nodes) for (const name of Object.values(node.parameters)) found.set(name, kindOf(node));
  const trained = [...graph.parameters.values()].filter(({ kind }) => kind === 'parameter');
  return new Map(trained.map(({ name }) => [name, found.get(name) ?? 'other']));
}

/**
 * Parameters of a network with their values, for an optimiser.
 * @param values by name; changed in place by it.
 * @param isTrained whether a parameter is: those of frozen stages are not.
 * @throws {LowformerError} `invalid-argument` for a trained parameter without values.
 */
export function trainedParameters(
  graph: Graph,
  values: ReadonlyMap<string, Tensor>,
  isTrained: (name: string) => boolean = () => true,
): readonly TrainedParameter[] {
  return [...moduleKinds(graph)].flatMap(([name, module]) => {
    if (!isTrained(name)) return [];
    const value = values.get(name);
    if (value !== undefined) return [{ name, module, shape: value.shape, data: value.data }];
    throw new LowformerError({ code: 'invalid-argument', where: name, expected: 'values of this parameter' });
  });
}

function kindOf(node: AnyNode): ModuleKind {
  if (NORMS.includes(node.operation)) return 'norm';
  if (node.operation !== 'conv') return 'other';
  return node.inputs[0]?.channels === node.attributes.groups ? 'depthwise' : 'other';
}

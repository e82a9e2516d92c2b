import type { AnyNode, Network } from '../graph.js';
import type { Value } from '../value.js';
import { parameterOf } from './parameter_of.js';
import type { Pass } from './pass.js';
import { unitWeight } from './unit_convolution.js';

/** Convolutions that change nothing are left out: what they are there for, float maps in blocks of channels, bytes have not. */
export const dropUnitConvolutions: Pass = { name: 'drop-unit-convolutions', apply };

function apply({ graph, ...network }: Network): Network {
  const before = new Map<number, Value>();
  const read = (value: Value): Value => before.get(value.id) ?? value;
  const nodes = graph.nodes.flatMap((node): readonly AnyNode[] => {
    const inputs = node.inputs.map(read);
    if (!changesNothing(node) || inputs[0] === undefined) return [{ ...node, inputs }];
    before.set(node.output.id, inputs[0]);
    return [];
  });
  const outputs = graph.outputs.map((output) => ({ ...output, value: read(output.value) }));
  return { ...network, graph: { ...graph, nodes, outputs } };
}

function changesNothing(node: AnyNode): boolean {
  if (node.operation !== 'conv' || node.attributes.bias) return false;
  return parameterOf(node, 'weight') === unitWeight(node.output.channels);
}

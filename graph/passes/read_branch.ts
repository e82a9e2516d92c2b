import { type AnyNode, countUses, type Graph, type GraphNode, type ParameterSource } from '../graph.js';
import type { Value } from '../value.js';
import { type AffineOf, convolutionBranch, diagonalBranch, type LinearBranch } from './linear_branch.js';
import { type Affine, normAffine } from './norm_affine.js';
import { parameterOf } from './parameter_of.js';

type Diagonal = GraphNode<'batchNorm'> | GraphNode<'scale'> | GraphNode<'channelScale'>;

/**
 * Reads a term of a sum as a linear branch: a convolution that nothing else reads, batch norms and factors that nothing
 * else reads, or, of everything else, the value itself.
 */
export function branchReader(graph: Graph, read: ParameterSource): (term: Value) => LinearBranch {
  const uses = countUses(graph);
  const producers = new Map<number, AnyNode>(graph.nodes.map((node) => [node.output.id, node]));
  const onlyReadHere = (value: Value) => (uses.get(value.id) === 1 ? producers.get(value.id) : undefined);

  function affineOf(value: Value): AffineOf {
    const node = onlyReadHere(value);
    const [inner] = node?.inputs ?? [];
    if (node === undefined || inner === undefined || !isDiagonal(node)) return identity(value);
    const before = affineOf(inner);
    return {
      input: before.input,
      source: `${before.source} ${described(node)}`,
      shifts: before.shifts || node.operation === 'batchNorm',
      affine: () => after(before.affine(), node, read),
    };
  }

  return (term) => {
    const node = onlyReadHere(term);
    const [input] = node?.inputs ?? [];
    if (node?.operation !== 'conv' || input === undefined) return diagonalBranch(term, affineOf(term));
    const { attributes } = node;
    const { weight = '', bias } = node.parameters;
    return convolutionBranch({
      term,
      input,
      attributes,
      source: described(node),
      weight: () => read(weight).data,
      bias: () => (bias === undefined ? [] : read(bias).data),
    });
  };
}

function identity(value: Value): AffineOf {
  const affine = () => ({ gain: new Float64Array(value.channels).fill(1), shift: new Float64Array(value.channels) });
  return { input: value, source: 'input', shifts: false, affine };
}

/** The same for nodes that compute the same from the same parameters. */
function described({ operation, parameters, attributes }: AnyNode): string {
  return JSON.stringify([operation, parameters, attributes]);
}

function isDiagonal(node: AnyNode): node is Diagonal {
  return node.operation === 'batchNorm' || node.operation === 'scale' || node.operation === 'channelScale';
}

/** What comes of `before` in a node: (x * g + s) * gain + shift. */
function after({ gain, shift }: Affine, node: Diagonal, read: ParameterSource): Affine {
  const own = affineOfNode(node, gain.length, read);
  return {
    gain: gain.map((g, i) => g * (own.gain[i] ?? 0)),
    shift: shift.map((s, i) => s * (own.gain[i] ?? 0) + (own.shift[i] ?? 0)),
  };
}

function affineOfNode(node: Diagonal, channels: number, read: ParameterSource): Affine {
  switch (node.operation) {
    case 'batchNorm':
      return normAffine(node, read);
    case 'scale':
      return { gain: new Float64Array(channels).fill(node.attributes.factor), shift: new Float64Array(channels) };
    case 'channelScale':
      return { gain: Float64Array.from(read(parameterOf(node, 'gamma')).data), shift: new Float64Array(channels) };
  }
}

import { elements } from '../../core/tensor.js';
import { type AnyNode, countUses, type Graph, type GraphNode, type Network } from '../graph.js';
import type { ConvAttributes } from '../operations/convolution.js';
import type { Value } from '../value.js';
import { type FoldedParameters, foldedParameters } from './folded_parameters.js';
import { firstUnusedId } from './fresh_values.js';
import { addWeight, type Footprint, joined, type LinearBranch } from './linear_branch.js';
import type { Pass } from './pass.js';
import { branchReader } from './read_branch.js';

/** Branches that one convolution can stand for. */
interface Group {
  readonly whole: Footprint;
  readonly branches: readonly [LinearBranch, ...LinearBranch[]];
}

/**
 * Every sum of convolutions of one input becomes one convolution, where that costs no more multiply-accumulates than
 * they do apart: smaller kernels join larger ones; batch norms, factors and the plain input join as depthwise 1x1 ones.
 */
export const mergeBranches: Pass = { name: 'merge-branches', apply };

function apply(network: Network): Network {
  const { graph } = network;
  const folded = foldedParameters(network);
  const branchOf = branchReader(graph, folded.read);
  const parametersOf = mergedParameters(folded);
  let nextId = firstUnusedId(graph);

  /** The sum with one convolution for each group of several branches; what these consisted of is dead then. */
  function rebuilt({ output, scope }: AnyNode, groups: readonly Group[]): readonly AnyNode[] {
    const fresh = (): Value => ({ ...output, id: nextId++ });
    const convolutions: GraphNode<'conv'>[] = [];
    const [first = output, ...others] = groups.map(({ whole: { input, attributes }, branches }) => {
      if (branches.length === 1) return branches[0].term;
      const value = groups.length === 1 ? output : fresh();
      const parameters = parametersOf(scope, attributes, branches);
      convolutions.push({ operation: 'conv', attributes, inputs: [input], output: value, parameters, scope });
      return value;
    });
    let sum = first;
    const additions = others.map((value, i): GraphNode<'add'> => {
      const inputs = [sum, value];
      sum = i === others.length - 1 ? output : fresh();
      return { operation: 'add', attributes: {}, inputs, output: sum, parameters: {}, scope };
    });
    return [...convolutions, ...additions];
  }

  const nodes = sumsOf(graph).flatMap(({ node, terms }) => {
    const groups = groupsOf(terms.map(branchOf));
    return groups.length === terms.length ? [node] : rebuilt(node, groups);
  });
  return folded.applyTo({ ...graph, nodes });
}

/** Every node, with the terms of the sum of maps that it ends, in order; none where it ends no sum. */
function sumsOf(graph: Graph): readonly { readonly node: AnyNode; readonly terms: readonly Value[] }[] {
  const uses = countUses(graph);
  const isSum = ({ operation, output }: AnyNode) => operation === 'add' && output.kind === 'map';
  const sums = new Map(graph.nodes.filter(isSum).map((node) => [node.output.id, node]));
  /** The addition that makes a value which nothing but another addition reads. */
  const part = (value: Value) => (uses.get(value.id) === 1 ? sums.get(value.id) : undefined);
  const parts = new Set([...sums.values()].flatMap(({ inputs }) => inputs.flatMap((value) => part(value) ?? [])));
  const termsOf = (value: Value): readonly Value[] => part(value)?.inputs.flatMap(termsOf) ?? [value];
  return graph.nodes.map((node) => ({
    node,
    terms: isSum(node) && !parts.has(node) ? node.inputs.flatMap(termsOf) : [],
  }));
}

/** Convolutions first, so that what costs nothing apart finds one to join. */
function groupsOf(branches: readonly LinearBranch[]): readonly Group[] {
  const ordered = [...branches.filter(({ cost }) => cost > 0), ...branches.filter(({ cost }) => cost === 0)];
  const groups: Group[] = [];
  for (const branch of ordered) {
    const wholes = groups.map((group) => joined(group.whole, branch));
    const at = wholes.findIndex((whole) => whole !== undefined);
    const [group, whole] = [groups[at], wholes[at]];
    if (group === undefined || whole === undefined) groups.push({ whole: branch, branches: [branch] });
    else groups[at] = { whole, branches: [...group.branches, branch] };
  }
  return groups;
}

type MergedParameters = (
  scope: string,
  whole: ConvAttributes,
  branches: Group['branches'],
) => Readonly<Record<string, string>>;

/** Declares weights and biases of merged convolutions; heads that run the same branches over every level share them. */
function mergedParameters(folded: FoldedParameters): MergedParameters {
  const known = new Map<string, Readonly<Record<string, string>>>();
  return (scope, whole, branches) => {
    const sources = branches.map(({ source }) => source).join();
    const found = known.get(sources);
    if (found !== undefined) return found;
    const name = unusedName(folded, scope);
    const shape = [whole.out, branches[0].input.channels / whole.groups, whole.kernel, whole.kernel];
    const weight = folded.add(`${name}_weight`, shape, (into = new Float32Array(elements(shape))) => {
      into.fill(0);
      for (const branch of branches) addWeight(into, whole, branch);
      return into;
    });
    const bias = whole.bias ? { bias: folded.add(`${name}_bias`, [whole.out], () => sumOfBiases(branches)) } : {};
    known.set(sources, { weight, ...bias });
    return { weight, ...bias };
  };
}

function sumOfBiases(branches: readonly LinearBranch[]): Float32Array {
  const biases = branches.filter(({ attributes }) => attributes.bias).map(({ bias }) => bias());
  return Float32Array.from(biases[0] ?? [], (_, i) => biases.reduce((sum, bias) => sum + (bias[i] ?? 0), 0));
}

/** What no parameter of the scope is called yet. */
function unusedName(folded: FoldedParameters, scope: string): string {
  for (let i = 1; ; i++) {
    const name = [scope, i === 1 ? 'merged' : `merged_${i}`].filter((part) => part !== '').join('.');
    if (folded.shape(`${name}_weight`).length === 0) return name;
  }
}

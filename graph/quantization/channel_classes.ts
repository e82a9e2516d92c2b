import type { AnyNode, Graph } from '../graph.js';
import { isWeighted, type Weighted } from '../passes/output_gain.js';
import { parameterOf } from '../passes/parameter_of.js';
import type { Value } from '../value.js';

/** A weight of a convolution or a linear layer, and to which classes its channels belong. */
export interface WeightedLayer {
  /** Name of the weight; one that several levels of a pyramid share is one layer. */
  readonly weight: string;
  readonly transposed: boolean;
  readonly groups: number;
  /** The class of each input channel. */
  readonly inputs: Int32Array;
  /** The class of each output channel. */
  readonly outputs: Int32Array;
}

/** Which channels of a graph's values must be scaled alike, as classes numbered from 0. */
export interface ChannelClasses {
  readonly count: number;
  /** Whether a class may be scaled at all; 1 or 0. Not what goes in or comes out, nor what no homogeneous operation reads. */
  readonly free: Uint8Array;
  readonly layers: readonly WeightedLayer[];
  /** The class of each element of a bias, by the bias's name. */
  readonly biases: ReadonlyMap<string, Int32Array>;
}

/**
 * Partitions the channels of all values of a graph by what has to be scaled together, so that the outputs stay as they
 * are: a positive factor passes through f where f(s x) = s f(x). A convolution or a linear layer takes up one factor for
 * each input channel and makes another of each output channel, so it parts classes; a sum joins those of its terms, and a
 * weight that is used more than once those of all its uses.
 */
export function channelClasses(graph: Graph): ChannelClasses {
  const sets = disjointSets();
  const starts = new Map<number, number>();
  const layers = new Map<string, { readonly node: Weighted; readonly input: number; readonly output: number }>();
  const biases = new Map<string, { readonly start: number; readonly length: number }>();
  const foreign = new Set<string>();

  const startOf = ({ id, channels }: Value): number => {
    const known = starts.get(id);
    if (known !== undefined) return known;
    const start = sets.add(channels);
    starts.set(id, start);
    return start;
  };
  const pin = (value: Value) => sets.pin(startOf(value), value.channels);
  /** `length` channels of one value from `from` on are those of the other from its `to` on. */
  const join = (a: Value, b: Value, from = 0, to = 0, length = Math.min(a.channels - from, b.channels - to)) =>
    sets.join(startOf(a) + from, startOf(b) + to, length);

  function weigh(node: Weighted, input: Value): void {
    const weight = parameterOf(node, 'weight');
    const known = layers.get(weight);
    if (known === undefined) {
      layers.set(weight, { node, input: startOf(input), output: startOf(node.output) });
    } else if (known.node.operation === node.operation && groupsOf(known.node) === groupsOf(node)) {
      sets.join(known.input, startOf(input), input.channels);
      sets.join(known.output, startOf(node.output), node.output.channels);
    } else {
      foreign.add(weight);
      pin(input);
      pin(node.output);
    }
    const bias = node.parameters.bias;
    if (bias === undefined) return;
    const start = biases.get(bias)?.start;
    if (start === undefined) biases.set(bias, { start: startOf(node.output), length: node.output.channels });
    else sets.join(start, startOf(node.output), node.output.channels);
  }

  for (const { value } of [...graph.inputs, ...graph.outputs]) pin(value);
  for (const node of graph.nodes) {
    const [x, y] = node.inputs;
    if (x !== undefined && isWeighted(node)) {
      weigh(node, x);
      continue;
    }
    for (const name of Object.values(node.parameters)) foreign.add(name);
    const way = passage(node);
    if (x === undefined || way === 'none') {
      for (const value of [...node.inputs, node.output]) pin(value);
    } else if (way === 'concatenated') {
      join(x, node.output);
      if (y !== undefined) join(y, node.output, 0, x.channels);
    } else {
      join(x, node.output);
      if (way === 'first' || y === undefined) continue;
      if (way === 'sum') join(y, node.output);
      // Factors of a gate: the map that they gate alone is scaled.
      else pin(y);
    }
  }
  for (const [name, { fed }] of graph.parameters) if (fed) foreign.add(name);
  for (const [weight, { node, input, output }] of layers) {
    if (!foreign.has(weight)) continue;
    sets.pin(input, node.inputs[0]?.channels ?? 0);
    sets.pin(output, node.output.channels);
  }
  for (const [bias, { start, length }] of biases) if (foreign.has(bias)) sets.pin(start, length);

  const classes = sets.number();
  return {
    ...classes,
    layers: [...layers].map(([weight, { node, input, output }]) => ({
      weight,
      transposed: node.operation === 'convTranspose',
      groups: groupsOf(node),
      inputs: classes.of.slice(input, input + (node.inputs[0]?.channels ?? 0)),
      outputs: classes.of.slice(output, output + node.output.channels),
    })),
    biases: new Map([...biases].map(([name, { start, length }]) => [name, classes.of.slice(start, start + length)])),
  };
}

function groupsOf(node: Weighted): number {
  return node.operation === 'linear' ? 1 : node.attributes.groups;
}

/**
 * How a factor of each channel passes through an operation: as that of its first input (where a second one says a size,
 * or nothing), as one that both terms of a sum share, side by side, as that of a map beside which a gate has none; or not.
 */
function passage({ operation }: AnyNode): 'first' | 'sum' | 'concatenated' | 'gated' | 'none' {
  switch (operation) {
    case 'relu':
    case 'scale':
    case 'channelScale':
    case 'learnedScale':
    case 'maxPool':
    case 'averagePool':
    case 'averageAround':
    case 'averageToPixel':
    case 'globalAveragePool':
    case 'adaptiveMaxPoolLike':
    case 'resizeNearest':
    case 'resizeBilinear':
    case 'resizeNearestLike':
    case 'resizeBilinearLike':
    case 'cropLike':
    case 'padToMultiple':
      return 'first';
    case 'add':
    case 'subtract':
      return 'sum';
    case 'concatenate':
      return 'concatenated';
    case 'gate':
      return 'gated';
    default:
      return 'none';
  }
}

/** Sets of numbers from 0 on, joined and pinned range by range. */
function disjointSets() {
  const parent: number[] = [];
  const pinned: boolean[] = [];
  const root = (at: number): number => {
    let top = at;
    for (let next = parent[top] ?? top; next !== top; next = parent[top] ?? top) top = next;
    for (let i = at; i !== top; ) {
      const next = parent[i] ?? top;
      parent[i] = top;
      i = next;
    }
    return top;
  };
  return {
    /** @returns the first of `length` new sets. */
    add(length: number): number {
      const start = parent.length;
      for (let i = 0; i < length; i++) {
        parent.push(start + i);
        pinned.push(false);
      }
      return start;
    },
    pin(start: number, length: number): void {
      for (let i = 0; i < length; i++) pinned[root(start + i)] = true;
    },
    join(a: number, b: number, length: number): void {
      for (let i = 0; i < length; i++) {
        const [first, second] = [root(a + i), root(b + i)];
        parent[second] = first;
        if (pinned[second]) pinned[first] = true;
      }
    },
    /** Numbers the sets: that of each element, and whether it was never pinned. */
    number() {
      const numbers = new Map<number, number>();
      const of = Int32Array.from(parent, (_, i) => {
        const top = root(i);
        const number = numbers.get(top) ?? numbers.size;
        numbers.set(top, number);
        return number;
      });
      return { of, count: numbers.size, free: Uint8Array.from(numbers.keys(), (top) => (pinned[top] ? 0 : 1)) };
    },
  };
}

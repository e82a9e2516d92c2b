/**
 * The box tower of a one-stage detector, apart from the rest of its network. Its convolutions run at every pixel of every
 * level, and what they say is read where the class scores are high: a few hundred pixels. So the rest runs first, and the
 * tower then where it is read (`convAt`).
 */
import { LowformerError } from '../core/errors.js';
import type { AnyNode, Graph, GraphInput, GraphNode, NamedValue, Network } from './graph.js';
import { countUses } from './graph.js';
import { paddingOf } from './operations/convolution.js';
import type { Value } from './value.js';

/** One convolution of a tower. */
export interface TowerLayer {
  readonly kernel: number;
  /** Channels that it reads, and that it makes. */
  readonly channels: number;
  readonly out: number;
}

/** A level that a tower runs over. */
export interface TowerLevel {
  /** The network's output that the tower makes, and what it makes it of. */
  readonly output: NamedValue;
  readonly map: NamedValue;
}

/** Convolutions of the same weights over every level, each reading nothing but what the one before made. */
export interface Tower {
  readonly layers: readonly TowerLayer[];
  readonly levels: readonly TowerLevel[];
  /** Those of all levels, in the graph's order. */
  readonly nodes: readonly AnyNode[];
}

/**
 * The tower whose outputs are `reg0`, `reg1`, … of a network, before or after passes: convolutions of stride 1 that keep the
 * size of the map, batch norms and ReLUs, with the same weights at every level, that nothing else reads. A group norm is no
 * part of one: it reads the whole map.
 * @returns undefined where the network has none.
 */
export function findTower(graph: Graph): Tower | undefined {
  const outputs = graph.outputs.filter(({ name }) => /^reg\d+$/.test(name));
  const uses = countUses(graph);
  const makers = new Map(graph.nodes.map((node) => [node.output.id, node]));
  const chains = outputs.map((output) => fromConvolution(chainOf(output.value, makers, uses)));
  const [first] = chains;
  if (first === undefined || first.length === 0) return undefined;
  if (chains.some((chain) => weightsOf(chain) !== weightsOf(first))) return undefined;
  const levels = outputs.map((output, i): TowerLevel => {
    const value = chains[i]?.[0]?.inputs[0] ?? output.value;
    return { output, map: { name: `map${i}`, value } };
  });
  const inside = new Set(chains.flat());
  const layers = first.flatMap((node) => layerOf(node) ?? []);
  return { layers, levels, nodes: graph.nodes.filter((node) => inside.has(node)) };
}

/** The nodes that make a value of one map, from the first on. */
function chainOf(
  value: Value,
  makers: ReadonlyMap<number, AnyNode>,
  uses: ReadonlyMap<number, number>,
): readonly AnyNode[] {
  const node = makers.get(value.id);
  const [input] = node?.inputs ?? [];
  if (node === undefined || input === undefined || uses.get(value.id) !== 1 || !atPixelsAlone(node)) return [];
  return [...chainOf(input, makers, uses), node];
}

function atPixelsAlone(node: AnyNode): boolean {
  if (node.operation === 'relu' || node.operation === 'batchNorm') return true;
  return layerOf(node) !== undefined;
}

/** The chain from where each of its norms has its convolution before it, which it will be folded into. */
function fromConvolution(chain: readonly AnyNode[]): readonly AnyNode[] {
  const stray = chain.findLastIndex(
    ({ operation }, i) => operation === 'batchNorm' && chain[i - 1]?.operation !== 'conv',
  );
  const rest = chain.slice(stray + 1);
  const first = rest.findIndex(({ operation }) => operation === 'conv');
  return first < 0 ? [] : rest.slice(first);
}

/** The convolution of a tower that a node is; undefined for other nodes. */
function layerOf(node: AnyNode): TowerLayer | undefined {
  if (node.operation !== 'conv') return undefined;
  const { kernel, stride, groups, dilation = 1, out } = node.attributes;
  const [before, after] = paddingOf(node.attributes);
  const keepsSize = kernel % 2 === 1 && before === kernel >> 1 && after === before;
  if (stride !== 1 || groups !== 1 || dilation !== 1 || !keepsSize) return undefined;
  return { kernel, channels: node.inputs[0]?.channels ?? 0, out };
}

/** The same for chains that make the same of the same. */
function weightsOf(chain: readonly AnyNode[]): string {
  return JSON.stringify(chain.map(({ operation, attributes, parameters }) => [operation, attributes, parameters]));
}

/** Multiply-accumulates of a tower for one pixel of its output. */
export function towerMacs({ layers }: Tower): number {
  return layers.reduce((sum, layer) => sum + layerMacs(layer), 0);
}

/** Multiply-accumulates of one convolution at one pixel. */
export function layerMacs({ kernel, channels, out }: TowerLayer): number {
  return kernel ** 2 * channels * out;
}

/** The network without its tower: its other outputs, and the maps that the tower reads, `map0` and on. */
export function withoutTower(graph: Graph, { levels }: Tower): Graph {
  const own = new Set(levels.map(({ output }) => output.name));
  const outputs = [...graph.outputs.filter(({ name }) => !own.has(name)), ...levels.map(({ map }) => map)];
  return { ...graph, outputs };
}

/** The tower alone, everywhere: from `map0` [N, C, H, W] and on to `reg0` and on. */
export function towerAlone({ parameters }: Graph, { levels, nodes }: Tower): Graph {
  const read = new Set(nodes.flatMap((node) => Object.values(node.parameters)));
  return {
    inputs: levels.map(({ map }): GraphInput => map),
    outputs: levels.map(({ output }) => output),
    nodes,
    parameters: new Map([...parameters].filter(([name]) => read.has(name))),
  };
}

/** The input of a tower at pixels that says where the windows of its layer `i` are. */
export function placesName(layer: number): string {
  return `places${layer}`;
}

/**
 * What `towerAlone` made, once batch norms are folded, at some pixels of any level: inputs `pixels` [R, C], and for every
 * layer its places as `convAt` has them, `places0` [M0, k * k] and on, where M0 pixels are what layer 1 reads; the output
 * `boxes` [M, out].
 * @throws {LowformerError} `invalid-graph` where something else than convolutions and ReLUs is left.
 */
export function towerAtPixels({ graph, parameters }: Network): Network {
  const tower = findTower(graph);
  const [level] = tower?.levels ?? [];
  if (tower === undefined || level === undefined) throw noTower(graph.nodes.map(({ operation }) => operation));
  let id = 0;
  const vector = (channels: number): Value => ({ id: id++, kind: 'vector', channels });
  const inputs: GraphInput[] = [{ name: 'pixels', value: vector(level.map.value.channels) }];
  const nodes: AnyNode[] = [];
  let last = inputs[0]?.value;
  const makers = new Map(graph.nodes.map((node) => [node.output.id, node]));
  for (const node of chainOf(level.output.value, makers, countUses(graph))) {
    if (last === undefined) break;
    const output = vector(node.output.channels);
    if (node.operation === 'relu') nodes.push({ ...node, inputs: [last], output });
    else if (node.operation === 'conv') {
      const { out, kernel, bias } = node.attributes;
      const places = { name: placesName(inputs.length - 1), value: vector(kernel ** 2) };
      const attributes = { out, kernel, bias };
      const at: GraphNode<'convAt'> = {
        ...node,
        operation: 'convAt',
        attributes,
        inputs: [last, places.value],
        output,
      };
      inputs.push(places);
      nodes.push(at);
    } else throw noTower([node.operation]);
    last = output;
  }
  const outputs = last === undefined ? [] : [{ name: 'boxes', value: last }];
  const read = new Set(nodes.flatMap((node) => Object.values(node.parameters)));
  return {
    graph: { inputs, outputs, nodes, parameters: new Map([...graph.parameters].filter(([name]) => read.has(name))) },
    parameters,
  };
}

function noTower(received: readonly string[]): LowformerError {
  const expected = 'convolutions and ReLUs of one tower';
  return new LowformerError({ code: 'invalid-graph', where: 'graph', expected, received });
}

/** Which operations of a network are done on bytes, and which values are bytes between them. */
import { type AnyNode, countUses, type Graph } from '../graph.js';
import type { OperationName } from '../operations/index.js';
import { layerName } from './layer_names.js';

export interface QuantizationPlan {
  /** Nodes on bytes, by the id of their output before what is fused with them: the output of a convolution. */
  readonly int8: ReadonlySet<number>;
  /** Of these, those that move bytes and leave them as they are. */
  readonly movers: ReadonlySet<number>;
  /** What belongs to a node on bytes: the output of a convolution, and the output of the ReLU behind it. */
  readonly fused: ReadonlyMap<number, number>;
  /** Values that are bytes, each with the number of its group: those of one group have one code. */
  readonly groups: ReadonlyMap<number, number>;
  /** Values that HardSwish alone reads: it makes 0 of what is less than -3. */
  readonly beforeHardswish: ReadonlySet<number>;
}

export interface PlanOptions {
  /** Names of layers (`layerName`) that stay float. */
  readonly float?: ReadonlySet<string>;
}

/** Done on bytes by themselves: their inputs need not come as such. */
const WEIGHTED: ReadonlySet<OperationName> = new Set(['conv', 'linear']);
/** Bytes stay as they are, so that inputs and output have one code. */
const MOVERS: ReadonlySet<OperationName> = new Set([
  'maxPool',
  'resizeNearest',
  'resizeNearestLike',
  'cropLike',
  'concatenate',
  'depthToSpace',
  'borderRing',
  'borderCorrection',
]);
/** On bytes where what they read is made of such, with a new code. */
const FOLLOWERS: ReadonlySet<OperationName> = new Set(['add', 'averageToPixel', 'hardswish']);
/** Fused into what is before them, where nothing else reads that. */
const FUSED: ReadonlySet<OperationName> = new Set(['relu', 'relu6']);

/** The operations that may be done on bytes; all others stay float. */
export function canBeQuantized(node: AnyNode): boolean {
  return [WEIGHTED, MOVERS, FOLLOWERS].some((set) => set.has(node.operation)) || FUSED.has(node.operation);
}

/**
 * Decides over a deployed network. Convolutions and linear layers are done on bytes, all but those in `float`; additions, HardSwish
 * and what moves pixels where their inputs come from such. What such a node reads and makes is bytes; a ReLU behind it belongs to
 * it, so that the bytes are those of the ReLU's result.
 */
export function planQuantization(graph: Graph, { float = new Set() }: PlanOptions = {}): QuantizationPlan {
  const uses = countUses(graph);
  const readers = new Map<number, AnyNode[]>();
  for (const node of graph.nodes) {
    for (const { id } of node.inputs) readers.set(id, [...(readers.get(id) ?? []), node]);
  }
  const outputs = new Set(graph.outputs.map(({ value }) => value.id));
  const int8 = new Set<number>();
  const movers = new Set<number>();
  /** Values that a node on bytes made, after what is fused with it. */
  const made = new Set<number>();
  /** A value before a fused node, and the value after it. */
  const fused = new Map<number, number>();
  const corrected = new Set<number>();
  const union = unionOf();

  for (const node of graph.nodes) {
    if (fused.has(node.inputs[0]?.id ?? -1) && FUSED.has(node.operation)) continue;
    if (float.has(layerName(node))) continue;
    // Correcting a border comes before the ReLU behind it, which is then done on bytes by itself.
    const cuts = FUSED.has(node.operation) && corrected.has(node.inputs[0]?.id ?? -1);
    const moves = MOVERS.has(node.operation) || cuts;
    if (!(WEIGHTED.has(node.operation) || cuts || follows(node, made))) continue;
    if (node.operation === 'borderCorrection') corrected.add(node.output.id);
    int8.add(node.output.id);
    const [only, ...others] = readers.get(node.output.id) ?? [];
    const isFused =
      !moves &&
      only !== undefined &&
      others.length === 0 &&
      FUSED.has(only.operation) &&
      uses.get(node.output.id) === 1;
    if (isFused) fused.set(node.output.id, only.output.id);
    const result = isFused ? only.output.id : node.output.id;
    made.add(result);
    if (!moves) continue;
    movers.add(node.output.id);
    for (const { id } of sourcesOf(node)) union.join(id, result);
  }

  const groups = new Map<number, number>();
  for (const node of graph.nodes) {
    if (!int8.has(node.output.id)) continue;
    for (const { id } of sourcesOf(node)) groups.set(id, union.find(id));
    const result = fused.get(node.output.id) ?? node.output.id;
    groups.set(result, union.find(result));
  }
  const beforeHardswish = new Set<number>();
  for (const id of groups.keys()) {
    const all = readers.get(id) ?? [];
    if (all.length > 0 && !outputs.has(id) && all.every(({ operation }) => operation === 'hardswish'))
      beforeHardswish.add(id);
  }
  return { int8, movers, fused, groups, beforeHardswish };
}

/** Whether a node without weights is done on bytes: all of its sources are, or of a sum at least one. */
function follows(node: AnyNode, made: ReadonlySet<number>): boolean {
  if (node.operation === 'add') return node.inputs.some(({ id }) => made.has(id));
  return (
    (MOVERS.has(node.operation) || FOLLOWERS.has(node.operation)) && sourcesOf(node).every(({ id }) => made.has(id))
  );
}

/** What makes one map as large as another, and what changes few pixels of one: the second input is no bytes, or of a code of its own. */
const OF_FIRST: ReadonlySet<OperationName> = new Set(['resizeNearestLike', 'cropLike', 'borderCorrection']);

/** The inputs that share a node's bytes, or are made such for it. */
function sourcesOf({ operation, inputs }: AnyNode): AnyNode['inputs'] {
  return OF_FIRST.has(operation) ? inputs.slice(0, 1) : inputs;
}

/** Sets of numbers that are joined. */
function unionOf() {
  const parents = new Map<number, number>();
  const find = (id: number): number => {
    const parent = parents.get(id);
    return parent === undefined || parent === id ? id : find(parent);
  };
  return {
    find,
    join(a: number, b: number): void {
      const [first, second] = [find(a), find(b)];
      if (first !== second) parents.set(Math.max(first, second), Math.min(first, second));
    },
  };
}

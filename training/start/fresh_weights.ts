/** A network's values before training: as OpenMMLab and torch fill each module, seeded. */
import type { CheckpointFacts } from '../../core/checkpoint_facts.js';
import type { InitCfg, InitOverride } from '../../core/init_cfg.js';
import { elements, type Shape, type Tensor, tensor } from '../../core/tensor.js';
import type { AnyNode, Graph } from '../../graph/graph.js';
import type { OperationName } from '../../graph/operations/index.js';
import { initialValue } from '../../weights/initialise.js';
import { biasFilling, constant, type Filling, filledWith, torchFilling, weightFilling } from './fillings.js';

/** Of a part of the network: what fills it in place of its own way. */
export interface WrittenStart {
  /** `backbone.`, `neck.0.`; empty for the whole network. */
  readonly prefix: string;
  readonly rules: readonly InitCfg[];
}

/** torch's classes of the modules whose operations these are, each with the names by which mmengine's `layer` finds it. */
const CLASSES: Partial<Record<OperationName, readonly string[]>> = {
  conv: ['Conv2d', '_ConvNd'],
  convTranspose: ['ConvTranspose2d', '_ConvTransposeNd'],
  linear: ['Linear'],
  batchNorm: ['BatchNorm2d', '_BatchNorm', 'BN', 'SyncBatchNorm'],
  groupNorm: ['GroupNorm'],
  layerNorm: ['LayerNorm'],
};

/** Every name that `layer` may have here. */
export const KNOWN_LAYERS: readonly string[] = Object.values(CLASSES).flat();

/**
 * @returns values of a parameter by its name. What a part says of single parameters comes first (layer scales, the biases of
 *   classifiers), then the last rule that its module is filled by, then torch's own start: uniform in ±1/sqrt(fan in) for
 *   weights and biases of convolutions and linear layers, norms the identity.
 */
export function freshWeights(
  network: { readonly wholeGraph: Graph; readonly checkpointFacts: readonly CheckpointFacts[] },
  seed: number,
  written: readonly WrittenStart[] = [],
): (name: string, shape: Shape) => Tensor {
  const nodes = new Map(
    network.wholeGraph.nodes.flatMap((node) => {
      return Object.entries(node.parameters).map(([role, name]) => [name, { role, node }] as const);
    }),
  );
  const { parameters } = network.wholeGraph;
  return (name, shape) => {
    const facts = network.checkpointFacts.find(({ prefix }) => name.startsWith(prefix));
    const found = nodes.get(name);
    const own = facts?.initial(name.slice(facts.prefix.length), shape);
    if (own !== undefined) return tensor(shape, ofPart(own, shape));
    if (found === undefined || parameters.get(name)?.kind === 'buffer') return tensor(shape, initialValue(name, shape));
    const weight = parameters.get(found.node.parameters.weight ?? '')?.shape ?? shape;
    const filling = fillingOf(found.node, found.role, name, { shape, weight, written, facts });
    return tensor(shape, filling === undefined ? initialValue(name, shape) : filledWith(filling, name, shape, seed));
  };
}

function ofPart(own: Float32Array | number, shape: Shape): Float32Array {
  return typeof own === 'number' ? new Float32Array(elements(shape)).fill(own) : own;
}

interface Place {
  readonly shape: Shape;
  /** Of the weight beside a bias. */
  readonly weight: Shape;
  readonly written: readonly WrittenStart[];
  readonly facts: CheckpointFacts | undefined;
}

/** torch's `MultiheadAttention` has one weight for queries, keys and values; positions are as PVT's authors fill them. */
const ALONE: Partial<Record<OperationName, InitCfg>> = {
  packedLinear: { type: 'Xavier', distribution: 'uniform' },
  positionEmbedding: { type: 'TruncNormal', std: 0.02 },
};

/** undefined for what no operation with classes has: the parameter's own way stays. */
function fillingOf(node: AnyNode, role: string, name: string, place: Place): Filling | undefined {
  const alone = ALONE[node.operation];
  if (alone !== undefined) return role === 'bias' ? constant(0) : weightFilling(alone, place.shape);
  const classes = CLASSES[node.operation];
  if (classes === undefined || (role !== 'weight' && role !== 'bias')) return undefined;
  const rule = ruleFor(classes, name, place);
  if (rule !== undefined) {
    const groups = node.operation === 'conv' ? node.attributes.groups : 1;
    return role === 'bias' ? biasFilling(rule) : weightFilling(rule, place.shape, groups);
  }
  const isNorm = node.operation === 'batchNorm' || node.operation === 'groupNorm' || node.operation === 'layerNorm';
  if (isNorm) return constant(role === 'weight' ? 1 : 0);
  return torchFilling(place.weight);
}

/** The last that fills the module: what a config writes of a part stands in place of the part's own. */
function ruleFor(
  classes: readonly string[],
  name: string,
  { written, facts }: Place,
): InitCfg | InitOverride | undefined {
  const whole = written.filter(({ prefix }) => prefix === '');
  const part = written.find(({ prefix }) => prefix !== '' && name.startsWith(prefix));
  const own = part ?? { prefix: facts?.prefix ?? '', rules: facts?.initCfg ?? [] };
  return [...whole, own]
    .flatMap(({ prefix, rules }) => rules.flatMap((rule) => matching(rule, classes, name.slice(prefix.length))))
    .at(-1);
}

function matching(rule: InitCfg, classes: readonly string[], name: string): readonly (InitCfg | InitOverride)[] {
  const overrides = rule.override === undefined ? [] : [rule.override].flat();
  const fits = ({ layer }: InitCfg | InitOverride) =>
    layer === undefined || [layer].flat().some((one) => classes.includes(one));
  return [
    ...(rule.layer !== undefined && fits(rule) ? [rule] : []),
    ...overrides.filter((override) => isOf(override.name, name) && fits(override)),
  ];
}

function isOf(module: string | RegExp, name: string): boolean {
  return typeof module === 'string' ? name.startsWith(`${module}.`) : module.test(name);
}

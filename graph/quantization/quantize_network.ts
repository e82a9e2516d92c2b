import { LowformerError } from '../../core/errors.js';
import type { AnyNode, Graph, GraphNode, Network } from '../graph.js';
import { foldedParameters } from '../passes/folded_parameters.js';
import { parameterOf } from '../passes/parameter_of.js';
import {
  type ActivationCode,
  activationCode,
  decodedWeight,
  type Range,
  roundToEven,
  type WeightBits,
  weightCode,
} from './codes.js';
import { codeBeforeHardswish, type GateCode, gateCode } from './hardswish.js';
import { type PlanOptions, planQuantization, type QuantizationPlan } from './plan.js';
import type { BorderCode, LayerCode, QuantizedNetwork } from './quantization.js';

/** What was seen of a value of the float network. */
export interface Observation {
  readonly range: Range;
  /** The mean of each channel over pictures and pixels: what weights' rounding is held against in biases. */
  readonly means?: Float32Array;
}

export interface QuantizeOptions extends PlanOptions {
  /** 7 unless told otherwise: right on every processor. */
  readonly weightBits?: WeightBits;
  /** Whether the mean error of each channel that comes of rounding weights is added to its bias; true unless told otherwise. */
  readonly correctBias?: boolean;
}

/**
 * A deployed network in bytes: activations u8 with one code a tensor, weights s8 with one a channel, biases of 32 bits.
 *
 * Biases take up what rounding the weights does to each channel's mean, `sum (w - w') * mean(x)` over a kernel's taps (Nagel
 * et al., arXiv 1906.04721, section 4.2).
 *
 * @param observed by the ids of `observedValues`.
 * @throws {LowformerError} `invalid-argument` where no operation can be done on bytes.
 */
export function quantizeNetwork(
  network: Network,
  observed: ReadonlyMap<number, Observation>,
  { weightBits = 7, correctBias = true, float }: QuantizeOptions = {},
): QuantizedNetwork {
  const given = withBiases(network);
  const { graph, parameters } = given;
  const plan = planQuantization(graph, float === undefined ? {} : { float });
  const weighted = graph.nodes.filter((node) => plan.int8.has(node.output.id)).filter(hasWeights);
  if (weighted.length === 0) {
    throw new LowformerError({
      code: 'invalid-argument',
      where: 'quantize',
      expected: 'a network with a convolution or a linear layer that may be done on bytes',
      received: 'none',
    });
  }
  const ranges = new Map<number, Range>();
  for (const [id, group] of plan.groups) {
    const range = rangeOf(id, observed);
    ranges.set(group, joined(ranges.get(group), range));
  }
  const codes = new Map<number, ActivationCode>();
  const members = new Map<number, number>();
  for (const group of plan.groups.values()) members.set(group, (members.get(group) ?? 0) + 1);
  for (const [id, group] of plan.groups) {
    const range = ranges.get(group) ?? { min: 0, max: 0 };
    const own = members.get(group) === 1 && plan.beforeHardswish.has(id);
    codes.set(id, own ? codeBeforeHardswish(range) : activationCode(range));
  }

  const layers = new Map<number, LayerCode>();
  const scaleOf = (node: AnyNode) => codes.get(node.inputs[0]?.id ?? -1)?.scale ?? 1;
  for (const [name, users] of byWeight(weighted)) {
    const { shape, data } = parameters(name);
    const weight = data.slice();
    const channels = users[0]?.attributes.out ?? 1;
    const biases = users.map((node) => parameters(parameterOf(node, 'bias')).data.slice());
    const code = weightCode({ shape, data: weight }, weightBits, leastScales(channels, biases, users.map(scaleOf)));
    const error = decodedWeight(code).map((value, i) => (weight[i] ?? 0) - value);
    for (const [i, node] of users.entries()) {
      const bias = biases[i] ?? new Float32Array(channels);
      const means = correctBias ? observed.get(node.inputs[0]?.id ?? -1)?.means : undefined;
      const corrected =
        means === undefined ? bias : corrections(node, error, means).map((by, c) => (bias[c] ?? 0) + by);
      layers.set(node.output.id, { weight: code, bias: biasCode(corrected, code.scales, scaleOf(node)) });
    }
  }
  // A ReLU whose zero is no byte's end, as its bytes are also those of a map with negative numbers, is done on bytes itself.
  const clipped = [...plan.fused].filter(([, result]) => (codes.get(result)?.zeroPoint ?? 0) > 0);
  for (const [before, result] of clipped) codes.set(before, codes.get(result) ?? { scale: 1, zeroPoint: 0 });
  const movers = new Set([...plan.movers, ...clipped.map(([, result]) => result)]);
  const borders = new Map<number, BorderCode>();
  for (const node of graph.nodes) {
    if (node.operation !== 'borderCorrection' || !plan.int8.has(node.output.id)) continue;
    const code = (role: string) => weightCode(parameters(parameterOf(node, role)), weightBits);
    borders.set(node.output.id, { first: code('first'), second: code('second') });
  }
  return { graph, parameters, quantization: { codes, layers, movers, gates: gatesOf(graph, plan, codes), borders } };
}

/** The ids of the values of a network that `quantizeNetwork` needs to know about. */
export function observedValues(network: Network, options: PlanOptions = {}): readonly number[] {
  return [...planQuantization(network.graph, options).groups.keys()];
}

/** Of every HardSwish that is done on bytes: of the others, what they read has bytes that do not reach down to -3. */
function gatesOf(
  { nodes }: Graph,
  { int8 }: QuantizationPlan,
  codes: ReadonlyMap<number, ActivationCode>,
): ReadonlyMap<number, GateCode> {
  const gates = new Map<number, GateCode>();
  for (const { operation, inputs, output } of nodes) {
    if (operation !== 'hardswish' || !int8.has(output.id)) continue;
    const code = codes.get(inputs[0]?.id ?? -1);
    const gate = code === undefined ? undefined : gateCode(code);
    if (gate !== undefined) gates.set(output.id, gate);
  }
  return gates;
}

type Weighted = GraphNode<'conv'> | GraphNode<'linear'>;

function hasWeights(node: AnyNode): node is Weighted {
  return node.operation === 'conv' || node.operation === 'linear';
}

/** Every convolution and linear layer with a bias: of 32 bits, it costs nothing. */
function withBiases(network: Network): Network {
  const folded = foldedParameters(network);
  const nodes = network.graph.nodes.map((node): AnyNode => {
    if (!hasWeights(node) || node.attributes.bias) return node;
    const { out } = node.attributes;
    const bias = folded.add(`${parameterOf(node, 'weight')}.zero_bias`, [out], () => new Float32Array(out));
    const parameters = { ...node.parameters, bias };
    return node.operation === 'conv'
      ? { ...node, parameters, attributes: { ...node.attributes, bias: true } }
      : { ...node, parameters, attributes: { ...node.attributes, bias: true } };
  });
  return folded.applyTo({ ...network.graph, nodes });
}

/** Nodes that share a weight share its code. */
function byWeight(nodes: readonly Weighted[]): ReadonlyMap<string, readonly Weighted[]> {
  const users = new Map<string, Weighted[]>();
  for (const node of nodes) {
    const name = parameterOf(node, 'weight');
    users.set(name, [...(users.get(name) ?? []), node]);
  }
  return users;
}

function rangeOf(id: number, observed: ReadonlyMap<number, Observation>): Range {
  const range = observed.get(id)?.range;
  if (range === undefined) {
    throw new LowformerError({ code: 'invalid-argument', where: 'ranges', expected: `the range of value ${id}` });
  }
  return range;
}

function joined(a: Range | undefined, b: Range): Range {
  return a === undefined ? b : { min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) };
}

/** Half of what 32 bits hold: sums of products are added to it. */
const LARGEST_BIAS = 2 ** 30;

function leastScales(channels: number, biases: readonly Float32Array[], inputScales: readonly number[]): Float64Array {
  return Float64Array.from({ length: channels }, (_, channel) =>
    Math.max(...biases.map((bias, i) => Math.abs(bias[channel] ?? 0) / ((inputScales[i] ?? 1) * LARGEST_BIAS))),
  );
}

/** The mean of each output channel that the rounding of the weights takes away. */
function corrections(node: Weighted, error: Float32Array, means: Float32Array): Float32Array {
  const { out } = node.attributes;
  const [groups, taps] = node.operation === 'conv' ? [node.attributes.groups, node.attributes.kernel ** 2] : [1, 1];
  const inputs = error.length / (out * taps);
  return Float32Array.from({ length: out }, (_, channel) => {
    const first = Math.floor((channel * groups) / out) * inputs;
    let sum = 0;
    for (let input = 0; input < inputs; input++) {
      const at = (channel * inputs + input) * taps;
      let ofTaps = 0;
      for (let tap = 0; tap < taps; tap++) ofTaps += error[at + tap] ?? 0;
      sum += ofTaps * (means[first + input] ?? 0);
    }
    return sum;
  });
}

function biasCode(bias: Float32Array, weightScales: Float32Array, inputScale: number): LayerCode['bias'] {
  // As the runtime multiplies them: in float32.
  const scales = weightScales.map((scale) => Math.fround(scale * inputScale));
  const values = Int32Array.from(bias, (value, i) => {
    const code = roundToEven(value / (scales[i] ?? 1));
    return Math.min(2 ** 31 - 1, Math.max(-(2 ** 31), code));
  });
  return { values, scales };
}

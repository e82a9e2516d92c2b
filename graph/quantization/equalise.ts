/**
 * Cross-layer equalisation: Nagel et al., "Data-Free Quantization Through Weight Equalization and Bias Correction"
 * (arXiv 1906.04721), section 4.1. What a channel is divided by where it is made, it is multiplied by where it is read: the
 * network stays the same function, and no channel's weights are so small beside another's that integers cannot tell them
 * from zero.
 */
import type { Tensor } from '../../core/tensor.js';
import type { Network, ParameterSource } from '../graph.js';
import { foldedParameters } from '../passes/folded_parameters.js';
import type { Pass } from '../passes/pass.js';
import { type ChannelClasses, channelClasses, type WeightedLayer } from './channel_classes.js';
import { type ChannelRanges, channelRanges, type Side } from './channel_ranges.js';

/**
 * After the passes that fold norms and merge branches: between two convolutions there then is nothing but what a positive
 * factor passes through, or what none does (ReLU6, Hardswish, SiLU, attention).
 */
export const equaliseLayers: Pass = { name: 'equalise-layers', apply };

/** Factors have settled when none changes by more than this part of itself: a fraction of an integer's step. */
const SETTLED = 0.01;
/** Chains of layers settle the more slowly the longer they are; what changes after these are a few hundredths. */
const MOST_SWEEPS = 20;
/**
 * No channel is divided by less than 1/32 nor by more than 32: one whose weights have died would have its bias raised
 * without bound, and with it the range that all activations of the layer share.
 */
const LARGEST_FACTOR = 32;

function apply(network: Network): Network {
  const classes = channelClasses(network.graph);
  const factors = equalisingFactors(classes, network.parameters);
  const folded = foldedParameters(network);
  const { parameters } = network;
  const renamed = new Map<string, string>();
  const isChanged = (of: Int32Array) => of.some((number) => factors[number] !== 1);

  for (const layer of classes.layers) {
    if (!isChanged(layer.inputs) && !isChanged(layer.outputs)) continue;
    const name = folded.add(`${layer.weight}.equalised`, folded.shape(layer.weight), (into) =>
      equalisedWeight(layer, parameters(layer.weight, into), factors, into),
    );
    renamed.set(layer.weight, name);
  }
  for (const [bias, of] of classes.biases) {
    if (!isChanged(of)) continue;
    const name = folded.add(`${bias}.equalised`, folded.shape(bias), () =>
      parameters(bias).data.map((value, i) => value / factorOf(factors, of, i)),
    );
    renamed.set(bias, name);
  }
  const nodes = network.graph.nodes.map((node) => {
    if (!Object.values(node.parameters).some((name) => renamed.has(name))) return node;
    const named = Object.entries(node.parameters).map(([role, name]) => [role, renamed.get(name) ?? name]);
    return { ...node, parameters: Object.fromEntries(named) };
  });
  return folded.applyTo({ ...network.graph, nodes });
}

/**
 * What to divide each class of channels by, so that those which make a channel give it the same share of their range as
 * those that read it: s = sqrt(p1 / p2), with p the range of the channel's weights over that of the whole weight (section
 * 4.1.1, where the largest sum of p1 p2 is sought; both layers then have the ranges sqrt(r1 r2), up to one factor for all
 * channels). Repeated until nothing changes, which for a depthwise convolution between two others ends at the three-layer
 * form: all at the cube root of the three ranges' product. Where several layers make a channel (a sum) or read it, p1 and
 * p2 are the geometric means of theirs, as each has a step of its own.
 * @returns one factor a class, 1 where it may not or need not be scaled.
 */
export function equalisingFactors(classes: ChannelClasses, parameters: ParameterSource): Float64Array {
  const factors = new Float64Array(classes.count).fill(1);
  const joints = jointsOf(classes, parameters);
  for (let sweep = 0; sweep < MOST_SWEEPS; sweep++) {
    const changes = joints.map((joint) => equaliseJoint(joint, factors));
    if (Math.max(0, ...changes) < SETTLED) break;
  }
  return factors;
}

/** @returns the largest change of a factor, as a logarithm. */
function equaliseJoint({ sides, classes }: Joint, factors: Float64Array): number {
  const shares = { outputs: meanOf(factors.length), inputs: meanOf(factors.length) };
  for (const { layer, ranges, side } of sides) {
    const of = ranges.of(side, {
      inputs: Float64Array.from(layer.inputs, (number) => factors[number] ?? 1),
      outputs: Float64Array.from(layer.outputs, (number) => 1 / (factors[number] ?? 1)),
    });
    const largest = of.reduce((most, range) => Math.max(most, range), 0);
    for (const [i, range] of of.entries()) {
      // Weights of nothing but zeros are even already.
      if (range > 0) shares[side].add(layer[side][i] ?? -1, Math.log(range / largest));
    }
  }
  const steps = [...classes].flatMap((number) => {
    const step = (shares.outputs.of(number) - shares.inputs.of(number)) / 2;
    return Number.isNaN(step) ? [] : [{ number, step }];
  });
  // One factor for all channels makes nothing more even: without it, activations keep about the scale that they have.
  const shared = steps.reduce((sum, { step }) => sum + step, 0) / steps.length;
  let change = 0;
  for (const { number, step } of steps) {
    const before = factors[number] ?? 1;
    const after = Math.min(LARGEST_FACTOR, Math.max(1 / LARGEST_FACTOR, before * Math.exp(step - shared)));
    factors[number] = after;
    change = Math.max(change, Math.abs(Math.log(after / before)));
  }
  return change;
}

/** Means by number; NaN where nothing was added. */
function meanOf(numbers: number) {
  const [sums, counts] = [new Float64Array(numbers), new Int32Array(numbers)];
  return {
    add(number: number, value: number): void {
      sums[number] = (sums[number] ?? 0) + value;
      counts[number] = (counts[number] ?? 0) + 1;
    },
    of: (number: number) => (sums[number] ?? 0) / (counts[number] ?? 0),
  };
}

/** One side of one layer. */
interface LayerSide {
  readonly layer: WeightedLayer;
  readonly ranges: ChannelRanges;
  readonly side: Side;
}

/** Classes of channels that the same layers make and read, and those layers' sides. */
interface Joint {
  readonly classes: ReadonlySet<number>;
  readonly sides: readonly LayerSide[];
}

/** The joints of a network, in the order in which its layers stand. Each layer's weight is read once. */
function jointsOf({ layers, free }: ChannelClasses, parameters: ParameterSource): readonly Joint[] {
  const jointOf = new Map<number, Joint>();
  for (const layer of layers) {
    const isFree = (number: number) => free[number] === 1;
    if (!layer.inputs.some(isFree) && !layer.outputs.some(isFree)) continue;
    const ranges = channelRanges(layer, parameters(layer.weight));
    for (const side of ['inputs', 'outputs'] as const) {
      const own = [...layer[side].filter(isFree)];
      if (own.length === 0) continue;
      const met = [...new Set(own.flatMap((number) => jointOf.get(number) ?? []))];
      const joint: Joint = {
        classes: new Set([...met.flatMap(({ classes }) => [...classes]), ...own]),
        sides: [...met.flatMap(({ sides }) => sides), { layer, ranges, side }],
      };
      for (const number of joint.classes) jointOf.set(number, joint);
    }
  }
  return [...new Set(jointOf.values())];
}

function factorOf(factors: Float64Array, of: Int32Array, channel: number): number {
  return factors[of[channel] ?? -1] ?? 1;
}

/** Each weight times the factor of the channel that it reads, over that of the one that it makes; float64 in between. */
function equalisedWeight(
  { transposed, groups, inputs, outputs }: WeightedLayer,
  { shape, data }: Tensor,
  factors: Float64Array,
  into: Float32Array = new Float32Array(data.length),
): Float32Array {
  const [outer = 1, inner = 1, ...kernel] = shape;
  const area = kernel.reduce((product, extent) => product * extent, 1);
  for (let i = 0, at = 0; i < outer; i++) {
    const group = Math.floor(i / (outer / groups));
    for (let j = 0; j < inner; j++) {
      const other = group * inner + j;
      const [input, output] = transposed ? [i, other] : [other, i];
      const factor = factorOf(factors, inputs, input) / factorOf(factors, outputs, output);
      for (let k = 0; k < area; k++, at++) into[at] = (data[at] ?? 0) * factor;
    }
  }
  return into;
}

/**
 * Parts of a sum that are convolutions, or can be written as one: structural re-parameterisation (Ding et al., "RepVGG",
 * arXiv 2101.03697, section 3.3), as a rule of the graph that knows no network.
 */
import { type ConvAttributes, paddingOf } from '../operations/convolution.js';
import type { Value } from '../value.js';
import type { Affine } from './norm_affine.js';

/** What a convolution reads, and how. */
export interface Footprint {
  readonly input: Value;
  readonly attributes: ConvAttributes;
  /** Multiply-accumulates for each pixel of the result; 0 for what is no convolution yet. */
  readonly cost: number;
}

/** One part of a sum: a convolution of `input`, or a factor and a shift for each of its channels, which is a depthwise 1x1. */
export interface LinearBranch extends Footprint {
  /** The part itself: what the sum reads. */
  readonly term: Value;
  /** Names what the values are made from: branches with the same source have the same values. */
  readonly source: string;
  /** [out, in/groups, kernel, kernel]. */
  readonly weight: () => ArrayLike<number>;
  /** [out]; all 0 where `attributes.bias` is false. */
  readonly bias: () => ArrayLike<number>;
}

/** A convolution's branch. */
export function convolutionBranch(branch: Omit<LinearBranch, 'cost'>): LinearBranch {
  return { ...branch, cost: costOf(branch.input.channels, branch.attributes) };
}

/** How a value follows from another by a factor and a shift for each channel. */
export interface AffineOf {
  readonly input: Value;
  readonly source: string;
  /** Whether any shift can differ from 0. */
  readonly shifts: boolean;
  readonly affine: () => Affine;
}

/** `input * gain + shift`, channel by channel. */
export function diagonalBranch(term: Value, { input, source, shifts, affine }: AffineOf): LinearBranch {
  const { channels } = input;
  const attributes = { out: channels, kernel: 1, stride: 1, pad: 0, groups: channels, bias: shifts };
  return { term, input, attributes, cost: 0, source, weight: () => affine().gain, bias: () => affine().shift };
}

/**
 * The convolution that two branches of one input are together: the larger kernel holds the smaller one,
 * and the fewer groups hold the more. undefined where they do not fit, or where one convolution would cost more than both.
 */
export function joined(a: Footprint, b: Footprint): Footprint | undefined {
  if (a.attributes.kernel < b.attributes.kernel) return joined(b, a);
  const { out, stride, kernel } = a.attributes;
  if (a.input.id !== b.input.id || out !== b.attributes.out || stride !== b.attributes.stride) return undefined;
  const [before, after] = paddingOf(a.attributes);
  const [innerBefore, innerAfter] = paddingOf(b.attributes);
  if ((a.attributes.dilation ?? 1) !== 1 || (b.attributes.dilation ?? 1) !== 1) return undefined;
  // Of one size at every picture, and the smaller kernel within the larger one.
  if (before - innerBefore + (after - innerAfter) !== kernel - b.attributes.kernel) return undefined;
  if (before < innerBefore || after < innerAfter) return undefined;
  const groups = Math.min(a.attributes.groups, b.attributes.groups);
  if (Math.max(a.attributes.groups, b.attributes.groups) % groups !== 0) return undefined;
  const attributes = { ...a.attributes, groups, bias: a.attributes.bias || b.attributes.bias };
  const cost = costOf(a.input.channels, attributes);
  return cost > a.cost + b.cost ? undefined : { input: a.input, attributes, cost };
}

function costOf(channels: number, { out, kernel, groups }: ConvAttributes): number {
  return (out * kernel * kernel * channels) / groups;
}

/**
 * Adds a branch's weight to that of the convolution which it becomes part of.
 * @param sum [out, in/groups, kernel, kernel] of `whole`, added to in place.
 */
export function addWeight(sum: Float32Array, whole: ConvAttributes, { input, attributes, weight }: LinearBranch): void {
  const values = weight();
  const [own, all] = [input.channels / attributes.groups, input.channels / whole.groups];
  const [outOwn, outAll] = [attributes.out / attributes.groups, whole.out / whole.groups];
  const { kernel } = attributes;
  const offset = paddingOf(whole)[0] - paddingOf(attributes)[0];
  for (let o = 0, at = 0; o < whole.out; o++) {
    // The first input channel that this output reads, counted from the first that the whole convolution's group reads.
    const firstIn = Math.floor(o / outOwn) * own - Math.floor(o / outAll) * all;
    for (let i = 0; i < own; i++) {
      const plane = (o * all + firstIn + i) * whole.kernel;
      for (let row = 0; row < kernel; row++) {
        const to = (plane + row + offset) * whole.kernel + offset;
        for (let column = 0; column < kernel; column++, at++) {
          sum[to + column] = (sum[to + column] ?? 0) + (values[at] ?? 0);
        }
      }
    }
  }
}

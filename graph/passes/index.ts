import type { Network } from '../graph.js';
import { composeLinear } from './compose_linear.js';
import { composePairs } from './compose_pairs.js';
import { dropUnitConvolutions } from './drop_unit_convolutions.js';
import { fixedInputs } from './fixed_inputs.js';
import { foldBatchNorm } from './fold_batch_norm.js';
import { foldChannelScale } from './fold_channel_scale.js';
import { foldConstants } from './fold_constants.js';
import { labelMap } from './label_map.js';
import { mergeBranches } from './merge_branches.js';
import { packedPixels } from './packed_pixels.js';
import { type Pass, type RunPassesOptions, runPasses, type Step } from './pass.js';
import { plainConvolution } from './plain_convolution.js';
import { specialisation } from './specialise.js';
import { subPixel } from './sub_pixel.js';
import { topCandidates } from './top_candidates.js';
import { unpackLinear } from './unpack_linear.js';
import { winograd } from './winograd.js';

export { type Pass, type RunPassesOptions, runPasses, type Step } from './pass.js';
export {
  composeLinear,
  composePairs,
  dropUnitConvolutions,
  fixedInputs,
  foldBatchNorm,
  foldChannelScale,
  foldConstants,
  labelMap,
  mergeBranches,
  packedPixels,
  plainConvolution,
  specialisation,
  subPixel,
  topCandidates,
  unpackLinear,
  winograd,
};

/** What makes of any network the same with fewer operations, in this order: a merged sum is a convolution, after which a scale may stand. */
export const OPTIMISATION: readonly Step[] = [
  unpackLinear,
  { repeated: [foldBatchNorm, foldConstants, foldChannelScale, mergeBranches] },
  plainConvolution,
];

/** What every engine runs: the same function with fewer operations, verified. */
export function optimise(network: Network, options?: RunPassesOptions): Network {
  return runPasses(network, OPTIMISATION, options);
}

/** The network for inputs whose height and width are multiples of `divisor`: see `specialisation`. */
export function specialise(network: Network, divisor: number): Network {
  return runPasses(network, [specialisation(divisor)]);
}

/** Passes that not every deployment gains by, in their order, by the names of their switches. */
const SWITCHED = { composePairs, composeLinear, subPixel, winograd } as const;

/** Which of these run: those that are `true`. */
export type PassSwitches = Readonly<Partial<Record<keyof typeof SWITCHED, boolean>>>;

/** The passes that are switched on, in their order. */
export function switchedPasses(switches: PassSwitches): readonly Pass[] {
  const { composePairs, composeLinear, subPixel, winograd } = switches;
  return [
    composePairs === true ? [SWITCHED.composePairs] : [],
    composeLinear === true ? [SWITCHED.composeLinear] : [],
    subPixel === true ? [SWITCHED.subPixel] : [],
    winograd === true ? [SWITCHED.winograd] : [],
  ].flat();
}

/**
 * Fewer multiply-accumulates, or the same in faster kernels, at the price of more nodes: for an engine that gains by it,
 * after `specialise`. Equal up to rounding; costs are counted without.
 * @param passes of `switchedPasses`. They are given, so that a page whose engine gains by none does not carry them.
 */
export function rearrange(network: Network, passes: readonly Pass[], options?: RunPassesOptions): Network {
  return runPasses(network, passes, options);
}

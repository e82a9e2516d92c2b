import type { Network } from '../graph.js';
import { foldBatchNorm } from './fold_batch_norm.js';
import { foldChannelScale } from './fold_channel_scale.js';
import { foldConstants } from './fold_constants.js';
import { mergeBranches } from './merge_branches.js';
import { plainConvolution } from './plain_convolution.js';
import { removeDeadCode } from './remove_dead_code.js';
import { specialise } from './specialise.js';

export { foldBatchNorm, foldChannelScale, foldConstants, mergeBranches, plainConvolution, removeDeadCode, specialise };

/** What every engine runs: the same function with fewer operations. The result is verified after each pass. */
export function optimise(network: Network): Network {
  return plainConvolution(foldLinear(removeDeadCode(network)));
}

/** Each of these passes can make work for the others: a merged sum is a convolution, after which a scale may stand. */
function foldLinear(network: Network): Network {
  const folded = mergeBranches(foldChannelScale(foldConstants(foldBatchNorm(network))));
  return folded.graph.nodes.length < network.graph.nodes.length ? foldLinear(folded) : folded;
}

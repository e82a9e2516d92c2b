import type { Network } from '../graph.js';
import { foldBatchNorm } from './fold_batch_norm.js';
import { foldConstants } from './fold_constants.js';
import { plainConvolution } from './plain_convolution.js';
import { removeDeadCode } from './remove_dead_code.js';
import { specialise } from './specialise.js';

export { foldBatchNorm, foldConstants, plainConvolution, removeDeadCode, specialise };

/** What every engine runs: the same function with fewer operations. The result is verified after each pass. */
export function optimise(network: Network): Network {
  return plainConvolution(foldConstants(foldBatchNorm(removeDeadCode(network))));
}

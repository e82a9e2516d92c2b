import type { BackwardName } from '../../../../graph/operations/backward.js';
import type { TfjsKernel } from '../../kernel.js';
import { attention, crossAttention, linearAttention } from '../attention.js';
import { batchNorm, globalResponseNorm, groupNorm, layerNorm } from '../normalisation.js';
import { paddedWindowAttention, shiftedWindowAttention } from '../window_attention.js';
import * as convolution from './convolution.js';
import { derived } from './derived.js';
import * as elementwise from './elementwise.js';
import * as normalisation from './normalisation.js';
import * as pooling from './pooling.js';
import * as rearranging from './rearranging.js';
import { shiftedWindowPositionsGradient } from './window_positions.js';

/** What only training needs, in TensorFlow.js. */
export const backwardKernels: { readonly [Name in BackwardName]: TfjsKernel<Name> } = {
  batchNormOfBatch: normalisation.batchNormOfBatch,
  batchMean: normalisation.batchMean,
  batchVariance: normalisation.batchVariance,
  movingAverage: normalisation.movingAverage,
  convInputGradient: convolution.convInputGradient,
  convWeightGradient: convolution.convWeightGradient,
  linearInputGradient: convolution.linearInputGradient,
  linearWeightGradient: convolution.linearWeightGradient,
  placeRows: convolution.placeRows,
  batchNormInputGradient: derived('batchNorm', batchNorm, 0),
  batchNormWeightGradient: derived('batchNorm', batchNorm, 'weight'),
  batchNormOfBatchInputGradient: derived('batchNormOfBatch', normalisation.batchNormOfBatch, 0),
  batchNormOfBatchWeightGradient: derived('batchNormOfBatch', normalisation.batchNormOfBatch, 'weight'),
  groupNormInputGradient: derived('groupNorm', groupNorm, 0),
  groupNormWeightGradient: derived('groupNorm', groupNorm, 'weight'),
  layerNormInputGradient: derived('layerNorm', layerNorm, 0),
  layerNormWeightGradient: derived('layerNorm', layerNorm, 'weight'),
  globalResponseNormInputGradient: derived('globalResponseNorm', globalResponseNorm, 0),
  globalResponseNormWeightGradient: derived('globalResponseNorm', globalResponseNorm, 'weight'),
  activationGradient: elementwise.activationGradient,
  onesLike: elementwise.onesLike,
  channelSum: elementwise.channelSum,
  reshapeWeight: elementwise.reshapeWeight,
  sumOfWeight: elementwise.sumOfWeight,
  sumToPixel: elementwise.sumToPixel,
  channelSlice: rearranging.channelSlice,
  placeChannels: rearranging.placeChannels,
  padLike: rearranging.padLike,
  spreadMean: rearranging.spreadMean,
  resamplingGradient: rearranging.resamplingGradient,
  maxPoolGradient: pooling.maxPoolGradient,
  adaptiveMaxPoolGradient: pooling.adaptiveMaxPoolGradient,
  pixelShuffle: rearranging.pixelShuffle,
  positionEmbeddingGradient: rearranging.positionEmbeddingGradient,
  attentionGradient: derived('attention', attention, 0),
  linearAttentionGradient: derived('linearAttention', linearAttention, 0),
  crossAttentionQueryGradient: derived('crossAttention', crossAttention, 0),
  crossAttentionKeyValueGradient: derived('crossAttention', crossAttention, 1),
  shiftedWindowAttentionGradient: derived('shiftedWindowAttention', shiftedWindowAttention, 0),
  shiftedWindowPositionsGradient,
  paddedWindowAttentionGradient: derived('paddedWindowAttention', paddedWindowAttention, 0),
};

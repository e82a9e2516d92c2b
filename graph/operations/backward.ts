/** Operations that only training needs: statistics of batches, and what gradients are made of. */
import type { AttentionAttributes, SelfAttentionAttributes } from './attention.js';
import * as attention from './attention_gradients.js';
import type { ConvAttributes } from './convolution.js';
import * as convolution from './convolution_gradients.js';
import * as elementwise from './elementwise_gradients.js';
import type { LinearAttentionAttributes } from './linear_attention.js';
import type { GroupNormAttributes, NormAttributes } from './normalisation.js';
import * as normalisation from './normalisation_gradients.js';
import type { NoAttributes, Operation } from './operation.js';
import type { PoolAttributes } from './pooling.js';
import type { UnshuffleAttributes } from './rearranging.js';
import * as rearranging from './rearranging_gradients.js';
import type { ShiftedWindowAttributes, WindowAttributes } from './window_attention.js';

export interface BackwardAttributes {
  batchNormOfBatch: NormAttributes;
  batchMean: NoAttributes;
  batchVariance: NoAttributes;
  movingAverage: normalisation.MovingAverageAttributes;
  convInputGradient: ConvAttributes;
  convWeightGradient: ConvAttributes;
  linearInputGradient: convolution.LinearInputGradientAttributes;
  linearWeightGradient: NoAttributes;
  placeRows: convolution.PlaceRowsAttributes;
  batchNormInputGradient: NormAttributes;
  batchNormWeightGradient: NormAttributes;
  batchNormOfBatchInputGradient: NormAttributes;
  batchNormOfBatchWeightGradient: NormAttributes;
  groupNormInputGradient: GroupNormAttributes;
  groupNormWeightGradient: GroupNormAttributes;
  layerNormInputGradient: NormAttributes;
  layerNormWeightGradient: NormAttributes;
  globalResponseNormInputGradient: NormAttributes;
  globalResponseNormWeightGradient: NormAttributes;
  activationGradient: elementwise.ActivationGradientAttributes;
  onesLike: NoAttributes;
  channelSum: NoAttributes;
  reshapeWeight: elementwise.ReshapeWeightAttributes;
  sumOfWeight: NoAttributes;
  sumToPixel: NoAttributes;
  channelSlice: rearranging.ChannelSliceAttributes;
  placeChannels: rearranging.PlaceChannelsAttributes;
  padLike: NoAttributes;
  spreadMean: NoAttributes;
  resamplingGradient: rearranging.ResamplingGradientAttributes;
  maxPoolGradient: PoolAttributes;
  adaptiveMaxPoolGradient: NoAttributes;
  pixelShuffle: UnshuffleAttributes;
  positionEmbeddingGradient: rearranging.PositionEmbeddingGradientAttributes;
  attentionGradient: SelfAttentionAttributes;
  linearAttentionGradient: LinearAttentionAttributes;
  crossAttentionQueryGradient: AttentionAttributes;
  crossAttentionKeyValueGradient: AttentionAttributes;
  shiftedWindowAttentionGradient: ShiftedWindowAttributes;
  shiftedWindowPositionsGradient: ShiftedWindowAttributes;
  paddedWindowAttentionGradient: WindowAttributes;
}
export type BackwardName = keyof BackwardAttributes;

export const backwardOperations: { readonly [Name in BackwardName]: Operation<BackwardAttributes[Name]> } = {
  batchNormOfBatch: normalisation.batchNormOfBatch,
  batchMean: normalisation.batchMean,
  batchVariance: normalisation.batchVariance,
  movingAverage: normalisation.movingAverage,
  convInputGradient: convolution.convInputGradient,
  convWeightGradient: convolution.convWeightGradient,
  linearInputGradient: convolution.linearInputGradient,
  linearWeightGradient: convolution.linearWeightGradient,
  placeRows: convolution.placeRows,
  batchNormInputGradient: normalisation.batchNormInputGradient,
  batchNormWeightGradient: normalisation.batchNormWeightGradient,
  batchNormOfBatchInputGradient: normalisation.batchNormOfBatchInputGradient,
  batchNormOfBatchWeightGradient: normalisation.batchNormOfBatchWeightGradient,
  groupNormInputGradient: normalisation.groupNormInputGradient,
  groupNormWeightGradient: normalisation.groupNormWeightGradient,
  layerNormInputGradient: normalisation.layerNormInputGradient,
  layerNormWeightGradient: normalisation.layerNormWeightGradient,
  globalResponseNormInputGradient: normalisation.globalResponseNormInputGradient,
  globalResponseNormWeightGradient: normalisation.globalResponseNormWeightGradient,
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
  maxPoolGradient: rearranging.maxPoolGradient,
  adaptiveMaxPoolGradient: rearranging.adaptiveMaxPoolGradient,
  pixelShuffle: rearranging.pixelShuffle,
  positionEmbeddingGradient: rearranging.positionEmbeddingGradient,
  attentionGradient: attention.attentionGradient,
  linearAttentionGradient: attention.linearAttentionGradient,
  crossAttentionQueryGradient: attention.crossAttentionQueryGradient,
  crossAttentionKeyValueGradient: attention.crossAttentionKeyValueGradient,
  shiftedWindowAttentionGradient: attention.shiftedWindowAttentionGradient,
  shiftedWindowPositionsGradient: attention.shiftedWindowPositionsGradient,
  paddedWindowAttentionGradient: attention.paddedWindowAttentionGradient,
};

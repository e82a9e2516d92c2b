import { adaptiveMaxPoolLike } from './adaptive_pooling.js';
import { type AttentionAttributes, attention, crossAttention, type SelfAttentionAttributes } from './attention.js';
import type { BackwardAttributes } from './backward.js';
import {
  argmaxChannels,
  type ChannelOfGroupsAttributes,
  channelOfGroups,
  type GroupSizeAttributes,
  type LogSoftmaxAttributes,
  logSoftmax,
  type OneHotAttributes,
  oneHot,
  placeInGroups,
  type RepeatAttributes,
  repeatChannels,
  sumChannelGroups,
} from './channel_groups.js';
import { concatenate } from './concatenation.js';
import { type ConvAttributes, conv, convTranspose, type TransposedConvAttributes } from './convolution.js';
import {
  abs,
  add,
  type BoundsAttributes,
  type ChannelScaleAttributes,
  channelScale,
  clip,
  divide,
  exp,
  type GeluAttributes,
  gate,
  gelu,
  hardswish,
  learnedScale,
  log,
  maximum,
  minimum,
  multiply,
  type PowerAttributes,
  power,
  relu,
  relu6,
  type ScaleAttributes,
  type ShiftAttributes,
  scale,
  shift,
  sigmoid,
  sign,
  silu,
  softplus,
  subtract,
  within,
} from './elementwise.js';
import { type LinearAttributes, linear, type PackedLinearAttributes, packedLinear } from './linear.js';
import { type LinearAttentionAttributes, linearAttention } from './linear_attention.js';
import {
  batchNorm,
  type GroupNormAttributes,
  globalResponseNorm,
  groupNorm,
  layerNorm,
  type NormAttributes,
} from './normalisation.js';
import type { NoAttributes, Operation } from './operation.js';
import {
  type AroundAttributes,
  type AveragePoolAttributes,
  averageAround,
  averagePool,
  averageToPixel,
  globalAveragePool,
  maxPool,
  type PoolAttributes,
} from './pooling.js';
import { type PositionEmbeddingAttributes, positionEmbedding } from './position_embedding.js';
import { type DivisorAttributes, padToMultiple, pixelUnshuffle, type UnshuffleAttributes } from './rearranging.js';
import { countElements, expandLike, sum, sumOfPictures } from './reduction.js';
import {
  type BilinearAttributes,
  type BilinearByAttributes,
  cropLike,
  type FactorAttributes,
  resizeBilinear,
  resizeBilinearLike,
  resizeNearest,
  resizeNearestLike,
} from './resampling.js';
import {
  paddedWindowAttention,
  type ShiftedWindowAttributes,
  shiftedWindowAttention,
  type WindowAttributes,
} from './window_attention.js';

/** What networks and losses are made of, with its attributes. */
export interface ForwardAttributes {
  conv: ConvAttributes;
  convTranspose: TransposedConvAttributes;
  linear: LinearAttributes;
  packedLinear: PackedLinearAttributes;
  batchNorm: NormAttributes;
  groupNorm: GroupNormAttributes;
  layerNorm: NormAttributes;
  globalResponseNorm: NormAttributes;
  relu: NoAttributes;
  relu6: NoAttributes;
  hardswish: NoAttributes;
  silu: NoAttributes;
  sigmoid: NoAttributes;
  exp: NoAttributes;
  log: NoAttributes;
  abs: NoAttributes;
  sign: NoAttributes;
  softplus: NoAttributes;
  gelu: GeluAttributes;
  scale: ScaleAttributes;
  shift: ShiftAttributes;
  power: PowerAttributes;
  clip: BoundsAttributes;
  within: BoundsAttributes;
  channelScale: ChannelScaleAttributes;
  learnedScale: NoAttributes;
  add: NoAttributes;
  subtract: NoAttributes;
  multiply: NoAttributes;
  divide: NoAttributes;
  minimum: NoAttributes;
  maximum: NoAttributes;
  gate: NoAttributes;
  concatenate: NoAttributes;
  resizeNearest: FactorAttributes;
  resizeNearestLike: NoAttributes;
  resizeBilinearLike: BilinearAttributes;
  resizeBilinear: BilinearByAttributes;
  cropLike: NoAttributes;
  maxPool: PoolAttributes;
  averagePool: AveragePoolAttributes;
  averageAround: AroundAttributes;
  globalAveragePool: NoAttributes;
  averageToPixel: NoAttributes;
  adaptiveMaxPoolLike: NoAttributes;
  attention: SelfAttentionAttributes;
  linearAttention: LinearAttentionAttributes;
  crossAttention: AttentionAttributes;
  shiftedWindowAttention: ShiftedWindowAttributes;
  paddedWindowAttention: WindowAttributes;
  padToMultiple: DivisorAttributes;
  pixelUnshuffle: UnshuffleAttributes;
  positionEmbedding: PositionEmbeddingAttributes;
  oneHot: OneHotAttributes;
  sumChannelGroups: GroupSizeAttributes;
  repeatChannels: RepeatAttributes;
  channelOfGroups: ChannelOfGroupsAttributes;
  placeInGroups: ChannelOfGroupsAttributes;
  logSoftmax: LogSoftmaxAttributes;
  argmaxChannels: NoAttributes;
  sum: NoAttributes;
  sumOfPictures: NoAttributes;
  countElements: NoAttributes;
  expandLike: NoAttributes;
}
export type ForwardName = keyof ForwardAttributes;

/** Every operation that a graph may hold, with its attributes. */
export interface OperationAttributes extends ForwardAttributes, BackwardAttributes {}
export type OperationName = keyof OperationAttributes;

/**
 * One entry an operation; an engine's kernel table has the same keys, so that a missing kernel does not compile. Those of
 * gradients stand in `backward.ts`.
 */
export const operations: { readonly [Name in ForwardName]: Operation<ForwardAttributes[Name]> } = {
  conv,
  convTranspose,
  linear,
  packedLinear,
  batchNorm,
  groupNorm,
  layerNorm,
  globalResponseNorm,
  relu,
  relu6,
  hardswish,
  silu,
  sigmoid,
  exp,
  log,
  abs,
  sign,
  softplus,
  gelu,
  scale,
  shift,
  power,
  clip,
  within,
  channelScale,
  learnedScale,
  add,
  subtract,
  multiply,
  divide,
  minimum,
  maximum,
  gate,
  concatenate,
  resizeNearest,
  resizeNearestLike,
  resizeBilinearLike,
  resizeBilinear,
  cropLike,
  maxPool,
  averagePool,
  averageAround,
  globalAveragePool,
  averageToPixel,
  adaptiveMaxPoolLike,
  attention,
  linearAttention,
  crossAttention,
  shiftedWindowAttention,
  paddedWindowAttention,
  padToMultiple,
  pixelUnshuffle,
  positionEmbedding,
  oneHot,
  sumChannelGroups,
  repeatChannels,
  channelOfGroups,
  placeInGroups,
  logSoftmax,
  argmaxChannels,
  sum,
  sumOfPictures,
  countElements,
  expandLike,
};

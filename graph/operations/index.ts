import { adaptiveMaxPoolLike } from './adaptive_pooling.js';
import { type AttentionAttributes, attention, crossAttention, type SelfAttentionAttributes } from './attention.js';
import type { BackwardAttributes } from './backward.js';
import { bestClasses } from './best_classes.js';
import { type BorderAttributes, borderCorrection, borderRing, type RingAttributes } from './border.js';
import { concatenate } from './concatenation.js';
import { type ConvAtAttributes, convAt } from './conv_at.js';
import { type ConvAttributes, conv, convTranspose, type TransposedConvAttributes } from './convolution.js';
import {
  add,
  type ChannelScaleAttributes,
  channelScale,
  exp,
  type GeluAttributes,
  gate,
  gelu,
  hardswish,
  learnedScale,
  multiply,
  relu,
  relu6,
  type ScaleAttributes,
  scale,
  sigmoid,
  silu,
  subtract,
} from './elementwise.js';
import { type LinearAttributes, linear, type PackedLinearAttributes, packedLinear } from './linear.js';
import { type LinearAttentionAttributes, linearAttention } from './linear_attention.js';
import type { LossAttributes } from './losses.js';
import {
  batchNorm,
  type GroupNormAttributes,
  globalResponseNorm,
  groupNorm,
  layerNorm,
  type NormAttributes,
} from './normalisation.js';
import type { NoAttributes, Operation } from './operation.js';
import { type PackedPixelsAttributes, unpackPixels } from './packed_pixels.js';
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
import {
  type DepthToSpaceAttributes,
  type DivisorAttributes,
  depthToSpace,
  padToMultiple,
  pixelUnshuffle,
  type UnshuffleAttributes,
} from './rearranging.js';
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
import { joinRows, type TopRowsAttributes, topRows } from './top_rows.js';
import {
  paddedWindowAttention,
  type ShiftedWindowAttributes,
  shiftedWindowAttention,
  type WindowAttributes,
} from './window_attention.js';
import { type WinogradAttributes, winogradConv } from './winograd.js';

/** What networks that predict are made of, with its attributes. */
export interface ForwardAttributes {
  conv: ConvAttributes;
  convAt: ConvAtAttributes;
  convTranspose: TransposedConvAttributes;
  winogradConv: WinogradAttributes;
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
  gelu: GeluAttributes;
  scale: ScaleAttributes;
  channelScale: ChannelScaleAttributes;
  learnedScale: NoAttributes;
  add: NoAttributes;
  subtract: NoAttributes;
  multiply: NoAttributes;
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
  depthToSpace: DepthToSpaceAttributes;
  topRows: TopRowsAttributes;
  joinRows: NoAttributes;
  unpackPixels: PackedPixelsAttributes;
  bestClasses: BilinearAttributes;
  borderRing: RingAttributes;
  borderCorrection: BorderAttributes;
  positionEmbedding: PositionEmbeddingAttributes;
}
export type ForwardName = keyof ForwardAttributes;

/** Every operation that a graph may hold, with its attributes. */
export interface OperationAttributes extends ForwardAttributes, LossAttributes, BackwardAttributes {}
export type OperationName = keyof OperationAttributes;

/**
 * One entry an operation; an engine's kernel table has the same keys, so that a missing kernel does not compile. Those of
 * losses stand in `losses.ts`, of gradients in `backward.ts`.
 */
export const operations: { readonly [Name in ForwardName]: Operation<ForwardAttributes[Name]> } = {
  conv,
  convAt,
  convTranspose,
  winogradConv,
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
  gelu,
  scale,
  channelScale,
  learnedScale,
  add,
  subtract,
  multiply,
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
  depthToSpace,
  topRows,
  joinRows,
  unpackPixels,
  bestClasses,
  borderRing,
  borderCorrection,
  positionEmbedding,
};

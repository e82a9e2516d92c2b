import type { Graph } from '../../../graph/graph.js';
import type { ForwardName, OperationName } from '../../../graph/operations/index.js';
import type { TfjsKernel } from '../kernel.js';
import { adaptiveMaxPoolLike } from './adaptive_pooling.js';
import { attention, crossAttention, linearAttention } from './attention.js';
import { bestClasses } from './best_classes.js';
import { borderCorrection, borderRing } from './border.js';
import { concatenate } from './concatenation.js';
import { convAt } from './conv_at.js';
import { conv } from './convolution.js';
import {
  add,
  channelScale,
  exp,
  gate,
  gelu,
  hardswish,
  learnedScale,
  multiply,
  relu,
  relu6,
  scale,
  sigmoid,
  silu,
  subtract,
} from './elementwise.js';
import { linear, packedLinear } from './linear.js';
import { batchNorm, globalResponseNorm, groupNorm, layerNorm } from './normalisation.js';
import { unpackPixels } from './packed_pixels.js';
import { averageAround, averagePool, averageToPixel, globalAveragePool, maxPool } from './pooling.js';
import { depthToSpace, padToMultiple, pixelUnshuffle } from './rearranging.js';
import {
  cropLike,
  positionEmbedding,
  resizeBilinear,
  resizeBilinearLike,
  resizeNearest,
  resizeNearestLike,
} from './resampling.js';
import { joinRows, topRows } from './top_rows.js';
import { convTranspose } from './transposed_convolution.js';
import { paddedWindowAttention, shiftedWindowAttention } from './window_attention.js';
import { winogradConv } from './winograd.js';

export type TfjsKernels<Names extends OperationName> = { readonly [Name in Names]: TfjsKernel<Name> };

/** Every operation of networks in TensorFlow.js: an operation without a kernel does not compile. */
export const tfjsKernels: TfjsKernels<ForwardName> = {
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

/** The kernels for a graph: those of losses and gradients are loaded where it holds any. */
export async function kernelsFor({ nodes }: Graph): Promise<Partial<TfjsKernels<OperationName>>> {
  if (nodes.every(({ operation }) => operation in tfjsKernels)) return tfjsKernels;
  const [{ lossKernels }, { backwardKernels }] = await Promise.all([
    import('./losses.js'),
    import('./backward/index.js'),
  ]);
  return { ...tfjsKernels, ...lossKernels, ...backwardKernels };
}

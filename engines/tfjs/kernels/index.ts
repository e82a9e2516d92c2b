import type { OperationName } from '../../../graph/operations/index.js';
import type { TfjsKernel } from '../kernel.js';
import { adaptiveMaxPoolLike } from './adaptive_pooling.js';
import { attention, crossAttention, linearAttention } from './attention.js';
import { backwardKernels } from './backward/index.js';
import { concatenate } from './concatenation.js';
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
import { averageAround, averagePool, averageToPixel, globalAveragePool, maxPool } from './pooling.js';
import { padToMultiple, pixelUnshuffle } from './rearranging.js';
import {
  cropLike,
  positionEmbedding,
  resizeBilinear,
  resizeBilinearLike,
  resizeNearest,
  resizeNearestLike,
} from './resampling.js';
import { convTranspose } from './transposed_convolution.js';
import { paddedWindowAttention, shiftedWindowAttention } from './window_attention.js';

/** Every operation in TensorFlow.js: an operation without a kernel does not compile. */
export const tfjsKernels: { readonly [Name in OperationName]: TfjsKernel<Name> } = {
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
  positionEmbedding,
  ...backwardKernels,
};

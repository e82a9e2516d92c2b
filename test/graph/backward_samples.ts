import type { GraphBuilder, GraphRoot } from '../../graph/builder.js';
import type { BackwardName } from '../../graph/operations/backward.js';
import type { Value } from '../../graph/value.js';

/** A gradient that is no multiple of the map that it is for. */
const gradientLike = (g: GraphBuilder, x: Value) => g.emit('silu', [g.emit('scale', [x], { factor: -1.5 })], {});

const pooled = (g: GraphBuilder, x: Value) => g.emit('globalAveragePool', [x], {});
const padded = (g: GraphBuilder, x: Value) => g.emit('padToMultiple', [x], { divisor: 4 });
const wide = (g: GraphBuilder, x: Value, out: number) => g.scope('qkv').conv(x, { out, kernel: 1 });

const attention = { heads: 2, headDim: 4 };
const windows = { ...attention, window: 4 };
const shifted = { ...windows, shift: 1, positions: 'table' };
const strided = { out: 4, kernel: 3, stride: 2, pad: 1, groups: 2, bias: false };
const norm = { epsilon: 1e-5 };

/** One graph for each operation that only training needs, as `samples` has of the others. */
export const backwardSamples: {
  readonly [Name in BackwardName]: (g: GraphRoot, x: Value, half: Value) => Value;
} = {
  batchNormOfBatch: (g, x) => g.emit('batchNormOfBatch', [x], norm),
  batchMean: (g, x) => g.emit('batchMean', [x], {}),
  batchVariance: (g, x) => g.emit('batchVariance', [x], {}),
  movingAverage: (g, x) => g.emit('movingAverage', [g.emit('batchMean', [x], {})], { momentum: 0.1 }),
  convInputGradient: (g, x) => g.emit('convInputGradient', [x, g.scope('y').conv(x, strided)], strided),
  convWeightGradient: (g, x) => g.emit('convWeightGradient', [x, g.scope('y').conv(x, strided)], strided),
  linearInputGradient: (g, x) => g.emit('linearInputGradient', [x], { in: 3, packed: { first: 2, rows: 12 } }),
  linearWeightGradient: (g, x) => g.emit('linearWeightGradient', [g.scope('y').conv(x, { out: 3, kernel: 1 }), x], {}),
  placeRows: (g, x) => g.emit('placeRows', [g.emit('channelSum', [x], {})], { first: 2, rows: 12 }),
  batchNormInputGradient: (g, x) => g.emit('batchNormInputGradient', [x, gradientLike(g, x)], norm),
  batchNormWeightGradient: (g, x) => g.emit('batchNormWeightGradient', [x, gradientLike(g, x)], norm),
  batchNormOfBatchInputGradient: (g, x) => g.emit('batchNormOfBatchInputGradient', [x, gradientLike(g, x)], norm),
  batchNormOfBatchWeightGradient: (g, x) => g.emit('batchNormOfBatchWeightGradient', [x, gradientLike(g, x)], norm),
  groupNormInputGradient: (g, x) => g.emit('groupNormInputGradient', [x, gradientLike(g, x)], { ...norm, groups: 4 }),
  groupNormWeightGradient: (g, x) => g.emit('groupNormWeightGradient', [x, gradientLike(g, x)], { ...norm, groups: 2 }),
  layerNormInputGradient: (g, x) => g.emit('layerNormInputGradient', [x, gradientLike(g, x)], norm),
  layerNormWeightGradient: (g, x) =>
    g.emit('layerNormWeightGradient', [pooled(g, x), pooled(g, gradientLike(g, x))], norm),
  globalResponseNormInputGradient: (g, x) => g.emit('globalResponseNormInputGradient', [x, gradientLike(g, x)], norm),
  globalResponseNormWeightGradient: (g, x) => g.emit('globalResponseNormWeightGradient', [x, gradientLike(g, x)], norm),
  activationGradient: (g, x) => g.emit('activationGradient', [x, gradientLike(g, x)], { of: 'hardswish' }),
  onesLike: (g, x) => g.emit('onesLike', [x], {}),
  channelSum: (g, x) => g.emit('channelSum', [x], {}),
  reshapeWeight: (g, x) => g.emit('reshapeWeight', [g.emit('channelSum', [x], {})], { shape: [2, 1, 4] }),
  sumOfWeight: (g, x) => g.emit('sumOfWeight', [g.emit('channelSum', [x], {})], {}),
  sumToPixel: (g, x) => g.emit('sumToPixel', [x], {}),
  channelSlice: (g, x) => g.emit('channelSlice', [x], { first: 2, channels: 5 }),
  placeChannels: (g, x) => g.emit('placeChannels', [x], { first: 2, channels: 11 }),
  padLike: (g, x, half) => g.emit('padLike', [half, x], {}),
  spreadMean: (g, x, half) => g.emit('spreadMean', [x, pooled(g, half)], {}),
  resamplingGradient: (g, x, half) => g.emit('resamplingGradient', [half, x], { of: 'bilinear', alignCorners: false }),
  maxPoolGradient: (g, x) => {
    const attributes = { kernel: 3, stride: 2, pad: 1 };
    return g.emit('maxPoolGradient', [x, g.emit('maxPool', [x], attributes)], attributes);
  },
  adaptiveMaxPoolGradient: (g, x) => {
    const y = g.emit('adaptiveMaxPoolLike', [x, g.emit('averagePool', [x], { kernel: 3 })], {});
    return g.emit('adaptiveMaxPoolGradient', [x, y], {});
  },
  pixelShuffle: (g, x) => g.emit('pixelShuffle', [x], { factor: 2, order: 'columnFirst' }),
  positionEmbeddingGradient: (g, x) => g.emit('positionEmbeddingGradient', [x], { height: 4, width: 3, skip: 1 }),
  attentionGradient: (g, x) => g.emit('attentionGradient', [wide(g, x, 24), x], attention),
  linearAttentionGradient: (g, x) =>
    g.emit('linearAttentionGradient', [wide(g, x, 24), x], { ...attention, epsilon: 1e-5 }),
  crossAttentionQueryGradient: (g, x, half) =>
    g.emit('crossAttentionQueryGradient', [x, wide(g, half, 16), gradientLike(g, x)], attention),
  crossAttentionKeyValueGradient: (g, x, half) =>
    g.emit('crossAttentionKeyValueGradient', [x, wide(g, half, 16), gradientLike(g, x)], attention),
  shiftedWindowAttentionGradient: (g, x) =>
    g.emit('shiftedWindowAttentionGradient', [wide(g, padded(g, x), 24), padded(g, x)], shifted),
  shiftedWindowPositionsGradient: (g, x) =>
    g.emit('shiftedWindowPositionsGradient', [wide(g, padded(g, x), 24), padded(g, x)], shifted),
  paddedWindowAttentionGradient: (g, x) =>
    g.emit('paddedWindowAttentionGradient', [wide(g, padded(g, x), 24), x, padded(g, x)], windows),
};

import { type GraphRoot, graphBuilder } from '../../graph/builder.js';
import { addTrainingOperations } from '../../graph/gradients/training_operations.js';
import type { Graph } from '../../graph/graph.js';
import { backwardOperations } from '../../graph/operations/backward.js';
import { type OperationName, operations } from '../../graph/operations/index.js';
import { lossOperations } from '../../graph/operations/losses.js';
import type { Value } from '../../graph/value.js';
import { backwardSamples } from './backward_samples.js';

addTrainingOperations();

/** One graph for each operation, from a map of 8 channels; `half` has half its height and width. */
export const samples: { readonly [Name in OperationName]: (g: GraphRoot, x: Value, half: Value) => Value } = {
  conv: (g, x) => g.conv(x, { out: 4, kernel: 3, stride: 2 }),
  // Windows of the first pixel alone, which is always there.
  convAt: (g, x) => {
    const rows = g.emit('globalAveragePool', [x], {});
    const places = g.emit('scale', [g.scope('places').linear(rows, { out: 9 })], { factor: 0 });
    return g.emit('convAt', [rows, places], { out: 3, kernel: 3, bias: true });
  },
  convTranspose: (g, x) => g.convTranspose(x, { out: 4, kernel: 4, stride: 2, pad: 1 }),
  winogradConv: (g, x) => g.emit('winogradConv', [x], { out: 4, bias: true, whole: false }),
  linear: (g, x) => g.linear(g.emit('globalAveragePool', [x], {}), { out: 3 }),
  packedLinear: (g, x) =>
    g.emit('packedLinear', [x], { out: 3, bias: true, first: 2, rows: 6, names: { weight: 'all_w', bias: 'all_b' } }),
  batchNorm: (g, x) => g.batchNorm(x),
  groupNorm: (g, x) => g.groupNorm(x, 4),
  layerNorm: (g, x) => g.layerNorm(g.emit('globalAveragePool', [x], {})),
  globalResponseNorm: (g, x) => g.emit('globalResponseNorm', [x], { epsilon: 1e-6 }),
  relu: (g, x) => g.relu(x),
  relu6: (g, x) => g.emit('relu6', [x], {}),
  hardswish: (g, x) => g.emit('hardswish', [x], {}),
  silu: (g, x) => g.emit('silu', [x], {}),
  sigmoid: (g, x) => g.emit('sigmoid', [x], {}),
  exp: (g, x) => g.emit('exp', [x], {}),
  log: (g, x) => g.emit('log', [g.emit('softplus', [x], {})], {}),
  // Of cubes, which have no kink at 0.
  abs: (g, x) => g.emit('abs', [g.emit('multiply', [g.emit('multiply', [x, x], {}), x], {})], {}),
  sign: (g, x) => g.emit('sign', [x], {}),
  softplus: (g, x) => g.emit('softplus', [x], {}),
  gelu: (g, x) => g.emit('gelu', [x], { approximate: 'tanh' }),
  scale: (g, x) => g.emit('scale', [x], { factor: 2 }),
  shift: (g, x) => g.emit('shift', [x], { by: 0.75 }),
  power: (g, x) => g.emit('power', [g.emit('sigmoid', [x], {})], { exponent: 1.5 }),
  clip: (g, x) => g.emit('clip', [x], { min: -1, max: 0.5 }),
  within: (g, x) => g.emit('within', [x], { min: -1 }),
  channelScale: (g, x) => g.emit('channelScale', [x], {}),
  learnedScale: (g, x) => g.emit('learnedScale', [x], {}),
  add: (g, x) => g.add(x, x),
  subtract: (g, x) => g.emit('subtract', [x, g.relu(x)], {}),
  multiply: (g, x) => g.emit('multiply', [x, x], {}),
  divide: (g, x) => g.emit('divide', [x, g.emit('exp', [x], {})], {}),
  minimum: (g, x) => g.emit('minimum', [x, g.emit('exp', [g.emit('scale', [x], { factor: -1 })], {})], {}),
  maximum: (g, x) => g.emit('maximum', [x, g.emit('exp', [g.emit('scale', [x], { factor: -1 })], {})], {}),
  gate: (g, x) => g.emit('gate', [x, g.emit('averageToPixel', [x], {})], {}),
  concatenate: (g, x) => g.emit('concatenate', [x, g.scope('narrow').conv(x, { out: 3, kernel: 1 })], {}),
  resizeNearest: (g, x) => g.emit('resizeNearest', [x], { factor: 2 }),
  resizeNearestLike: (g, x, half) => g.resizeNearestLike(half, x),
  resizeBilinearLike: (g, x, half) => g.emit('resizeBilinearLike', [half, x], { alignCorners: true }),
  resizeBilinear: (g, x) => g.emit('resizeBilinear', [x], { factor: 2, alignCorners: false }),
  cropLike: (g, x, half) => g.cropLike(x, half),
  maxPool: (g, x) => g.emit('maxPool', [x], { kernel: 3, stride: 2, pad: 1 }),
  averagePool: (g, x) => g.emit('averagePool', [x], { kernel: 2 }),
  averageAround: (g, x) => g.emit('averageAround', [x], { kernel: 3 }),
  globalAveragePool: (g, x) => g.emit('globalAveragePool', [x], {}),
  averageToPixel: (g, x) => g.emit('averageToPixel', [x], {}),
  adaptiveMaxPoolLike: (g, x, half) => g.emit('adaptiveMaxPoolLike', [x, half], {}),
  padToMultiple: (g, x) => g.emit('padToMultiple', [x], { divisor: 4 }),
  pixelUnshuffle: (g, x) =>
    g.emit('pixelUnshuffle', [g.emit('padToMultiple', [x], { divisor: 2 })], { factor: 2, order: 'channelFirst' }),
  borderRing: (g, x) => g.emit('borderRing', [x], { factor: 2 }),
  borderCorrection: (g, x) => {
    const ring = g.emit('borderRing', [x], { factor: 1 });
    return g.scope('border').emit('borderCorrection', [x, ring], { middle: 5, bias: true });
  },
  depthToSpace: (g, x) => g.emit('depthToSpace', [x], { factor: 2, crop: [1, 0] }),
  // Two rows, whose order no rounding changes.
  topRows: (g, x, half) =>
    g.emit('topRows', [g.emit('averageToPixel', [x], {}), g.emit('averageToPixel', [half], {})], {
      priors: 2,
      most: 5,
    }),
  joinRows: (g, x, half) => {
    const [one, other] = [x, half].map((map) => g.emit('averageToPixel', [map], {}));
    return one === undefined || other === undefined ? x : g.emit('joinRows', [one, other], {});
  },
  // Scores whose best class no rounding changes: those of one pixel.
  bestClasses: (g, x, half) => {
    const pixel = g.emit('averageToPixel', [half], {});
    return g.emit('bestClasses', [g.emit('averageToPixel', [x], {}), x, pixel, pixel, pixel, pixel], {
      alignCorners: false,
    });
  },
  // Two pixels, 0 and [112, 23, 0], which are far from any other.
  unpackPixels: (g, x) => {
    const steps = g.emit('scale', [g.scope('grey').conv(x, { out: 1, kernel: 1 })], { factor: 1e4 });
    const pixels = g.emit('scale', [g.emit('relu6', [steps], {})], { factor: 1000 });
    return g.emit('unpackPixels', [pixels], {
      values: Array.from({ length: 3 * 257 }, (_, i) => (i % 257) / 64 - i / 1000),
    });
  },
  shiftedWindowAttention: (g, x) => {
    const padded = g.emit('padToMultiple', [x], { divisor: 4 });
    const attributes = { heads: 2, headDim: 4, window: 4, shift: 1, positions: 'table' };
    return g.emit('shiftedWindowAttention', [g.scope('qkv').conv(padded, { out: 24, kernel: 1 })], attributes);
  },
  paddedWindowAttention: (g, x) => {
    const padded = g.emit('padToMultiple', [x], { divisor: 4 });
    const attributes = { heads: 2, headDim: 4, window: 4 };
    return g.emit('paddedWindowAttention', [g.scope('qkv').conv(padded, { out: 24, kernel: 1 }), x], attributes);
  },
  linearAttention: (g, x) =>
    g.emit('linearAttention', [g.scope('qkv').conv(x, { out: 24, kernel: 1 })], {
      heads: 2,
      headDim: 4,
      epsilon: 1e-5,
    }),
  attention: (g, x) => g.emit('attention', [g.scope('qkv').conv(x, { out: 24, kernel: 1 })], { heads: 2, headDim: 4 }),
  crossAttention: (g, x, half) =>
    g.emit('crossAttention', [x, g.scope('kv').conv(half, { out: 16, kernel: 1 })], { heads: 2, headDim: 4 }),
  positionEmbedding: (g, x) => g.emit('positionEmbedding', [x], { height: 4, width: 3, name: 'places', skip: 1 }),
  oneHot: (g, x) => g.emit('oneHot', [g.emit('sign', [x], {})], { classes: 2, values: [0.5, 3] }),
  sumChannelGroups: (g, x) => g.emit('sumChannelGroups', [x], { size: 4 }),
  repeatChannels: (g, x) => g.emit('repeatChannels', [x], { times: 3 }),
  channelOfGroups: (g, x) => g.emit('channelOfGroups', [x], { size: 4, index: 2 }),
  placeInGroups: (g, x) => g.emit('placeInGroups', [x], { size: 3, index: 1 }),
  logSoftmax: (g, x) => g.emit('logSoftmax', [x], { groups: 2 }),
  argmaxChannels: (g, x) => g.emit('argmaxChannels', [x], {}),
  sum: (g, x) => g.emit('sum', [g.emit('exp', [x], {})], {}),
  sumOfPictures: (g, x) => g.emit('sumOfPictures', [g.emit('exp', [x], {})], {}),
  countElements: (g, x) => g.emit('countElements', [x], {}),
  expandLike: (g, x, half) => g.emit('expandLike', [g.emit('sumOfPictures', [half], {}), x], {}),
  ...backwardSamples,
};

/** Outputs `y`, the operation's result, and `half`. */
export function sampleGraph(name: OperationName): Graph {
  const g = graphBuilder();
  const x = g.input('x', 8);
  const half = g.scope('half').conv(x, { out: 8, kernel: 3, stride: 2 });
  return g.finish([
    { name: 'y', value: samples[name](g, x, half) },
    { name: 'half', value: half },
  ]);
}

const all = { ...operations, ...lossOperations, ...backwardOperations };
export const OPERATION_NAMES = Object.keys(all).filter((name): name is OperationName => name in all);

/** What networks that predict are made of. */
export const PREDICTING_NAMES = OPERATION_NAMES.filter((name) => name in operations);

import type { GraphRoot } from '../../../graph/builder.js';
import type { Value } from '../../../graph/value.js';

/** Attributes that the samples leave at one value. 8 channels go in. */
export const forms: Readonly<Record<string, (g: GraphRoot, x: Value) => Value>> = {
  'conv 1x1': (g, x) => g.conv(x, { out: 5, kernel: 1 }),
  'conv 1x1, stride 2': (g, x) => g.conv(x, { out: 5, kernel: 1, stride: 2 }),
  'conv 3x3, stride 1': (g, x) => g.conv(x, { out: 5, kernel: 3 }),
  'conv 3x3, stride 3, no padding': (g, x) => g.conv(x, { out: 5, kernel: 3, stride: 3, pad: 0 }),
  'conv 5x5, pad 1': (g, x) => g.conv(x, { out: 3, kernel: 5, pad: 1 }),
  'conv 1x1, pad 1': (g, x) => g.conv(x, { out: 3, kernel: 1, pad: 1 }),
  'conv 2x2, stride 2': (g, x) => g.conv(x, { out: 3, kernel: 2, stride: 2, pad: 0 }),
  'conv 2x2, one side padded': (g, x) => g.conv(x, { out: 3, kernel: 2, pad: [1, 0] }),
  'conv 4x4, sides differ, stride 2': (g, x) => g.conv(x, { out: 3, kernel: 4, pad: [1, 2], stride: 2 }),
  'conv 4x4, stride 4': (g, x) => g.conv(x, { out: 3, kernel: 4, stride: 4, pad: 0 }),
  'conv 3x3, dilated': (g, x) => g.conv(x, { out: 5, kernel: 3, dilation: 2, pad: 2 }),
  'conv 3x3, dilated and strided': (g, x) => g.conv(x, { out: 5, kernel: 3, dilation: 2, pad: 2, stride: 2 }),
  'conv 3x3, dilated, in groups': (g, x) => g.conv(x, { out: 6, kernel: 3, dilation: 2, pad: 2, groups: 2 }),
  'conv depthwise': (g, x) => g.conv(x, { out: 8, kernel: 3, groups: 8 }),
  'conv depthwise 5x5, stride 2': (g, x) => g.conv(x, { out: 8, kernel: 5, groups: 8, stride: 2, bias: false }),
  'conv depthwise 7x7, stride 2': (g, x) => g.conv(x, { out: 8, kernel: 7, groups: 8, stride: 2 }),
  'conv depthwise, one side padded': (g, x) => g.conv(x, { out: 8, kernel: 2, groups: 8, pad: [0, 1] }),
  'conv depthwise 2x2, stride 2': (g, x) => g.conv(x, { out: 8, kernel: 2, groups: 8, stride: 2, pad: 0 }),
  'conv depthwise, dilated and strided': (g, x) =>
    g.conv(x, { out: 8, kernel: 3, dilation: 3, pad: 3, stride: 2, groups: 8 }),
  'conv depthwise, three for each channel': (g, x) => g.conv(x, { out: 24, kernel: 3, groups: 8, bias: false }),
  'conv in four groups': (g, x) => g.conv(x, { out: 12, kernel: 3, groups: 4 }),
  'conv in two groups, stride 2': (g, x) => g.conv(x, { out: 6, kernel: 3, groups: 2, stride: 2 }),
  'conv 1x1 in two groups': (g, x) => g.conv(x, { out: 6, kernel: 1, groups: 2, bias: false }),
  'convTranspose, stride 1': (g, x) => g.convTranspose(x, { out: 5, kernel: 3, pad: 1 }),
  'convTranspose 2x2, stride 2, no bias': (g, x) => g.convTranspose(x, { out: 5, kernel: 2, stride: 2, bias: false }),
  'convTranspose 3x3, stride 2': (g, x) => g.convTranspose(x, { out: 5, kernel: 3, stride: 2, pad: 1 }),
  'convTranspose 5x5, stride 3, sides differ': (g, x) =>
    g.convTranspose(x, { out: 5, kernel: 5, stride: 3, pad: [2, 1] }),
  'convTranspose depthwise': (g, x) => g.convTranspose(x, { out: 8, kernel: 4, stride: 2, pad: 1, groups: 8 }),
  'convTranspose in two groups': (g, x) => g.convTranspose(x, { out: 6, kernel: 4, stride: 2, pad: 1, groups: 2 }),
  'convTranspose 3x3 depthwise, stride 1': (g, x) => g.convTranspose(x, { out: 8, kernel: 3, pad: 1, groups: 8 }),
  'linear at every pixel': (g, x) => g.linear(x, { out: 5 }),
  'linear without bias': (g, x) => g.linear(g.emit('globalAveragePool', [x], {}), { out: 5, bias: false }),
  'packedLinear of a vector': (g, x) =>
    g.emit('packedLinear', [g.emit('globalAveragePool', [x], {})], {
      out: 3,
      bias: true,
      first: 1,
      rows: 4,
      names: { weight: 'all_w', bias: 'all_b' },
    }),
  'gelu by the error function': (g, x) => g.emit('gelu', [x], { approximate: 'none' }),
  'activation of a vector': (g, x) => g.emit('silu', [g.emit('globalAveragePool', [x], {})], {}),
  'groupNorm in one group': (g, x) => g.groupNorm(x, 1),
  'layerNorm of a map': (g, x) => g.layerNorm(x),
  'channelScale, flat': (g, x) => g.emit('channelScale', [x], { flat: true }),
  'maxPool 2x2': (g, x) => g.emit('maxPool', [x], { kernel: 2, stride: 2, pad: 0 }),
  'maxPool 1x1, stride 2': (g, x) => g.emit('maxPool', [x], { kernel: 1, stride: 2, pad: 0 }),
  'average over windows of 3': (g, x) => g.emit('averagePool', [x], { kernel: 3 }),
  'resizeNearest, three times': (g, x) => g.emit('resizeNearest', [x], { factor: 3 }),
  'resizeNearestLike, smaller': (g, x) =>
    g.resizeNearestLike(x, g.emit('maxPool', [x], { kernel: 3, stride: 2, pad: 1 })),
  'resizeBilinear, corners aligned': (g, x) => g.emit('resizeBilinear', [x], { factor: 4, alignCorners: true }),
  'resizeBilinear, twice': (g, x) => g.emit('resizeBilinear', [x], { factor: 2, alignCorners: false }),
  'resizeBilinearLike, smaller': (g, x) =>
    g.emit('resizeBilinearLike', [x, g.emit('maxPool', [x], { kernel: 3, stride: 2, pad: 1 })], {
      alignCorners: false,
    }),
  'resizeBilinearLike, from one pixel': (g, x) =>
    g.emit('resizeBilinearLike', [g.emit('averageToPixel', [x], {}), x], { alignCorners: false }),
  'attention, roles first': (g, x) =>
    g.emit('attention', [g.scope('qkv').conv(x, { out: 24, kernel: 1 })], {
      heads: 2,
      headDim: 4,
      layout: 'roleFirst',
    }),
  'linearAttention, away from the kinks of its queries and keys': (g, x) => {
    const positive = g.emit('sigmoid', [x], {});
    const [less, more] = [0.7, 1.3].map((factor) => g.emit('scale', [positive], { factor }));
    const pair = g.emit('concatenate', [positive, less ?? positive], {});
    const all = g.emit('concatenate', [pair, more ?? positive], {});
    return g.emit('linearAttention', [all], { heads: 2, headDim: 4, epsilon: 1 });
  },
  'pixelUnshuffle, columns first': (g, x) =>
    g.emit('pixelUnshuffle', [g.emit('padToMultiple', [x], { divisor: 3 })], { factor: 3, order: 'columnFirst' }),
  'shiftedWindowAttention, not shifted': (g, x) => {
    const padded = g.emit('padToMultiple', [x], { divisor: 3 });
    const attributes = { heads: 1, headDim: 8, window: 3, shift: 0, positions: 'table', scale: 0.1 };
    return g.emit('shiftedWindowAttention', [g.scope('qkv').conv(padded, { out: 24, kernel: 1 })], attributes);
  },
  'one weight read twice': (g, x) => {
    const shared = g.scope('shared');
    return g.add(shared.conv(g.relu(shared.conv(x, { out: 8, kernel: 3 })), { out: 8, kernel: 3 }), x);
  },
};

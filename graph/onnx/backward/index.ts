import type { BackwardName } from '../../operations/backward.js';
import type { OnnxKernel } from '../kernel.js';
import * as attention from './attention.js';
import * as convolution from './convolution.js';
import { activationGradient } from './elementwise.js';
import * as normalisation from './normalisation.js';
import * as rearranging from './rearranging.js';
import { padTo, sumByChannel } from './sizes.js';
import * as windows from './window_attention.js';

/** What only training needs, in ONNX. */
export const backwardKernels: { readonly [Name in BackwardName]: OnnxKernel<Name> } = {
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
  activationGradient,
  onesLike: ({ onnx, inputs: [x = ''] }) => {
    const zeros = onnx.node('ConstantOfShape', [onnx.node('Shape', [x])]);
    return onnx.node('Add', [zeros, onnx.scalar(1)]);
  },
  channelSum: ({ onnx, inputs: [x = ''], node }) => {
    const [from] = node.inputs;
    const sum = sumByChannel(onnx, x, from?.kind ?? 'map');
    return onnx.node('Reshape', [sum, onnx.integers(node.output.channels)]);
  },
  reshapeWeight: ({ onnx, inputs: [x = ''], attributes: { shape } }) =>
    shape.length === 0 ? onnx.node('Squeeze', [x]) : onnx.node('Reshape', [x, onnx.integers(...shape)]),
  sumOfWeight: ({ onnx, inputs }) => onnx.node('ReduceSum', inputs, { keepdims: 0 }),
  sumToPixel: ({ onnx, inputs: [x = ''] }) => onnx.node('ReduceSum', [x, onnx.integers(2, 3)], { keepdims: 1 }),
  channelSlice: ({ onnx, inputs: [x = ''], attributes: { first, channels } }) =>
    onnx.node('Slice', [x, onnx.integers(first), onnx.integers(first + channels), onnx.integers(1)]),
  placeChannels: ({ onnx, inputs: [x = ''], attributes: { first, channels }, node }) => {
    const own = node.inputs[0]?.channels ?? 0;
    return onnx.node('Pad', [x, onnx.integers(0, first, 0, 0, 0, channels - first - own, 0, 0)]);
  },
  padLike: ({ onnx, inputs: [x = '', like = ''] }) => padTo(onnx, x, like),
  spreadMean: ({ onnx, inputs: [x = '', mean = ''], node }) => {
    const pixel = node.inputs[1]?.kind === 'vector' ? onnx.node('Unsqueeze', [mean, onnx.integers(2, 3)]) : mean;
    const pixels = onnx.node('Shape', [x], { start: 2, end: 4 });
    const count = onnx.node('Cast', [onnx.node('ReduceProd', [pixels], { axes: [0], keepdims: 0 })], { to: FLOAT });
    const sizes = onnx.node('Concat', [onnx.node('Shape', [pixel], { start: 0, end: 2 }), pixels], { axis: 0 });
    return onnx.node('Expand', [onnx.node('Div', [pixel, count]), sizes]);
  },
  resamplingGradient: rearranging.resamplingGradient,
  maxPoolGradient: rearranging.maxPoolGradient,
  adaptiveMaxPoolGradient: rearranging.adaptiveMaxPoolGradient,
  pixelShuffle: ({ onnx, inputs, attributes, node }) =>
    rearranging.pixelShuffle({ onnx, inputs, attributes, channels: node.output.channels }),
  positionEmbeddingGradient: rearranging.positionEmbeddingGradient,
  attentionGradient: attention.attentionGradient,
  linearAttentionGradient: attention.linearAttentionGradient,
  crossAttentionQueryGradient: attention.crossAttentionQueryGradient,
  crossAttentionKeyValueGradient: attention.crossAttentionKeyValueGradient,
  shiftedWindowAttentionGradient: windows.shiftedWindowAttentionGradient,
  shiftedWindowPositionsGradient: windows.shiftedWindowPositionsGradient,
  paddedWindowAttentionGradient: windows.paddedWindowAttentionGradient,
};

/** TensorProto.DataType. */
const FLOAT = 1;

import { type GradientRule, inputAt } from '../rule.js';

export const concatenate: GradientRule<'concatenate'> = ({ emit, inputs, gradient }) => {
  const [a, b] = [inputAt(inputs, 0).channels, inputAt(inputs, 1).channels];
  return {
    inputs: [
      () => emit('channelSlice', [gradient], { first: 0, channels: a }),
      () => emit('channelSlice', [gradient], { first: a, channels: b }),
    ],
  };
};

export const channelSlice: GradientRule<'channelSlice'> = ({ emit, inputs, gradient, attributes: { first } }) => ({
  inputs: [() => emit('placeChannels', [gradient], { first, channels: inputAt(inputs, 0).channels })],
});

export const placeChannels: GradientRule<'placeChannels'> = ({ emit, inputs, gradient, attributes: { first } }) => ({
  inputs: [() => emit('channelSlice', [gradient], { first, channels: inputAt(inputs, 0).channels })],
});

/** Each pixel went to a square of its own. */
export const resizeNearest: GradientRule<'resizeNearest'> = ({ emit, gradient, attributes: { factor } }) => ({
  inputs: [() => emit('scale', [emit('averagePool', [gradient], { kernel: factor })], { factor: factor ** 2 })],
});

export const resizeNearestLike: GradientRule<'resizeNearestLike'> = ({ emit, inputs, gradient }) => ({
  inputs: [() => emit('resamplingGradient', [inputAt(inputs, 0), gradient], { of: 'nearest' }), undefined],
});

export const resizeBilinearLike: GradientRule<'resizeBilinearLike'> = ({ emit, inputs, gradient, attributes }) => {
  const { alignCorners } = attributes;
  const resampling = { of: 'bilinear', alignCorners } as const;
  return { inputs: [() => emit('resamplingGradient', [inputAt(inputs, 0), gradient], resampling), undefined] };
};

export const resizeBilinear: GradientRule<'resizeBilinear'> = ({ emit, inputs, gradient, attributes }) => {
  const { alignCorners } = attributes;
  const resampling = { of: 'bilinear', alignCorners } as const;
  return { inputs: [() => emit('resamplingGradient', [inputAt(inputs, 0), gradient], resampling)] };
};

export const cropLike: GradientRule<'cropLike'> = ({ emit, inputs, gradient }) => ({
  inputs: [() => emit('padLike', [gradient, inputAt(inputs, 0)], {}), undefined],
});

export const padLike: GradientRule<'padLike'> = ({ emit, inputs, gradient }) => ({
  inputs: [() => emit('cropLike', [gradient, inputAt(inputs, 0)], {}), undefined],
});

export const padToMultiple: GradientRule<'padToMultiple'> = ({ emit, inputs, gradient }) => ({
  inputs: [() => emit('cropLike', [gradient, inputAt(inputs, 0)], {})],
});

export const maxPool: GradientRule<'maxPool'> = ({ emit, inputs, gradient, attributes }) => ({
  inputs: [() => emit('maxPoolGradient', [inputAt(inputs, 0), gradient], attributes)],
});

export const adaptiveMaxPoolLike: GradientRule<'adaptiveMaxPoolLike'> = ({ emit, inputs, gradient }) => ({
  inputs: [() => emit('adaptiveMaxPoolGradient', [inputAt(inputs, 0), gradient], {}), undefined],
});

export const averagePool: GradientRule<'averagePool'> = ({ emit, inputs, gradient, attributes: { kernel } }) => ({
  inputs: [() => emit('resamplingGradient', [inputAt(inputs, 0), gradient], { of: 'averagePool', kernel })],
});

export const averageAround: GradientRule<'averageAround'> = ({ emit, inputs, gradient, attributes: { kernel } }) => ({
  inputs: [() => emit('resamplingGradient', [inputAt(inputs, 0), gradient], { of: 'averageAround', kernel })],
});

export const averageToPixel: GradientRule<'averageToPixel'> = ({ emit, inputs, gradient }) => ({
  inputs: [() => emit('spreadMean', [inputAt(inputs, 0), gradient], {})],
});

export const globalAveragePool: GradientRule<'globalAveragePool'> = ({ emit, inputs, gradient }) => ({
  inputs: [() => emit('spreadMean', [inputAt(inputs, 0), gradient], {})],
});

export const pixelUnshuffle: GradientRule<'pixelUnshuffle'> = ({ emit, gradient, attributes }) => ({
  inputs: [() => emit('pixelShuffle', [gradient], attributes)],
});

export const pixelShuffle: GradientRule<'pixelShuffle'> = ({ emit, gradient, attributes }) => ({
  inputs: [() => emit('pixelUnshuffle', [gradient], attributes)],
});

export const positionEmbedding: GradientRule<'positionEmbedding'> = ({ emit, gradient, attributes }) => ({
  inputs: [() => gradient],
  parameters: { embedding: () => emit('positionEmbeddingGradient', [gradient], attributes) },
});

import { buffer, first, invalid, mapShape, type Operation, parameter } from './operation.js';

export interface NormAttributes {
  readonly epsilon: number;
}

export interface GroupNormAttributes extends NormAttributes {
  readonly groups: number;
}

/** torch.nn.BatchNorm2d in evaluation mode: running statistics, one scale and shift a channel. */
export const batchNorm: Operation<NormAttributes> = {
  inputs: 1,
  parameters: (inputs) => {
    const { channels } = first(inputs);
    return {
      weight: parameter(channels),
      bias: parameter(channels),
      running_mean: buffer(channels),
      running_var: buffer(channels),
      num_batches_tracked: buffer(),
    };
  },
  result: ([x]) => ({ kind: 'map', channels: x?.channels ?? 0 }),
  shape: (inputs) => mapShape(first(inputs)),
};

/** torch.nn.GroupNorm: mean and variance over a group's channels and all its pixels. */
export const groupNorm: Operation<GroupNormAttributes> = {
  inputs: 1,
  parameters: (inputs) => ({ weight: parameter(first(inputs).channels), bias: parameter(first(inputs).channels) }),
  result: (inputs, { groups }) => {
    const { channels } = first(inputs);
    if (channels % groups !== 0) throw invalid(`channels divisible by ${groups} groups`, channels);
    return { kind: 'map', channels };
  },
  shape: (inputs) => mapShape(first(inputs)),
};

/** torch.nn.LayerNorm over the channels of [N, C], or of every pixel of [N, C, H, W] (timm's LayerNorm2d). */
export const layerNorm: Operation<NormAttributes> = {
  inputs: 1,
  parameters: (inputs) => ({ weight: parameter(first(inputs).channels), bias: parameter(first(inputs).channels) }),
  result: (inputs) => ({ kind: first(inputs).kind, channels: first(inputs).channels }),
  shape: (inputs) => first(inputs),
};

/**
 * Global response normalisation (ConvNeXt V2, arXiv 2301.00808, algorithm 1): x + bias + weight * x * n, where n is the
 * channel's L2 norm over all pixels, divided by the mean of all channels' norms.
 */
export const globalResponseNorm: Operation<NormAttributes> = {
  inputs: 1,
  parameters: (inputs) => ({ weight: parameter(first(inputs).channels), bias: parameter(first(inputs).channels) }),
  result: (inputs) => ({ kind: 'map', channels: first(inputs).channels }),
  shape: (inputs) => mapShape(first(inputs)),
};

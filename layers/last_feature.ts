import { LowformerError } from '../core/errors.js';
import type { Value } from '../graph/value.js';
import type { Pyramid } from '../registry/feature.js';

/**
 * What a classifier reads: the coarsest feature [N, C, H/s, W/s].
 * @param where the head's type, for messages.
 * @param inChannels the config's `in_channels`, where it has one.
 * @throws {LowformerError} `invalid-config` where that is not the feature's channel count.
 */
export function lastFeature(where: string, inputs: Pyramid, inChannels: number | undefined): Value {
  const { value } = inputs.at(-1) ?? inputs[0];
  if (inChannels === undefined || inChannels === value.channels) return value;
  const expected = `${value.channels}, the channels of the backbone's last feature`;
  throw new LowformerError({
    code: 'invalid-config',
    where: `${where}.in_channels`,
    expected,
    received: inChannels,
  });
}

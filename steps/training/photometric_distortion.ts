import { z } from 'zod';
import type { RandomDraws } from '../../core/xoshiro.js';
import { type ColourChange, distort8, distortFloat } from '../../images/photometric.js';
import { eightBitPixels } from '../../images/step_order.js';
import { defineTrainingStep } from '../../registry/define_training_step.js';
import { coin, positiveRange } from './keys.js';

const schema = z.strictObject({
  brightness_delta: z.number().min(0).max(255).default(32),
  contrast_range: positiveRange.default([0.5, 1.5]),
  saturation_range: positiveRange.default([0.5, 1.5]),
  hue_delta: z.int().min(0).max(180).default(18),
});
type Config = z.output<typeof schema>;

/** mmseg's `PhotoMetricDistortion`, in 8 bits. */
export const segmentationDistortion = defineTrainingStep({
  type: 'PhotoMetricDistortion',
  schema,
  draw(random, _, config): ColourChange {
    const hue = coin(random) && config.hue_delta > 0 ? random.integer(-config.hue_delta, config.hue_delta) : undefined;
    return { ...drawn(random, config), ...(hue === undefined ? {} : { hue }) };
  },
  apply: (sample, choice) => ({ ...sample, pixels: distort8(eightBitPixels(sample, 'PhotoMetricDistortion'), choice) }),
});

/** mmdet's: the picture is float32 afterwards, so nothing that resizes may follow. */
export const detectionDistortion = defineTrainingStep({
  type: 'PhotoMetricDistortion',
  schema,
  draw(random, _, config): ColourChange {
    const hue = coin(random) ? random.uniform(-config.hue_delta, config.hue_delta) : undefined;
    const channels = coin(random) ? permutation(random) : undefined;
    return {
      ...drawn(random, config),
      ...(hue === undefined ? {} : { hue }),
      ...(channels === undefined ? {} : { channels }),
    };
  },
  apply: (sample, choice) => ({ ...sample, pixels: distortFloat(sample.pixels, choice) }),
});

/** What both have: each with one half. */
function drawn(random: RandomDraws, { brightness_delta, contrast_range, saturation_range }: Config): ColourChange {
  return {
    contrastFirst: coin(random),
    ...(coin(random) ? { brightness: random.uniform(-brightness_delta, brightness_delta) } : {}),
    ...(coin(random) ? { contrast: random.uniform(...contrast_range) } : {}),
    ...(coin(random) ? { saturation: random.uniform(...saturation_range) } : {}),
  };
}

/** Of three (Fisher and Yates). */
function permutation(random: RandomDraws): readonly number[] {
  const order = [0, 1, 2];
  for (let i = 2; i > 0; i--) {
    const j = random.integer(0, i + 1);
    [order[i], order[j]] = [order[j] ?? 0, order[i] ?? 0];
  }
  return order;
}

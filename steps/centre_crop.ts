import { z } from 'zod';
import { cropSample } from '../images/crop_sample.js';
import { IGNORED_LABEL, padSample } from '../images/pad_sample.js';
import { checkPixels } from '../images/resize_bilinear.js';
import { refuseAfterCrop } from '../images/step_order.js';
import { sidesDivisor, sizeOf } from '../images/target_size.js';
import { defineStep } from '../registry/define_step.js';
import { clipObjectBorder, padValue, widthHeight } from './keys.js';

const schema = z.strictObject({
  crop_size: widthHeight,
  auto_pad: z
    .boolean()
    .optional()
    .describe('smaller pictures: true pads right and below, false crops less; left out, zeros all round (torchvision)'),
  pad_cfg: z
    .strictObject({ type: z.literal('Pad').default('Pad'), pad_val: padValue.default(0) })
    .prefault({})
    .describe('for auto_pad'),
  clip_object_border: clipObjectBorder,
});

/** mmcv's `CenterCrop`, and torchvision's where `auto_pad` is left out. */
export const centreCrop = defineStep({
  type: 'CenterCrop',
  schema,
  divisor: ({ auto_pad, crop_size }) => (auto_pad === false ? 1 : sidesDivisor(crop_size)),

  apply(sample, { crop_size, auto_pad, pad_cfg, clip_object_border: clipsBoxes = true }) {
    const step = 'CenterCrop';
    const whole = sizeOf(crop_size);
    refuseAfterCrop(sample, step);
    checkPixels(`test_pipeline ${step}`, whole);
    const { width, height } = sample.pixels;
    const ground =
      auto_pad === true ? padSample(sample, whole, { step, value: pad_cfg.pad_val, label: IGNORED_LABEL }) : sample;
    const smaller = { width: Math.min(width, whole.width), height: Math.min(height, whole.height) };
    return cropSample(ground, auto_pad === false ? smaller : whole, { step, clipsBoxes });
  },
});

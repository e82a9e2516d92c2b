import { z } from 'zod';
import { sideDivisor, sideLength } from '../core/bounded_numbers.js';
import type { Size } from '../core/frame.js';
import { IGNORED_LABEL, padSample } from '../images/pad_sample.js';
import { multipleSize, sizeOf } from '../images/target_size.js';
import { defineStep } from '../registry/define_step.js';
import { ignored, padValue } from './keys.js';

const label = z.int().min(0).max(0xffff);
const labels = z
  .union(
    [
      label,
      z
        .array(label)
        .min(1)
        .transform(([first = IGNORED_LABEL]) => first),
    ],
    {
      error: 'expected a label from 0 to 65535',
    },
  )
  .optional();

const schema = z
  .strictObject({
    size: z.tuple([sideLength, sideLength]).nullish().describe('[width, height]'),
    size_divisor: sideDivisor.nullish(),
    pad_to_square: z.boolean().default(false),
    pad_val: z
      .union([z.int(), z.strictObject({ img: padValue.default(0), seg: labels, masks: ignored })], {
        error: 'expected an integer, or {img, seg, masks}',
      })
      .default(0),
    padding_mode: z.enum(['constant', 'edge', 'reflect', 'symmetric']).default('constant'),
  })
  .refine(
    ({ size, size_divisor, pad_to_square }) =>
      pad_to_square ? size == null : (size == null) !== (size_divisor == null),
    { error: 'expected one of size, size_divisor and pad_to_square (which may stand with size_divisor)' },
  );

/** mmcv's `Pad`: at the right and at the bottom; label maps with `pad_val.seg`, 255 unless given. */
export const pad = defineStep({
  type: 'Pad',
  schema,
  divisor: ({ size_divisor }) => size_divisor ?? 1,

  apply(sample, config) {
    const { img, seg = IGNORED_LABEL } =
      typeof config.pad_val === 'number' ? { img: config.pad_val, seg: undefined } : config.pad_val;
    return padSample(sample, paddedSize(sample.pixels, config), {
      step: 'Pad',
      value: img,
      label: seg,
      mode: config.padding_mode,
    });
  },
});

/** A square first, then multiples, or a fixed size. */
function paddedSize(size: Size, { size: fixed, size_divisor, pad_to_square }: z.output<typeof schema>): Size {
  const longest = Math.max(size.width, size.height);
  const base = pad_to_square ? { width: longest, height: longest } : size;
  if (size_divisor != null) return multipleSize(base, [size_divisor, size_divisor]);
  return fixed == null ? base : sizeOf(fixed);
}

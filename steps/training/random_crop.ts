import { z } from 'zod';
import { sideLength } from '../../core/bounded_numbers.js';
import type { Region, Size } from '../../core/frame.js';
import type { RandomDraws } from '../../core/xoshiro.js';
import { cropToRegion } from '../../images/crop_region.js';
import { IGNORED_LABEL } from '../../images/pad_sample.js';
import { regionInside } from '../../images/region.js';
import type { Sample } from '../../images/sample.js';
import { type AnyTrainingStep, defineTrainingStep } from '../../registry/define_training_step.js';
import { clipsBorder } from './keys.js';

const schema = z
  .strictObject({
    crop_size: z
      .tuple([z.number().positive(), z.number().positive()])
      .describe('[width, height], or what crop_type says'),
    crop_type: z.enum(['absolute', 'absolute_range', 'relative', 'relative_range']).default('absolute'),
    allow_negative_crop: z.boolean().default(false).describe('whether a part without objects is trained on'),
    recompute_bbox: z
      .literal(false, { error: 'expected false: boxes are not computed anew from outlines' })
      .default(false),
    bbox_clip_border: clipsBorder,
  })
  .refine(({ crop_type, crop_size }) => crop_type.startsWith('relative') || crop_size.every(Number.isInteger), {
    error: 'expected whole pixels',
    path: ['crop_size'],
  })
  .refine(({ crop_type, crop_size }) => crop_type.startsWith('absolute') || crop_size.every((part) => part <= 1), {
    error: 'expected shares of the sides, up to 1',
    path: ['crop_size'],
  })
  .refine(({ crop_type, crop_size: [least, most] }) => crop_type !== 'absolute_range' || least <= most, {
    error: 'expected the least side first',
    path: ['crop_size'],
  });

/** mmdet's `RandomCrop`. A part without any object is given up, unless told otherwise; but for objects there must be. */
export const randomDetectionCrop = defineTrainingStep({
  type: 'RandomCrop',
  schema,
  draw(random, { pixels }, config): Region {
    const size = cropSize(random, pixels, config);
    const top = random.integer(0, Math.max(pixels.height - size.height, 0) + 1);
    const left = random.integer(0, Math.max(pixels.width - size.width, 0) + 1);
    return { left, top, ...size };
  },
  apply(sample, region, { allow_negative_crop, bbox_clip_border }) {
    const cropped = cropToRegion(sample, region, bbox_clip_border);
    const { objects } = cropped.annotations;
    return objects !== undefined && objects.labels.length === 0 && !allow_negative_crop ? undefined : cropped;
  },
});

function cropSize(
  random: RandomDraws,
  { width, height }: Size,
  { crop_size, crop_type }: z.output<typeof schema>,
): Size {
  const [first, second] = crop_size;
  const share = (side: number, part: number) => Math.trunc(side * part + 0.5);
  switch (crop_type) {
    case 'absolute':
      return { width: Math.min(first, width), height: Math.min(second, height) };
    case 'absolute_range': {
      const side = (most: number) => random.integer(Math.min(most, first), Math.min(most, second) + 1);
      return { height: side(height), width: side(width) };
    }
    case 'relative':
      return { width: share(width, first), height: share(height, second) };
    case 'relative_range': {
      // mmdet takes the first for the height here.
      const part = (least: number) => Math.fround(least) + random.real() * (1 - Math.fround(least));
      return { height: share(height, part(first)), width: share(width, part(second)) };
    }
  }
}

/** Times that a part is drawn again in which one class has too much. */
const TRIES = 10;

/** mmseg's `RandomCrop`: among some parts one where no class has more than `cat_max_ratio` of the pixels. */
export const randomSegmentationCrop: AnyTrainingStep = defineTrainingStep({
  type: 'RandomCrop',
  schema: z.strictObject({
    crop_size: z
      .union([sideLength.transform((side) => [side, side] as const), z.tuple([sideLength, sideLength])], {
        error: 'expected a number of pixels, or [height, width]',
      })
      .describe('[height, width]'),
    cat_max_ratio: z.number().positive().max(1).default(1),
    ignore_index: z.int().min(0).max(255).default(IGNORED_LABEL),
  }),
  draw(random, sample, { crop_size: [height, width], cat_max_ratio, ignore_index }): Region {
    const { pixels } = sample;
    const place = (): Region => {
      const top = random.integer(0, Math.max(pixels.height - height, 0) + 1);
      return { top, left: random.integer(0, Math.max(pixels.width - width, 0) + 1), width, height };
    };
    let region = place();
    if (cat_max_ratio >= 1) return region;
    for (let i = 0; i < TRIES && !isMixed(sample, region, cat_max_ratio, ignore_index); i++) region = place();
    return region;
  },
  apply: (sample, region) => cropToRegion(sample, region, true),
});

/** Whether there are two classes or more, and none has too much of what counts. */
export function isMixed({ annotations: { labelMap } }: Sample, region: Region, most: number, ignore: number): boolean {
  if (labelMap === undefined) return true;
  const counts = new Map<number, number>();
  const { left, top, width, height } = regionInside(region, labelMap);
  for (let y = top; y < top + height; y++) {
    const row = y * labelMap.width;
    for (let x = left; x < left + width; x++) {
      const label = labelMap.labels[row + x] ?? 0;
      counts.set(label, (counts.get(label) ?? 0) + 1);
    }
  }
  counts.delete(ignore);
  const numbers = [...counts.values()];
  const total = numbers.reduce((sum, count) => sum + count, 0);
  return numbers.length > 1 && Math.max(...numbers) / total < most;
}

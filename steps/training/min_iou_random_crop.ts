import { z } from 'zod';
import type { Region, Size } from '../../core/frame.js';
import type { RandomDraws } from '../../core/xoshiro.js';
import { cropToRegion } from '../../images/crop_region.js';
import { keepObjects } from '../../images/objects.js';
import { defineTrainingStep } from '../../registry/define_training_step.js';
import { clipsBorder, share } from './keys.js';

/** Parts tried for one threshold, before another is drawn. */
const TRIES = 50;

/** mmdet's `MinIoURandomCrop` (SSD, arXiv 1512.02325, section 2.2): objects stay whose centre does. */
export const minIouRandomCrop = defineTrainingStep({
  type: 'MinIoURandomCrop',
  schema: z.strictObject({
    min_ious: z.array(share).min(1).default([0.1, 0.3, 0.5, 0.7, 0.9]),
    min_crop_size: share.refine((part) => part > 0, { error: 'expected a share above 0' }).default(0.3),
    bbox_clip_border: clipsBorder,
  }),

  /** The part; undefined for the whole picture. */
  draw(random, { pixels, annotations: { objects } }, { min_ious, min_crop_size }): Region | undefined {
    const modes = [1, ...min_ious, 0];
    for (;;) {
      const least = modes[random.integer(0, modes.length)] ?? 1;
      if (least === 1) return undefined;
      for (let i = 0; i < TRIES; i++) {
        const region = drawnPart(random, pixels, min_crop_size);
        if (region !== undefined && isGood(region, objects?.boxes ?? new Float32Array(0), least)) return region;
      }
    }
  },

  apply(sample, region, { bbox_clip_border }) {
    if (region === undefined) return sample;
    const { objects } = sample.annotations;
    const central = objects === undefined ? {} : { objects: keepObjects(objects, (box) => holdsCentre(region, box)) };
    return cropToRegion({ ...sample, annotations: { ...sample.annotations, ...central } }, region, bbox_clip_border);
  },
});

/** No flatter or steeper than 1 to 2; undefined where it is, or is a line. */
function drawnPart(random: RandomDraws, { width, height }: Size, least: number): Region | undefined {
  const across = random.uniform(least * width, width);
  const down = random.uniform(least * height, height);
  if (down / across < 0.5 || down / across > 2) return undefined;
  const x = random.uniform(0, width - across);
  const y = random.uniform(0, height - down);
  const [left, top] = [Math.trunc(x), Math.trunc(y)];
  const part = { left, top, width: Math.trunc(x + across) - left, height: Math.trunc(y + down) - top };
  return part.width === 0 || part.height === 0 ? undefined : part;
}

/** Every object overlaps enough, and the centre of one is inside. */
function isGood(part: Region, boxes: Float32Array, least: number): boolean {
  let centres = boxes.length === 0;
  for (let i = 0; i < boxes.length; i += 4) {
    const box = boxes.subarray(i, i + 4);
    if (overlap(part, box) < least) return false;
    centres ||= holdsCentre(part, box);
  }
  return centres;
}

function overlap({ left, top, width, height }: Region, [x1 = 0, y1 = 0, x2 = 0, y2 = 0]: Float32Array): number {
  const across = Math.max(0, Math.min(left + width, x2) - Math.max(left, x1));
  const down = Math.max(0, Math.min(top + height, y2) - Math.max(top, y1));
  const both = across * down;
  return both / Math.max(width * height + (x2 - x1) * (y2 - y1) - both, 1e-6);
}

function holdsCentre({ left, top, width, height }: Region, [x1 = 0, y1 = 0, x2 = 0, y2 = 0]: Float32Array): boolean {
  const [x, y] = [(x1 + x2) / 2, (y1 + y2) / 2];
  return x > left && y > top && x < left + width && y < top + height;
}

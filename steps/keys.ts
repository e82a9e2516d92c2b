/** Config keys that several steps have, with mmcv's names and defaults. */
import { z } from 'zod';
import { sideLength } from '../core/bounded_numbers.js';

/** Width and height; one number for both. */
export const widthHeight = z.union(
  [sideLength.transform((side) => [side, side] as const), z.tuple([sideLength, sideLength])],
  { error: 'expected a number of pixels, or [width, height]' },
);

/** A key that OpenMMLab's step has for annotations, storage or what is packed: accepted, and changes nothing. */
export const ignored = z.unknown().optional();

/** Of added pixels. */
export const padValue = z.union([z.number(), z.tuple([z.number(), z.number(), z.number()])], {
  error: 'expected a number, or one for each of the three channels',
});

/** Whether boxes are cut to the picture. */
export const clipObjectBorder = z.boolean().optional().describe('of boxes, in training; true unless given');

export const resampling = {
  backend: z.enum(['cv2', 'pillow']).default('cv2'),
  interpolation: z
    .enum(['bilinear', 'bicubic'], { error: "expected 'bilinear', or 'bicubic' with backend 'pillow'" })
    .default('bilinear'),
};

/** OpenCV's resize is there bilinear alone. */
export const isSupported = (step: { readonly backend: string; readonly interpolation: string }): boolean =>
  step.backend === 'pillow' || step.interpolation === 'bilinear';

export const supported = {
  error: "expected 'bilinear': 'bicubic' is there with backend 'pillow' alone",
  path: ['interpolation'],
};

/** Config keys that several steps have, with mmcv's names and defaults. */
import { z } from 'zod';
import { sideLength } from '../core/bounded_numbers.js';
import { INTERPOLATIONS, interpolationsOf, type Resampling } from '../images/resize_picture.js';

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

/** Whose arithmetic resizes, and how. */
export const resampling = {
  backend: z.enum(['cv2', 'pillow']).default('cv2'),
  interpolation: z.enum(INTERPOLATIONS).default('bilinear'),
};

/** For a schema with these keys: each backend has interpolations of its own. */
export const isSupported = ({ backend, interpolation }: Resampling): boolean =>
  interpolationsOf(backend).includes(interpolation);

export const supported = {
  error: `expected an interpolation of the backend: of cv2 ${interpolationsOf('cv2').join(', ')}; of pillow ${interpolationsOf('pillow').join(', ')}`,
  path: ['interpolation'],
};

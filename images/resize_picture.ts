/** A picture at another size, by the arithmetic and interpolation that a config names. */
import { LowformerError } from '../core/errors.js';
import type { RgbImage, Size } from '../core/frame.js';
import { resizeAntialiased } from './resize_antialiased.js';
import { resizeArea } from './resize_area.js';
import { resizeBilinear } from './resize_bilinear.js';
import { resizeConvolution } from './resize_convolution.js';
import { resizeNearestImage } from './resize_nearest.js';

type Resize = (image: RgbImage, size: Size) => RgbImage;

/** mmcv's names, by whose arithmetic. */
const RESIZES = {
  cv2: {
    nearest: (image, size) => resizeNearestImage(image, size, 'cv2'),
    bilinear: resizeBilinear,
    bicubic: (image, size) => resizeConvolution(image, size, 'bicubic'),
    area: resizeArea,
    lanczos: (image, size) => resizeConvolution(image, size, 'lanczos'),
  },
  pillow: {
    nearest: (image, size) => resizeNearestImage(image, size, 'pillow'),
    bilinear: (image, size) => resizeAntialiased(image, size, 'bilinear'),
    bicubic: (image, size) => resizeAntialiased(image, size, 'bicubic'),
    box: (image, size) => resizeAntialiased(image, size, 'box'),
    lanczos: (image, size) => resizeAntialiased(image, size, 'lanczos'),
    hamming: (image, size) => resizeAntialiased(image, size, 'hamming'),
  },
} as const satisfies Record<string, Readonly<Record<string, Resize>>>;

/** Whose arithmetic resizes: OpenCV's, or Pillow's, which smooths when shrinking. */
export type ResizeBackend = keyof typeof RESIZES;

/** By mmcv's names; not every one is there with either backend. */
export type Interpolation = keyof (typeof RESIZES)['cv2'] | keyof (typeof RESIZES)['pillow'];

export interface Resampling {
  readonly backend: ResizeBackend;
  readonly interpolation: Interpolation;
}

/** mmcv's own defaults. */
export const OPENCV_BILINEAR: Resampling = { backend: 'cv2', interpolation: 'bilinear' };

export const INTERPOLATIONS = [
  'nearest',
  'bilinear',
  'bicubic',
  'area',
  'lanczos',
  'box',
  'hamming',
] as const satisfies readonly Interpolation[];

/** The interpolations of a backend. */
export function interpolationsOf(backend: ResizeBackend): readonly string[] {
  return Object.keys(RESIZES[backend]);
}

/**
 * @param size of the result, 1 pixel or more each way; the aspect ratio is free.
 * @returns a new picture, or `image` itself where it has that size already.
 * @throws {LowformerError} `invalid-argument` unless both pictures have at least one pixel, and for an interpolation
 *   that the backend has not.
 */
export function resizePicture(image: RgbImage, size: Size, { backend, interpolation }: Resampling): RgbImage {
  const resize = new Map<string, Resize>(Object.entries(RESIZES[backend])).get(interpolation);
  if (resize !== undefined) return resize(image, size);
  const expected = `an interpolation of ${backend} (${interpolationsOf(backend).join(', ')})`;
  throw new LowformerError({ code: 'invalid-argument', where: 'resizePicture', expected, received: interpolation });
}

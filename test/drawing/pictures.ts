import { categoryId, classIndex } from '../../core/brands.js';
import type { RgbImage } from '../../core/frame.js';
import type { Box, Detection, SegmentationMap } from '../../core/results.js';
import type { Rgb } from '../../drawing/palette.js';

export function plain(width: number, height: number, value = 128): RgbImage {
  return { width, height, data: new Uint8Array(width * height * 3).fill(value) };
}

export function detection(box: Box, index: number, category: string, score = 0.87): Detection {
  return { box, score, classIndex: classIndex(index), categoryId: categoryId(index + 1), category };
}

export function pixel({ data, width }: RgbImage, x: number, y: number): Rgb {
  const i = (y * width + x) * 3;
  return [data[i] ?? -1, data[i + 1] ?? -1, data[i + 2] ?? -1];
}

/** How many pixels of a rectangle, or of the whole picture, have exactly this colour. */
export function countColour(image: RgbImage, colour: Rgb, within: Box = [0, 0, image.width, image.height]): number {
  let count = 0;
  for (let y = within[1]; y < within[3]; y++) {
    for (let x = within[0]; x < within[2]; x++) {
      const here = pixel(image, x, y);
      if (here[0] === colour[0] && here[1] === colour[1] && here[2] === colour[2]) count++;
    }
  }
  return count;
}

/** Stripes of equal height, one a class; the last takes what is left. */
export function stripes(width: number, height: number, names: readonly string[]): SegmentationMap {
  const labels = Uint8Array.from({ length: width * height }, (_, i) =>
    Math.min(names.length - 1, Math.floor((Math.floor(i / width) * names.length) / height)),
  );
  const pixels = names.map((_, index) => labels.filter((label) => label === index).length);
  const classes = names.map((category, i) => ({ classIndex: classIndex(i), category, pixels: pixels[i] ?? 0 }));
  return { kind: 'segmentation', width, height, labels, classes };
}

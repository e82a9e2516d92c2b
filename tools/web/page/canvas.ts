import fontFile from '../../../assets/fonts/Inter-Medium-subset.ttf?url';
import type { RgbImage } from '../../../core/frame.js';
import type { CanvasPackage } from '../../../drawing/canvas.js';
import { loadBrowserCanvas } from '../../../web/browser_canvas.js';

let loading: Promise<CanvasPackage> | undefined;

/** The browser's canvas with the shipped font, fetched once. */
export function loadLabelCanvas(): Promise<CanvasPackage> {
  loading ??= loadBrowserCanvas(new URL(fontFile, import.meta.url));
  return loading;
}

/** Puts a picture on a canvas, which takes its size. */
export function showImage(canvas: HTMLCanvasElement, { width, height, data }: RgbImage): void {
  canvas.width = width;
  canvas.height = height;
  const pixels = new ImageData(width, height);
  for (let from = 0, to = 0; from < data.length; from += 3, to += 4) {
    pixels.data[to] = data[from] ?? 0;
    pixels.data[to + 1] = data[from + 1] ?? 0;
    pixels.data[to + 2] = data[from + 2] ?? 0;
    pixels.data[to + 3] = 255;
  }
  canvas.getContext('2d')?.putImageData(pixels, 0, 0);
}

/** A picture as a PNG file. */
export async function encodePng(image: RgbImage): Promise<Blob> {
  const canvas = document.createElement('canvas');
  showImage(canvas, image);
  return new Promise((resolve, reject) => {
    canvas.toBlob(
      (blob) => (blob === null ? reject(new Error('The browser wrote no PNG.')) : resolve(blob)),
      'image/png',
    );
  });
}

import fontFile from '../../../assets/fonts/Inter-Medium-subset.ttf?url';
import type { RgbImage } from '../../../core/frame.js';
import { type CanvasPackage, LABEL_FONT } from '../../../drawing/canvas.js';

/** The browser's canvas in the form of the `canvas` package. */
const browserCanvas: CanvasPackage = {
  createCanvas: (width, height) => ({ getContext: () => context(new OffscreenCanvas(width, height)) }),
};

let loading: Promise<CanvasPackage> | undefined;

/** The browser's canvas with the shipped font, fetched once. Without it the page's sans-serif serves. */
export function loadBrowserCanvas(): Promise<CanvasPackage> {
  loading ??= new FontFace(LABEL_FONT, `url(${new URL(fontFile, import.meta.url).href})`).load().then(
    (font) => {
      document.fonts.add(font);
      return browserCanvas;
    },
    () => browserCanvas,
  );
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

/** The 2D context of a canvas that is drawn on and read. */
export function context(canvas: OffscreenCanvas): OffscreenCanvasRenderingContext2D {
  const found = canvas.getContext('2d', { willReadFrequently: true });
  if (found === null) throw new Error('The browser gives no canvas of this size.');
  return found;
}

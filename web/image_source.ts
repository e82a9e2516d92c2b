import { LowformerError } from '../core/errors.js';
import type { RgbImage } from '../core/frame.js';
import { isRawPixels, type RawPixels, rgbOf } from '../images/raw_pixels.js';
import type { LoadImageOptions, Pictures } from '../models/pictures.js';
import { decodePicture, decodeSource } from './decode_picture.js';
import { fetchFile } from './fetch_file.js';

/**
 * A picture as a page has it: an address, which is fetched; an encoded file's bytes; raw pixels, such as an `ImageData`;
 * an element or a canvas; a frame of a video.
 */
export type ImageSource =
  | string
  | URL
  | Blob
  | Uint8Array
  | ArrayBuffer
  | RawPixels
  | ImageBitmap
  | VideoFrame
  | OffscreenCanvas
  | HTMLImageElement
  | HTMLCanvasElement
  | HTMLVideoElement;

const EXPECTED =
  'an address, encoded bytes (Blob, ArrayBuffer, Uint8Array), raw pixels ({ width, height, data }), an image, a canvas, a video or a frame of one';
const NOT_READY = 'It shows nothing yet, or what it shows is of another origin that does not allow reading it.';

/** From what a page has to pixels. What is fetched follows the rules of its server for other origins (CORS). */
export const webPictures: Pictures<ImageSource> = { load: loadImage, nameOf };

async function loadImage(source: ImageSource, { name, transfer = false, admit }: LoadImageOptions): Promise<RgbImage> {
  const given: unknown = source;
  if (typeof given === 'string' || given instanceof URL) {
    const address = new URL(given, location.href).href;
    return decodePicture(await fetchFile(address, 'a picture'), name, admit);
  }
  if (given instanceof Blob) return decodePicture(given, name, admit);
  if (given instanceof ArrayBuffer) return decodePicture(new Blob([given]), name, admit);
  if (given instanceof Uint8Array) return decodePicture(new Blob([new Uint8Array(given)]), name, admit);
  if (isShown(given)) {
    if (isElement(given)) await given.decode().catch(() => {});
    return decodeSource(given, { name, hint: NOT_READY, admit });
  }
  if (typeof given === 'object' && given !== null && isRawPixels(given)) {
    const image = rgbOf(given, { name, copied: !transfer });
    await admit?.(image.data.length);
    return image;
  }
  throw noSource(name, given);
}

type Shown = ImageBitmap | VideoFrame | OffscreenCanvas | HTMLImageElement | HTMLCanvasElement | HTMLVideoElement;

/** Some are not there in workers, or in every browser. */
const SHOWN = [
  'ImageBitmap',
  'VideoFrame',
  'OffscreenCanvas',
  'HTMLImageElement',
  'HTMLCanvasElement',
  'HTMLVideoElement',
];

function isShown(value: unknown): value is Shown {
  return SHOWN.some((name) => isInstance(value, name));
}

function isElement(value: Shown): value is HTMLImageElement {
  return isInstance(value, 'HTMLImageElement');
}

function isInstance(value: unknown, name: string): boolean {
  const type: unknown = Reflect.get(globalThis, name);
  return typeof type === 'function' && value instanceof type;
}

function nameOf(source: ImageSource, index?: number): string {
  if (typeof source === 'string') return source;
  if (source instanceof URL) return source.href;
  if (source instanceof Blob && 'name' in source && typeof source.name === 'string') return source.name;
  return index === undefined ? 'picture' : `picture ${index}`;
}

function noSource(where: string, given: unknown): LowformerError {
  const received = given === undefined ? 'undefined' : Array.isArray(given) ? 'an array' : given;
  const hint = Array.isArray(given) ? { hint: 'Several pictures: predictBatch or predictMany.' } : {};
  return new LowformerError({ code: 'invalid-argument', where, expected: EXPECTED, received, ...hint });
}

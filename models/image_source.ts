import { fileURLToPath } from 'node:url';
import { LowformerError } from '../core/errors.js';
import type { Picture, RgbImage } from '../core/frame.js';
import { type DecodeOptions, decodeImage } from '../images/decode.js';
import { openPicture } from '../images/open_picture.js';
import { isRawPixels, type RawPixels, rgbOf } from '../images/raw_pixels.js';
import type { LoadImageOptions } from './pictures.js';

/**
 * A picture: a file's path or `file:` URL; an encoded file's bytes (a Buffer is a Uint8Array), whole or as a stream; or
 * raw pixels, such as an `ImageData`.
 */
export type ImageSource =
  | string
  | URL
  | Uint8Array
  | ArrayBuffer
  | SharedArrayBuffer
  | DataView
  | Blob
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array>
  | RawPixels;

const EXPECTED =
  'a path, a file: URL, encoded bytes (Uint8Array, Buffer, ArrayBuffer, Blob, a stream of bytes) or raw pixels ({ width, height, data })';

/** Streams say their length nowhere: more is no picture. */
const MOST_STREAMED = 512 * 2 ** 20;

/**
 * Decodes what is not decoded yet; EXIF orientation is applied. What the caller may write to again is copied before
 * this returns its promise, unless `transfer` says that it does not.
 * @throws {LowformerError} `unreadable-image`; `invalid-argument` for what is no source of a picture, and for raw pixels
 *   of other numbers than bytes or of another length than their size.
 */
export function loadImage(source: ImageSource, options: LoadImageOptions): Promise<RgbImage> {
  return decoded(source, options, decodeImage);
}

/** The same, but for large pictures, which are read in parts. @throws {LowformerError} as `loadImage`. */
export function openImage(source: ImageSource, options: LoadImageOptions): Promise<Picture> {
  return decoded<Picture>(source, options, openPicture);
}

/** What decodes a path or an encoded file's bytes. */
type Decode<Decoded> = (encoded: string | Uint8Array, options: DecodeOptions) => Promise<Decoded>;

async function decoded<Decoded>(
  source: ImageSource,
  options: LoadImageOptions,
  decodeFile: Decode<Decoded | RgbImage>,
): Promise<Decoded | RgbImage> {
  const { name, transfer = false, maxPixels } = options;
  const given: unknown = source;
  const decode = (encoded: string | Uint8Array) =>
    decodeFile(encoded, {
      name,
      ...(maxPixels === undefined ? {} : { maxPixels }),
      ...(options.notes === undefined ? {} : { notes: options.notes }),
      ...(options.admit === undefined ? {} : { admit: options.admit }),
    });
  if (typeof given === 'string') return decode(pathOf(given, name));
  if (given instanceof URL) return decode(pathOf(given.href, name));
  if (given instanceof Uint8Array) return decode(transfer && !isShared(given.buffer) ? given : new Uint8Array(given));
  if (given instanceof ArrayBuffer) return decode(transfer ? new Uint8Array(given) : new Uint8Array(given.slice(0)));
  if (isShared(given)) return decode(Uint8Array.from(new Uint8Array(given)));
  if (given instanceof DataView) {
    return decode(new Uint8Array(new Uint8Array(given.buffer, given.byteOffset, given.byteLength)));
  }
  if (typeof given !== 'object' || given === null || ArrayBuffer.isView(given)) throw noSource(name, given);
  if (given instanceof Blob) return decode(new Uint8Array(await given.arrayBuffer()));
  if (isRawPixels(given)) {
    const image = rgbOf(given, { name, copied: !transfer });
    await options.admit?.(image.data.length);
    return image;
  }
  if (isAsyncIterable(given)) return decode(await gathered(given, name));
  throw noSource(name, given);
}

/** What messages call a picture. @param index its place among several. */
export function sourceName(source: unknown, index?: number): string {
  if (typeof source === 'string') return source;
  if (source instanceof URL) return source.protocol === 'file:' ? fileURLToPath(source) : source.href;
  if (source instanceof Blob && 'name' in source && typeof source.name === 'string') return source.name;
  return index === undefined ? 'picture' : `picture ${index}`;
}

/** `https://…`, `data:…`; not `C:\…`, whose scheme would have one letter. */
const ADDRESS = /^(?:([a-z][a-z\d+.-]+):\/\/|(data):[^,]*,)/i;

/** @throws {LowformerError} `invalid-argument` for an address of something that would have to be fetched first. */
function pathOf(reference: string, name: string): string {
  const address = ADDRESS.exec(reference);
  if (address === null) return reference;
  const scheme = address[1]?.toLowerCase();
  if (scheme === 'file') return fileURLToPath(reference);
  const hint = 'Fetch it first: predict(await (await fetch(address)).arrayBuffer()).';
  throw new LowformerError({ code: 'invalid-argument', where: name, expected: EXPECTED, received: reference, hint });
}

function isShared(value: unknown): value is SharedArrayBuffer {
  return typeof SharedArrayBuffer !== 'undefined' && value instanceof SharedArrayBuffer;
}

function isAsyncIterable(value: object): value is AsyncIterable<unknown> {
  return Symbol.asyncIterator in value && typeof value[Symbol.asyncIterator] === 'function';
}

/** @throws {LowformerError} `invalid-argument` for a stream of something else, or of more bytes than any picture has. */
async function gathered(stream: AsyncIterable<unknown>, name: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    if (!(chunk instanceof Uint8Array)) throw wrong(name, 'a stream of Uint8Array chunks', chunk);
    length += chunk.length;
    if (length > MOST_STREAMED) throw wrong(name, `a stream of at most ${MOST_STREAMED} bytes`, 'more');
    // The stream may use its chunk again.
    chunks.push(new Uint8Array(chunk));
  }
  return new Uint8Array(Buffer.concat(chunks));
}

function noSource(name: string, given: unknown): LowformerError {
  if (Array.isArray(given)) return wrong(name, EXPECTED, 'an array', 'Several pictures: predictBatch or predictMany.');
  if (ArrayBuffer.isView(given)) return wrong(name, EXPECTED, given.constructor.name);
  if (typeof Response !== 'undefined' && given instanceof Response) {
    return wrong(name, EXPECTED, 'a Response', 'Give await response.arrayBuffer().');
  }
  return wrong(name, EXPECTED, given === undefined ? 'undefined' : given);
}

function wrong(where: string, expected: string, received: unknown, hint?: string): LowformerError {
  const parts = { code: 'invalid-argument', where, expected, received } as const;
  return new LowformerError(hint === undefined ? parts : { ...parts, hint });
}

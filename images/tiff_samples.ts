/** Samples of a TIFF, of 8 or 16 bits, as red, green and blue of 8, in libtiff's arithmetic. */
import type { Sharp } from 'sharp';
import type { RgbImage, Size } from '../core/frame.js';

/** Interleaved samples of all channels. */
export interface Samples extends Size {
  readonly data: Uint8Array | Uint16Array;
  readonly channels: number;
}

/** What libvips decodes, colours first. @param bits 8 or 16. */
export async function samplesOf(picture: Sharp, bits: number): Promise<Samples> {
  const wide = bits === 16;
  const raw = wide ? picture.toColourspace('rgb16').raw({ depth: 'ushort' }) : picture.toColourspace('srgb').raw();
  const { data, info } = await raw.toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  const samples = wide
    ? new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2)
    : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return { width, height, channels, data: samples };
}

/** As libvips makes red, green and blue of it. */
export async function plain(picture: Sharp): Promise<RgbImage> {
  const { data, info } = await picture.removeAlpha().toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
  return {
    width: info.width,
    height: info.height,
    data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  };
}

/** 16 bits to 8, rounded as libtiff does; 8 stay. */
function eight(data: Uint8Array | Uint16Array, at: number): number {
  const value = data[at] ?? 0;
  return data instanceof Uint8Array ? value : Math.floor((value + 128) / 257);
}

/** Red, green, blue of what may have more channels, or one alone. */
export function toEight({ width, height, channels, data }: Samples): RgbImage {
  const rgb = new Uint8Array(width * height * 3);
  for (let from = 0, at = 0; at < rgb.length; from += channels, at += 3) {
    for (let c = 0; c < 3; c++) rgb[at + c] = eight(data, channels < 3 ? from : from + c);
  }
  return { width, height, data: rgb };
}

/** Colours, or grey, times alpha, the last channel, in libtiff's arithmetic. */
export function multiplied({ width, height, channels, data }: Samples): RgbImage {
  const rgb = new Uint8Array(width * height * 3);
  for (let from = 0, at = 0; at < rgb.length; from += channels, at += 3) {
    const alpha = eight(data, from + channels - 1);
    for (let c = 0; c < 3; c++) {
      const colour = eight(data, channels < 4 ? from : from + c);
      rgb[at + c] = Math.floor((colour * alpha + 127) / 255);
    }
  }
  return { width, height, data: rgb };
}

/** Cyan, magenta, yellow, black, as libtiff multiplies them out. */
export function unprinted({ width, height, channels, data }: Samples): RgbImage {
  const rgb = new Uint8Array(width * height * 3);
  for (let from = 0, at = 0; at < rgb.length; from += channels, at += 3) {
    const light = 255 - (data[from + 3] ?? 0);
    for (let c = 0; c < 3; c++) rgb[at + c] = Math.floor((light * (255 - (data[from + c] ?? 0))) / 255);
  }
  return { width, height, data: rgb };
}

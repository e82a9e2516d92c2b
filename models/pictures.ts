import type { Picture, RgbImage } from '../core/frame.js';
import type { Notes } from '../core/notes.js';

export interface LoadImageOptions {
  /** What messages call the picture. */
  readonly name: string;
  /** The bytes are not copied: whoever gave them leaves them alone until the picture's result is there. */
  readonly transfer?: boolean | undefined;
  /** What is odd about the picture, and read all the same. */
  readonly notes?: Notes;
  /** Waited for before the picture is decoded, when its size is known; called for every picture that is read. */
  readonly admit?: (bytes: number) => Promise<void>;
  /** Pictures with more pixels are refused; undefined for the usual limit. */
  readonly maxPixels?: number | undefined;
}

/** How pictures of some kind become pixels: from files in Node, from what a page has in a browser. */
export interface Pictures<Source> {
  /** @throws {LowformerError} `unreadable-image`; `invalid-argument` for what is no picture. */
  load(source: Source, options: LoadImageOptions): Promise<RgbImage>;
  /** The same, but for large pictures, which are given in parts; absent where all are held. Disposing of them is the caller's. */
  open?(source: Source, options: LoadImageOptions): Promise<Picture>;
  /** What messages call the picture. @param index its place among several. */
  nameOf(source: Source, index?: number): string;
}

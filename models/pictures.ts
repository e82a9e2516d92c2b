import type { RgbImage } from '../core/frame.js';
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
}

/** How pictures of some kind become pixels: from files in Node, from what a page has in a browser. */
export interface Pictures<Picture> {
  /** @throws {LowformerError} `unreadable-image`; `invalid-argument` for what is no picture. */
  load(source: Picture, options: LoadImageOptions): Promise<RgbImage>;
  /** What messages call the picture. @param index its place among several. */
  nameOf(source: Picture, index?: number): string;
}

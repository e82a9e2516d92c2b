/**
 * How a picture's pixels became the network's, in the order in which it happened: resize, crop, pad.
 * Immutable; computed once, where the picture is prepared, and used by every decoder to go back.
 */
export interface FrameTransform {
  /** The picture as displayed (EXIF applied), in pixels. */
  readonly original: Size;
  /**
   * As the pipeline hands it over: mmdet's `img_shape`. Resized, before the batch pads it; a `Pad` step counts, as it does
   * in mmdet, and a `CenterCrop` does not: it shows in `padded`, `left` and `top`.
   */
  readonly resized: Size;
  /** As the network sees it: mmdet's `batch_input_shape`. */
  readonly padded: Size;
  /** resized / original, horizontal and vertical: mmdet's `scale_factor`. */
  readonly scaleX: number;
  readonly scaleY: number;
  /** Pixels of padding before the first column and row: 0 everywhere but for `CenterCrop`, which cuts where negative. */
  readonly left: number;
  readonly top: number;
  /** How the picture was mirrored on its way; absent where it was not. Results are mirrored back in original pixels. */
  readonly flip?: FlipDirection;
}

/** Left and right change places, or top and bottom, or both. */
export type FlipDirection = 'horizontal' | 'vertical' | 'diagonal';

/** In pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Positions of an axis from `start` up to, but not including, `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A decoded picture: interleaved RGB, 8 bits, row-major, `height * width * 3` bytes. */
export interface RgbImage extends Size {
  readonly data: Uint8Array;
}

/** Pixels from `left` and `top` on; whole numbers. */
export interface Region extends Size {
  readonly left: number;
  readonly top: number;
}

/** A picture that is never held whole: its parts are read when they are wanted. */
export interface PartedPicture extends Size, AsyncDisposable {
  /**
   * The pixels of a region that lies inside. Parts that are read from the top down, as wide as the picture, cost least.
   * @throws {LowformerError} `unreadable-image`, naming the picture, where it is damaged; `unwritable-file` where it has to be
   *   unpacked and there is no room.
   */
  read(region: Region): Promise<RgbImage>;
}

/** A picture held whole, or read in parts. */
export type Picture = RgbImage | PartedPicture;

/** Whether a picture is read in parts. */
export function isParted(picture: Picture): picture is PartedPicture {
  return 'read' in picture;
}

/** One number a pixel, row-major, `width * height`: a class index, or the value that is ignored. */
export interface LabelMap extends Size {
  readonly labels: Uint8Array | Uint16Array;
}

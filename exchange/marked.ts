/** What is marked in pictures, found or annotated, whatever format it is on its way to. Lengths are pixels as displayed. */
import type { LabelMap, Size } from '../core/frame.js';
import type { PictureId, XywhBox } from '../data/dataset.js';
import type { Shape } from '../geometry/shape.js';

export interface MarkedPicture {
  /** The dataset's own; undefined where nothing has given it one. */
  readonly id: PictureId | undefined;
  /** Path below the folder that all pictures share, with `/`: `day1/a.jpg`. */
  readonly name: string;
  /** The picture itself, absolute. */
  readonly file: string;
  readonly size: Size;
  readonly objects: readonly MarkedObject[];
  /** The class of each pixel, where the format holds these. */
  readonly labels?: ClassMap;
}

/** Class indices by pixel, row-major, and `ignored` where no class is. */
export interface ClassMap extends LabelMap {
  readonly ignored: number;
}

export interface MarkedObject {
  /** The dataset's own; undefined where nothing has given it one. */
  readonly id: number | bigint | undefined;
  /** Position in the list of classes. */
  readonly classIndex: number;
  readonly box: XywhBox;
  /** In pixels; undefined: that of the box. */
  readonly area: number | undefined;
  /** 0 to 1; undefined for what is annotated. */
  readonly score: number | undefined;
  readonly crowd: boolean;
  readonly difficult: boolean;
  /** What is covered within the box; absent where nothing but the box is known. */
  readonly shape?: Shape | undefined;
}

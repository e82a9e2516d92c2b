import type { CategoryId, ClassIndex } from './brands.js';
import type { Size } from './frame.js';

/** Corners in pixels of the original picture, `x1 <= x2`, `y1 <= y2`. */
export type Box = readonly [x1: number, y1: number, x2: number, y2: number];

export interface Detection {
  readonly box: Box;
  /** 0 to 1. */
  readonly score: number;
  /** From 0, in the config's order. */
  readonly classIndex: ClassIndex;
  /** The dataset's own id where `metainfo.category_ids` lists it, else `classIndex + 1`. */
  readonly categoryId: CategoryId;
  readonly category: string;
}

/** Scores descending. */
export interface Detections extends Size {
  readonly kind: 'detection';
  readonly detections: readonly Detection[];
}

export interface ClassPixels {
  readonly classIndex: ClassIndex;
  readonly category: string;
  readonly pixels: number;
}

export interface SegmentationMap extends Size {
  readonly kind: 'segmentation';
  /** Row-major class indices, `width * height`, pixels of the original picture. */
  readonly labels: Uint8Array | Uint16Array;
  /** The classes that occur, most pixels first. */
  readonly classes: readonly ClassPixels[];
}

export interface RankedClass {
  readonly classIndex: ClassIndex;
  readonly category: string;
  /** Softmax over all classes, 0 to 1. */
  readonly score: number;
}

export interface Classification extends Size {
  readonly kind: 'classification';
  /** Best first. */
  readonly ranking: readonly RankedClass[];
}

export type Result = Detections | SegmentationMap | Classification;

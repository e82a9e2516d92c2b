/** Records of COCO's object detection format, with the keys of its JSON: a parsed file is used as it is, without a copy. */

/** Left, top, width, height in pixels of the picture. */
export type CocoBbox = readonly [x: number, y: number, width: number, height: number];

export interface CocoImage {
  readonly id: number;
  readonly file_name?: string;
  readonly width?: number;
  readonly height?: number;
}

export interface CocoCategory {
  /** Sparse, and seldom from 0. */
  readonly id: number;
  readonly name: string;
}

/** A marked object of one picture. */
export interface CocoObject {
  readonly id: number | bigint;
  readonly category_id: number;
  readonly bbox: CocoBbox;
  /** Pixels of the object's mask, not of its box: what COCO's size ranges go by. */
  readonly area: number;
  /** 1: the box holds a group. Detections inside it count neither for nor against. */
  readonly iscrowd?: 0 | 1 | boolean;
}

export interface CocoAnnotation extends CocoObject {
  readonly id: number;
  readonly image_id: number;
}

/** A box that a detector found in one picture. */
export interface CocoScoredBox {
  readonly category_id: number;
  readonly bbox: CocoBbox;
  readonly score: number;
}

/** One entry of a results file. */
export interface CocoDetection extends CocoScoredBox {
  readonly image_id: number;
}

export interface CocoGroundTruth {
  readonly images: readonly CocoImage[];
  readonly categories: readonly CocoCategory[];
  readonly annotations: readonly CocoAnnotation[];
}

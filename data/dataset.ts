/** What every reader of this folder gives, whatever the dataset's own format. Files are absolute paths. */
import type { CategoryId } from '../core/brands.js';
import type { Size } from '../core/frame.js';
import type { Shape } from '../geometry/shape.js';
import type { ColorMap } from './color_map.js';

/** COCO's form: left and top edge, width and height, in pixels, as the file gives them. */
export type XywhBox = readonly [x: number, y: number, width: number, height: number];

/**
 * What a dataset calls a picture: COCO's `image_id`; a file's path in its folder, without extension, in VOC and YOLO.
 * Whole numbers that float64 does not hold exactly, such as ids of 64 bits, are bigints.
 */
export type PictureId = number | string | bigint;

/** One annotated object of a picture. */
export interface GroundTruthObject {
  /** The dataset's own number; where its format has none, a running number from 1 over the whole dataset. */
  readonly id: number | bigint;
  readonly categoryId: CategoryId;
  readonly box: XywhBox;
  /** Of the object's mask where the dataset gives it, else of the box; in pixels. */
  readonly area: number;
  /** COCO's `iscrowd`: a region of many objects that are not told apart. */
  readonly crowd: boolean;
  /** Pascal VOC's `difficult`, and `difficult` or `ignore` on a COCO annotation. COCO AP takes no notice of it. */
  readonly difficult: boolean;
  /** What it covers, where readers were asked to keep that (`outlines: 'kept'`) and the file says more than a box. */
  readonly shape?: Shape;
}

/** What is known of a picture without looking at it. */
export interface AnnotatedPicture {
  readonly id: PictureId;
  /** As the annotations give it; undefined where they do not. */
  readonly size: Size | undefined;
  /** In the file's order. Made anew from the dataset's table at each reading: keep what is used more than once. */
  readonly objects: readonly GroundTruthObject[];
}

export interface DetectionSample extends AnnotatedPicture {
  readonly file: string;
}

export interface LeftOut {
  readonly classes: readonly string[];
  readonly categoryIds: readonly CategoryId[];
  readonly pictures: readonly PictureId[];
}

/** The objects of a dataset; its pictures need not be there. */
export interface DetectionAnnotations<Sample extends AnnotatedPicture = AnnotatedPicture> {
  readonly kind: 'detection';
  /** For messages: the file or folder that was read. */
  readonly name: string;
  /** In the dataset's own order, which need not be the config's. */
  readonly classes: readonly string[];
  /** Of each class; `index + 1` where the format has no ids of its own. */
  readonly categoryIds: readonly CategoryId[];
  /** The format has no ids: other readers may count the same classes otherwise, and names alone hold. */
  readonly countedIds?: true;
  /** Classes and pictures that the files have and whoever reads them did not ask for: detections of them do not count. */
  readonly leftOut?: LeftOut;
  /** An object has the id 0, which pycocotools takes for no object. */
  readonly hasIdZero?: true;
  /** In the file's order; pictures without objects among them. */
  readonly samples: readonly Sample[];
}

export type DetectionDataset = DetectionAnnotations<DetectionSample>;

export interface SegmentationSample {
  /** Path in its folder without suffix: `frankfurt/frankfurt_000000_000294`. */
  readonly id: string;
  readonly file: string;
  /** A PNG whose pixels are label numbers. */
  readonly labelFile: string;
  /** From the ids that its colours say (COCO's panoptic format) to labels; such a PNG has no label numbers. */
  readonly segments?: ReadonlyMap<number, number> | undefined;
}

export interface SegmentationDataset {
  readonly kind: 'segmentation';
  readonly name: string;
  /** By label number (after `labelMap` and `reduceZeroLabel`); undefined where the dataset does not name them. */
  readonly classes: readonly string[] | undefined;
  readonly samples: readonly SegmentationSample[];
  /** Labels count from 1 and 0 is ignored, as mmseg's `reduce_zero_label`: left to whoever scores. */
  readonly reduceZeroLabel: boolean;
  /** The label that is not scored, after `reduceZeroLabel`. */
  readonly ignoreIndex: number;
  /** Label PNGs show classes by colour. Applied by `readSampleLabels`, as what follows. */
  readonly colors?: ColorMap | undefined;
  /** From the file's numbers to labels; numbers that it lacks are an error. */
  readonly labelMap?: ReadonlyMap<number, number> | undefined;
  /** Numbers that `labelMap` lacks stay as they are. */
  readonly keepsOthers?: boolean | undefined;
}

export interface ClassificationSample {
  readonly file: string;
  /** In the dataset's own order: position in `classes`. */
  readonly classIndex: number;
}

export interface ClassificationDataset {
  readonly kind: 'classification';
  readonly name: string;
  /** Folder names, sorted by code units: `n01440764`. */
  readonly classes: readonly string[];
  /** By class, its names where a mapping file was given: `['tench', 'Tinca tinca']`. */
  readonly classNames: readonly (readonly string[])[] | undefined;
  readonly samples: readonly ClassificationSample[];
}

export type Dataset = DetectionDataset | SegmentationDataset | ClassificationDataset;

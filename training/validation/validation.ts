/** What validating a network during training is, for whoever trains and whoever watches. */
import type { RgbImage } from '../../core/frame.js';
import type { Note } from '../../core/notes.js';
import type { Detections, SegmentationMap } from '../../core/results.js';
import type { Tensors } from '../../core/tensor.js';

/** When it is: whole iterations that are done, and the epoch in which that was. */
export interface TrainingTime {
  readonly epoch: number;
  readonly iteration: number;
}

export interface Validation {
  /** By the names that mmdet and mmseg log: `coco/bbox_mAP`, `mIoU`. Fractions of 1; -1 (COCO) or NaN where nothing is to measure. */
  readonly metrics: Readonly<Record<string, number>>;
  /** What makes the figures doubtful; usually nothing. */
  readonly notes: readonly Note[];
}

/**
 * Figures of a network with these weights over the validation set. They are read, not kept: they may change again afterwards.
 * @param weights by the names of the state_dict, running statistics among them.
 * @throws {LowformerError} for a picture that cannot be read or scored; the signal's reason when aborted.
 */
export type Validate = (weights: Tensors, at: TrainingTime, signal?: AbortSignal) => Promise<Validation>;

/** A picture of the validation set, and what the network makes of it. */
export interface ValidatedPicture {
  /** Place in the data set. */
  readonly position: number;
  readonly file: string;
  readonly image: RgbImage;
  /** In pixels of the picture as displayed. */
  readonly result: Detections | SegmentationMap;
}

/** Who looks on. */
export interface ValidationWatcher {
  started?(at: TrainingTime, pictures: number): void;
  /** One after another, in the order of the data set; it is waited for. */
  picture?(picture: ValidatedPicture): void | Promise<void>;
}

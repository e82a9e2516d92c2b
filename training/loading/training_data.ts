/**
 * What is trained on, as a table: plain data that worker threads share. Which picture comes when is the samplers' matter,
 * what is done to it the pipeline's.
 */
import type { ColorMap } from '../../data/color_map.js';

/** Objects of all pictures, one after the other; in shared memory. */
export interface DetectionTrainingData {
  readonly kind: 'detection';
  /** For messages: the file or folder that was read. */
  readonly name: string;
  /** Paths; one for each picture. */
  readonly files: readonly string[];
  /** Width and height of each picture. */
  readonly sizes: Uint32Array;
  /** Of each picture its first object, and behind the last one their number. */
  readonly offsets: Uint32Array;
  /** x1, y1, x2, y2 of each object, in pixels of the picture as displayed. */
  readonly boxes: Float32Array;
  /** Class indices, in the config's order. */
  readonly labels: Int32Array;
  /** 1 for crowds and difficult objects: neither objects nor background. */
  readonly ignored: Uint8Array;
}

export interface SegmentationTrainingData {
  readonly kind: 'segmentation';
  readonly name: string;
  readonly files: readonly string[];
  /** PNGs, one for each picture. */
  readonly labelFiles: readonly string[];
  /** Labels from 0 up to, but not including, it are classes. */
  readonly classCount: number;
  /** The label that does not count. */
  readonly ignoreIndex: number;
  /** Files count classes from 1, and 0 is ignored. */
  readonly reduceZeroLabel: boolean;
  readonly colors?: ColorMap | undefined;
  readonly labelMap?: ReadonlyMap<number, number> | undefined;
  readonly keepsOthers?: boolean | undefined;
}

export type TrainingData = DetectionTrainingData | SegmentationTrainingData;

/** Objects of one picture. */
export function objectCount(data: TrainingData, picture: number): number {
  return data.kind === 'detection' ? (data.offsets[picture + 1] ?? 0) - (data.offsets[picture] ?? 0) : 0;
}

/** Class indices that one picture's objects have, ignored ones among them. */
export function classesOf({ offsets, labels }: DetectionTrainingData, picture: number): ReadonlySet<number> {
  return new Set(labels.subarray(offsets[picture] ?? 0, offsets[picture + 1] ?? 0));
}

/**
 * What a metric is: a name for `--metric`, its options, something that counts pictures, and what its figures are told as.
 * Definitions are values, as the modules of configs are; what a metric calculates with is imported when it is made.
 */
import type { z } from 'zod';
import type { Notes } from '../../core/notes.js';
import type { AnnotatedPicture, DetectionAnnotations } from '../../data/dataset.js';
import type { CocoScoredBox } from '../../evaluation/coco_records.js';
import type { LabelMap, SegmentationSettings } from '../../evaluation/segmentation_metrics.js';
import type { CommandFlag } from '../command_flag.js';
import type { Report } from '../report.js';
import type { PlacedResults } from '../results_by_picture.js';

/** Counts pictures, each once and in any order. */
export interface Metric<Picture, Counts, Result> {
  /** @throws {LowformerError} for what cannot be counted; then nothing of the picture is. */
  add(picture: Picture): void;
  /** What was counted so far, as plain JSON: it may be written, sent to another thread, and merged there. */
  counts(): Counts;
  /** Adds what another part of the data gave: the figures are those of one run, to the last bit, in whatever order. */
  merge(counts: Counts): void;
  /** The figures; what makes them doubtful is noted. */
  result(): Result;
}

/** What a metric of detection sees of a picture. */
export interface DetectionPicture {
  /** Place among the dataset's pictures. */
  readonly position: number;
  readonly truth: AnnotatedPicture;
  /** Categories by the dataset's ids, boxes as [x, y, width, height] in pixels, in the detector's order. */
  readonly detections: readonly CocoScoredBox[];
}

/** What label maps are held against. */
export interface LabelledClasses extends SegmentationSettings {
  /** For messages: the dataset. */
  readonly name: string;
  /** Undefined where nobody has named them. */
  readonly classes: readonly string[] | undefined;
}

export interface SegmentationPicture {
  /** For messages: one of its files. */
  readonly name: string;
  /** As in the file: `ignoreIndex` and `reduceZeroLabel` are left to the metric. */
  readonly truth: LabelMap;
  /** Class indices. */
  readonly prediction: LabelMap;
}

export interface RankedClasses {
  readonly name: string;
  readonly classes: readonly string[];
  readonly numClasses: number;
}

export interface ClassificationPicture {
  /** For messages: its path in the dataset. */
  readonly name: string;
  /** Class index of the network. */
  readonly target: number;
  /** The best classes, best first: as many as the metric's `ranks`, or all where there are fewer. */
  readonly ranking: readonly number[];
}

/** @typeParam Truth what the pictures' truth has in common: classes, ids. */
export interface MetricDefinition<Type extends string, Schema extends z.ZodType, Truth, Picture, Counts, Result> {
  /** What `--metric` and `score` call it. */
  readonly type: Type;
  /** For the help of `score`: `COCO AP of detections, as pycocotools`. */
  readonly description: string;
  /** Of its options; strict, and each with a default. */
  readonly schema: Schema;
  /** How the options are given. */
  readonly flags?: readonly CommandFlag[];
  /** Of counts, as they come back from a file. */
  readonly counts: z.ZodType<Counts>;
  create(
    truth: Truth,
    options: z.output<Schema>,
    notes: Notes,
  ): Metric<Picture, Counts, Result> | Promise<Metric<Picture, Counts, Result>>;
  /** The figures for programs and for people. */
  report(result: Result, truth: Truth, options: z.output<Schema>): Report | Promise<Report>;
  /** What a person should know of the predictions; usually nothing. */
  warnings?(result: Result): readonly string[];
}

export interface DetectionMetric<Type extends string, Schema extends z.ZodType, Counts, Result>
  extends MetricDefinition<Type, Schema, DetectionAnnotations, DetectionPicture, Counts, Result> {
  readonly task: 'detection';
  /** What an object without area means: a mistake (the default), or the area of its box. */
  readonly missingArea?: 'error' | 'box';
  /** What a box of negative size in a results file means: a mistake (the default), or a detection like others. */
  readonly negativeSizes?: 'keep';
  /** For the help: what of the ground truth counts, where that needs saying. */
  readonly truthNote?: string;
  /** Whether `score` puts the parts of `evaluate --shard` together for it: unless it says no. */
  readonly merges?: boolean;
  /** Scores results files at once, without a record for each detection; by default picture by picture. */
  scoreResults?(
    annotations: DetectionAnnotations,
    placed: readonly PlacedResults[],
    options: z.output<Schema>,
    notes: Notes,
  ): Result | Promise<Result>;
}

/** A run keeps the counts of each picture. */
export interface SegmentationMetric<Type extends string, Schema extends z.ZodType, Counts, Result>
  extends MetricDefinition<Type, Schema, LabelledClasses, SegmentationPicture, Counts, Result> {
  readonly task: 'segmentation';
}

export interface ClassificationMetric<Type extends string, Schema extends z.ZodType, Counts, Result>
  extends MetricDefinition<Type, Schema, RankedClasses, ClassificationPicture, Counts, Result> {
  readonly task: 'classification';
  /** How many of the best classes it looks at: a run keeps them of each picture. */
  readonly ranks: number;
}

export const defineDetectionMetric = <const Type extends string, Schema extends z.ZodType, Counts, Result>(
  metric: Omit<DetectionMetric<Type, Schema, Counts, Result>, 'task'>,
): DetectionMetric<Type, Schema, Counts, Result> => ({ ...metric, task: 'detection' });

export const defineSegmentationMetric = <const Type extends string, Schema extends z.ZodType, Counts, Result>(
  metric: Omit<SegmentationMetric<Type, Schema, Counts, Result>, 'task'>,
): SegmentationMetric<Type, Schema, Counts, Result> => ({ ...metric, task: 'segmentation' });

export const defineClassificationMetric = <const Type extends string, Schema extends z.ZodType, Counts, Result>(
  metric: Omit<ClassificationMetric<Type, Schema, Counts, Result>, 'task'>,
): ClassificationMetric<Type, Schema, Counts, Result> => ({ ...metric, task: 'classification' });

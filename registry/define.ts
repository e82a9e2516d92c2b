/**
 * What a module of the registry is: a name, a strict schema of its config keys (OpenMMLab's own), and a function that
 * builds it into a graph. Definitions are values; the types of configs are derived from their schemas.
 */
import type { z } from 'zod';
import type { NameRule } from '../core/checkpoint_facts.js';
import type { FrameTransform, Size, Span } from '../core/frame.js';
import type { InitCfg } from '../core/init_cfg.js';
import type { Shape, Tensor, Tensors } from '../core/tensor.js';
import type { Windows } from '../geometry/windows.js';
import type { GraphBuilder } from '../graph/builder.js';
import type { NamedValue } from '../graph/graph.js';
import type { LabelScores } from '../graph/passes/label_map.js';
import type { CandidateRows } from '../graph/passes/top_candidates.js';
import type { Value } from '../graph/value.js';
import type { Pyramid } from './feature.js';

/** Names of config keys. */
type Keys = readonly string[];

/** What every kind of definition has. */
export interface Definition<Type extends string, Schema extends z.ZodType, Training extends Keys = Keys> {
  /** The config's `type`. */
  readonly type: Type;
  /** Of the keys beside `type`; strict. */
  readonly schema: Schema;
  /** Keys that OpenMMLab's module takes for training alone: accepted, never read, listed as unused. */
  readonly trainingKeys?: Training;
  /** What the module knows of its checkpoints; nothing else does. */
  readonly checkpoint?: ModuleCheckpoint<Schema>;
}

/** Names of parameters are the module's own: without `backbone.`, `bbox_head.` or what else stands before them. */
export interface ModuleCheckpoint<Schema extends z.ZodType> {
  /** From other dialects of the module's names to its own, applied one after another. */
  readonly names?: readonly NameRule[];
  /**
   * What stands before the module's names in the whole networks of other libraries, where it is not what stands before
   * them here: `backbone.body.`. What follows is read by `names`.
   */
  readonly places?: readonly string[];
  /** Parameters, or modules of them, whose shapes follow from the number of classes: `retina_cls`. */
  readonly classLayers?: readonly string[];
  /**
   * How a parameter starts before training: its values row-major, or the one number that fills it; undefined for torch's
   * own start (norms the identity, biases 0, weights uniform in ±1/sqrt(fan in)).
   */
  initial?(name: string, shape: Shape, config: z.output<Schema>): Float32Array | number | undefined;
  /**
   * How training fills the module, but for what `initial` says of single parameters: OpenMMLab's `init_cfg` for it, or what
   * its code does in place of one. Absent: torch's own start.
   */
  initCfg?(config: z.output<Schema>): readonly InitCfg[];
  /**
   * Keys that choose a published size, with their values (`{ depth: [50, 101] }`): a file of another size is told by them.
   * Read of backbones alone: what comes behind follows them.
   */
  readonly sizes?: Readonly<Record<string, readonly (string | number)[]>>;
  /**
   * Where checkpoints store the module in several forms: the config keys that describe the form of a file, by the names
   * of its tensors; undefined where no name tells. A file's own form is built, whatever the config says.
   */
  form?(names: readonly string[]): Readonly<Record<string, unknown>> | undefined;
}

export interface BackboneDefinition<Type extends string, Schema extends z.ZodType, Training extends Keys = Keys>
  extends Definition<Type, Schema, Training> {
  /** H and W must be multiples of it: pictures are padded for it. Absent where any size will do. */
  readonly sizeDivisor?: number;
  /** An RGB or BGR picture [N, 3, H, W] -> C_i [N, C_i, H/s_i, W/s_i], finest first. */
  build(g: GraphBuilder, input: Value, config: z.output<Schema>): Pyramid;
}

export interface NeckDefinition<Type extends string, Schema extends z.ZodType, Training extends Keys = Keys>
  extends Definition<Type, Schema, Training> {
  /** C_i [N, C_i, H/s_i, W/s_i] -> P_i, finest first. */
  build(g: GraphBuilder, inputs: Pyramid, config: z.output<Schema>): Pyramid;
}

interface HeadDefinition<
  Type extends string,
  Schema extends z.ZodType,
  TestSchema extends z.ZodType,
  Training extends Keys,
> extends Definition<Type, Schema, Training> {
  /** Of the model's `test_cfg`, which OpenMMLab hands to the head; undefined comes where the config has none. */
  readonly testSchema: TestSchema;
  /** Keys of that `test_cfg` that OpenMMLab takes and does not read as it stands: accepted, listed as unused. */
  unusedTestKeys?(test: Readonly<Record<string, unknown>>): readonly string[];
  /** P_i, finest first -> the raw outputs, named as they leave the network. */
  build(g: GraphBuilder, inputs: Pyramid, config: z.output<Schema>): readonly NamedValue[];
}

/** Boxes of one picture in original pixels, scores descending: parallel arrays. */
export interface DecodedBoxes {
  /** x1, y1, x2, y2 for each box. */
  readonly boxes: Float32Array;
  readonly scores: Float32Array;
  readonly labels: Int32Array;
}

/**
 * The pixels of a picture where boxes come from, by all outputs of the network but `reg<i>`: those of every level, finest
 * first, as places in [H, W], row by row, each once, ascending. `index` is the picture's place in the batch.
 * @throws {LowformerError} `not-a-number` where the network gave NaN.
 */
export type CandidatePixels = (outputs: Tensors, index: number) => readonly Int32Array[];

/** From raw outputs to boxes; `index` is the picture's place in the batch. */
export interface DetectionDecoder {
  (outputs: Tensors, index: number, frame: FrameTransform): DecodedBoxes;
  /** Where it reads the outputs `reg<i>`; absent where that may be anywhere: they are then made everywhere. */
  readonly candidatePixels?: CandidatePixels;
  /** What it reads at most, where `topCandidates` can choose that; absent where all scores count, or not by themselves. */
  readonly candidateRows?: CandidateRows;
}

/** Class indices of one picture, row-major, in original pixels. */
export interface DecodedLabels extends Size {
  readonly labels: Uint8Array | Uint16Array;
}

/**
 * From raw outputs to label maps, at once or in two steps, between which windows are joined and several looks at a picture
 * are averaged. Both ways give the same labels. They give the event loop its turn: a large picture takes a good part of a
 * second. `index` is the picture's place in the batch; promises are rejected with the signal's reason when it aborts.
 */
export interface SegmentationDecoder {
  /** The output that labels are made of, and how it is enlarged; absent where labels are made otherwise. */
  readonly scores?: LabelScores;
  /** Both steps at once, which needs no room for the logits. */
  decode(outputs: Tensors, index: number, frame: FrameTransform, signal?: AbortSignal): Promise<DecodedLabels>;
  /**
   * The first step: scores before softmax or sigmoid at the size that the network saw, [1, classes, H, W].
   * @param rows of that size, where not all are wanted: H is their number.
   */
  logits(outputs: Tensors, index: number, size: Size, signal?: AbortSignal, rows?: Span): Promise<Tensor>;
  /**
   * The second: the class of each pixel of the original picture, from logits [1, classes, H, W] at `frame.padded`.
   * @param rows of the original picture, where not all are wanted: the result has these, and the logits `logitRows` of them.
   */
  labels(logits: Tensor, frame: FrameTransform, signal?: AbortSignal, rows?: Span): Promise<DecodedLabels>;
  /** The rows at `frame.padded` that some rows of the original picture are made of, where it may be mirrored. */
  logitRows(frame: FrameTransform, rows: Span): Span;
  /**
   * In the place of the second step, where several looks at a picture are averaged.
   * @param rows of the original picture: the labels are of these. @param width of the original picture.
   */
  averageLooks(rows: Span, width: number): AveragedLooks;
  /** Both steps at once of windows over a picture, which need no room for the logits either. */
  joinedLabels(frame: FrameTransform, places: JoinedWindowPlaces, signal?: AbortSignal): JoinedLabels<Tensors>;
  /** Where pictures go through the network in parts, whose logits are joined; absent where a picture goes whole. */
  readonly windows?: SlidingWindows;
}

/** Where windows lie over a picture, in pixels of what they lie over. */
export interface JoinedWindowPlaces extends Windows {
  /** A window's sides with what was added at the right and bottom for the network. */
  readonly padded: Size;
}

/** Some rows of a label map. */
export interface LabelBand {
  /** Of the original picture. */
  readonly rows: Span;
  /** Row-major, as wide as the picture. */
  readonly labels: Uint8Array | Uint16Array;
}

/**
 * Labels of a picture from the windows over it, made as soon as no later window lies over them. Of a window's scores those are held that
 * labels are still to be made of: a copy of the rows that the next windows below lie over, once those at its right are there.
 */
export interface JoinedLabels<Outputs> {
  /** Whether the whole picture has its labels: no more windows are needed. */
  readonly done: boolean;
  /** Bytes of windows' scores and of their bounds that are held. A view of a run's outputs counts as its own part. */
  readonly bytes: number;
  /**
   * A window that has been through the network: row by row, each from the left. To be gone through to its end before the next.
   * @returns the labels of the rows that the picture now has all of, from the top down: those that `logits`, joined, and `labels` make.
   * @throws {LowformerError} `not-a-number` where one of its scores is NaN, or a sum of infinite ones.
   */
  add(window: {
    readonly left: number;
    readonly top: number;
    readonly outputs: Outputs;
    readonly index: number;
  }): AsyncIterable<LabelBand>;
}

/** The mean of what several looks at some rows of a picture say of its classes. */
export interface AveragedLooks {
  /**
   * Adds a look.
   * @param logitsOf gives rows at `frame.padded` of what `logits` makes, [1, classes, rows, W].
   * @param bands all rows of the original picture that are averaged, in parts: `logitsOf` is asked for one after another.
   */
  add(
    logitsOf: (rows: Span) => Promise<Tensor>,
    frame: FrameTransform,
    bands: Iterable<Span>,
    signal?: AbortSignal,
  ): Promise<void>;
  /** The class of each pixel of these rows, by the looks so far. */
  labels(): DecodedLabels;
}

/** mmseg's `test_cfg` of mode `slide`. */
export interface SlidingWindows {
  /** Of a window, unless the picture is smaller; in pixels of the network's input. */
  readonly crop: Size;
  /** From one window to the next, across and down: no more than the window's own sides. */
  readonly stride: Size;
}

export interface DetectionHead<
  Type extends string,
  Schema extends z.ZodType,
  TestSchema extends z.ZodType,
  Training extends Keys = Keys,
> extends HeadDefinition<Type, Schema, TestSchema, Training> {
  readonly task: 'detection';
  /** How many classes the outputs tell apart. */
  numClasses(config: z.output<Schema>): number;
  /** Made once for a model. */
  decoder(config: z.output<Schema>, test: z.output<TestSchema>): DetectionDecoder;
}

export interface SegmentationHead<
  Type extends string,
  Schema extends z.ZodType,
  TestSchema extends z.ZodType,
  Training extends Keys = Keys,
> extends HeadDefinition<Type, Schema, TestSchema, Training> {
  readonly task: 'segmentation';
  /** Whether one output tells the foreground from the background by a threshold: two classes, of which a config may name one. */
  thresholded?(config: z.output<Schema>): boolean;
  /** How many classes label maps have. */
  numClasses(config: z.output<Schema>): number;
  /** Made once for a model. */
  decoder(config: z.output<Schema>, test: z.output<TestSchema>): SegmentationDecoder;
}

export interface ClassificationHead<
  Type extends string,
  Schema extends z.ZodType,
  TestSchema extends z.ZodType,
  Training extends Keys = Keys,
> extends HeadDefinition<Type, Schema, TestSchema, Training> {
  readonly task: 'classification';
  numClasses(config: z.output<Schema>): number;
  /** Probabilities of all classes of one picture, 0 to 1. */
  decoder(config: z.output<Schema>, test: z.output<TestSchema>): (outputs: Tensors, index: number) => Float32Array;
}

export const defineBackbone = <
  const Type extends string,
  Schema extends z.ZodType,
  const Training extends Keys = readonly [],
>(
  backbone: BackboneDefinition<Type, Schema, Training>,
): BackboneDefinition<Type, Schema, Training> => backbone;

export const defineNeck = <
  const Type extends string,
  Schema extends z.ZodType,
  const Training extends Keys = readonly [],
>(
  neck: NeckDefinition<Type, Schema, Training>,
): NeckDefinition<Type, Schema, Training> => neck;

export const defineDetectionHead = <
  const Type extends string,
  Schema extends z.ZodType,
  Test extends z.ZodType,
  const Training extends Keys = readonly [],
>(
  head: Omit<DetectionHead<Type, Schema, Test, Training>, 'task'>,
): DetectionHead<Type, Schema, Test, Training> => ({ ...head, task: 'detection' });

export const defineSegmentationHead = <
  const Type extends string,
  Schema extends z.ZodType,
  Test extends z.ZodType,
  const Training extends Keys = readonly [],
>(
  head: Omit<SegmentationHead<Type, Schema, Test, Training>, 'task'>,
): SegmentationHead<Type, Schema, Test, Training> => ({ ...head, task: 'segmentation' });

export const defineClassificationHead = <
  const Type extends string,
  Schema extends z.ZodType,
  Test extends z.ZodType,
  const Training extends Keys = readonly [],
>(
  head: Omit<ClassificationHead<Type, Schema, Test, Training>, 'task'>,
): ClassificationHead<Type, Schema, Test, Training> => ({ ...head, task: 'classification' });

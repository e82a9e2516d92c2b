/** What a head is trained by: losses as part of the graph, and the numbers that they are held to. */
import type { z } from 'zod';
import type { LabelMap, Size } from '../core/frame.js';
import type { Shape, Tensors } from '../core/tensor.js';
import type { GraphRoot } from '../graph/builder.js';
import type { MaskSite } from '../graph/gradients/masks.js';
import type { NamedValue } from '../graph/graph.js';
import { type ParseContext, parsePart } from './parse_module.js';

/** What is true of a picture of a batch, in pixels of the network's input. */
export interface DetectionTruth {
  /** `[objects, 4]`: x1, y1, x2, y2. */
  readonly boxes: Float32Array;
  /** Class indices of the objects. */
  readonly labels: Int32Array;
  /** Regions `[regions, 4]` of which nobody says what is there: crowds. */
  readonly ignored?: Float32Array;
  /** Of the picture's own part of the input. */
  readonly size: Size;
  /** Of that part with its own padding, to a multiple of the divisor: the batch may be larger. */
  readonly padded: Size;
}

/** Class indices of a picture as large as the network's input; what does not count is the head's `ignore_index`. */
export type SegmentationTruth = LabelMap;

/** Made once for a model. */
export interface HeadLosses<Truth> {
  /**
   * Emits losses behind the raw outputs, and adds inputs for what they are held to.
   * @param outputs as the head's `build` names them.
   * @returns numbers [1, 1, 1, 1] by the names that OpenMMLab logs: those that hold `loss` are summed and made small.
   */
  build(g: GraphRoot, outputs: readonly NamedValue[]): readonly NamedValue[];
  /**
   * The values of the inputs that `build` adds.
   * @param shapes of the raw outputs, by name.
   * @throws {LowformerError} `invalid-argument` for labels of no class.
   */
  targets(batch: readonly Truth[], shapes: Readonly<Record<string, Shape>>): Tensors;
  /** What is left out of the head by chance in every step; its modules are named without the head's own name. */
  readonly masks?: readonly MaskSite[];
}

/** What is true of a picture, by what is looked for in it. */
interface Truths {
  readonly detection: DetectionTruth;
  readonly segmentation: SegmentationTruth;
}

/**
 * Where a head's config and a model's `train_cfg` become losses. It stands beside the head's own definition, in a table of
 * its own, so that a program that only predicts carries none of it.
 */
export interface LossesDefinition<Type extends string, Task extends keyof Truths, Config> {
  /** The head's `type`. */
  readonly type: Type;
  readonly task: Task;
  /** The keys of the head's config that losses alone are made of: nothing else reads them. */
  readonly keys: readonly string[];
  /**
   * @param config the head's, checked.
   * @param written the head's config as it stands, of which `keys` are read.
   * @param train the model's `train_cfg`.
   * @param contexts where the two stand, for messages.
   * @throws {LowformerError} `invalid-config`
   */
  create(
    config: Config,
    written: Readonly<Record<string, unknown>>,
    train: unknown,
    contexts: { readonly head: ParseContext; readonly train: ParseContext },
  ): HeadLosses<Truths[Task]>;
}

interface LossesOf<
  Type extends string,
  Task extends keyof Truths,
  Config,
  Losses extends z.ZodObject,
  Train extends z.ZodType,
> {
  /** The head's `type`. */
  readonly type: Type;
  readonly task: Task;
  /** Of the keys of the head's config; strict. */
  readonly schema: Losses;
  /** Of the model's `train_cfg`; undefined comes where the config has none. */
  readonly trainSchema: Train;
  create(config: Config, losses: z.output<Losses>, train: z.output<Train>): HeadLosses<Truths[Task]>;
}

/** Losses whose keys are checked where they are made: a network that is not trained needs none that is known here. */
export function defineLosses<
  const Type extends string,
  const Task extends keyof Truths,
  Config,
  Losses extends z.ZodObject,
  Train extends z.ZodType,
>({
  type,
  task,
  schema,
  trainSchema,
  create,
}: LossesOf<Type, Task, Config, Losses, Train>): LossesDefinition<Type, Task, Config> {
  const keys = Object.keys(schema.shape);
  return {
    type,
    task,
    keys,
    create(config, written, train, contexts) {
      const own = Object.fromEntries(keys.filter((key) => key in written).map((key) => [key, written[key]]));
      const losses = parsePart(schema, own, contexts.head);
      return create(config, losses, parsePart(trainSchema, train, contexts.train));
    },
  };
}

/** The evaluators that a `val_evaluator` may name. */
import { z } from 'zod';
import { LowformerError } from '../../../core/errors.js';
import type { Notes } from '../../../core/notes.js';
import type { ModuleConfig } from '../../../registry/config_types.js';
import { type ParseContext, parsePart } from '../../../registry/parse_module.js';
import { type ModuleTable, moduleTable } from '../../../registry/table.js';
import { cocoMetric } from './coco_metric.js';
import type { DetectionEvaluator, PictureCounter, SegmentationEvaluator } from './evaluator.js';
import { iouMetric } from './iou_metric.js';
import { vocMetric } from './voc_metric.js';

/** One line each; of a task, the first is meant where none is named. */
const own = { CocoMetric: cocoMetric, VOCMetric: vocMetric, IoUMetric: iouMetric } as const;
type OwnEvaluators = typeof own;

/**
 * Every evaluator that a config may name, for the types of configs. A third party's joins by declaration merging:
 * `interface RegisteredEvaluators { readonly MyMetric: typeof myMetric }`.
 */
export interface RegisteredEvaluators extends OwnEvaluators {}

export type EvaluatorConfig = ModuleConfig<RegisteredEvaluators>;

type AnyEvaluator = DetectionEvaluator<string, z.ZodType> | SegmentationEvaluator<string, z.ZodType>;
type TrainedTask = AnyEvaluator['task'];
type EvaluatorOf<Task extends TrainedTask> = Extract<AnyEvaluator, { readonly task: Task }>;

export const EVALUATORS: ModuleTable<AnyEvaluator> = moduleTable<AnyEvaluator>('metric of validation', own);

/** An evaluator of a config, checked. */
export interface ParsedEvaluator<Task extends TrainedTask = TrainedTask> {
  readonly path: string;
  readonly definition: EvaluatorOf<Task>;
  readonly config: unknown;
  /** A file of ground truth that it names, which may be another than the data set's. */
  readonly annotations: string | undefined;
}

const typed = z.looseObject({ type: z.string() });

/**
 * Checks a config's `val_evaluator`: one, or a list whose figures stand side by side; the first of the task where none is
 * given.
 * @throws {LowformerError} `invalid-config` with the path, for another task's, and for what is not measured.
 */
export function parseEvaluators<Task extends TrainedTask>(
  given: unknown,
  task: Task,
  { path, ...context }: ParseContext,
): readonly ParsedEvaluator<Task>[] {
  const ofTask = (definition: AnyEvaluator): definition is EvaluatorOf<Task> => definition.task === task;
  const known = EVALUATORS.names()
    .map((name) => EVALUATORS.get(name, path))
    .filter(ofTask);
  const list: readonly unknown[] = given == null ? [{ type: known[0]?.type }] : Array.isArray(given) ? given : [given];
  return list.map((item, i) => {
    const at = Array.isArray(given) ? `${path}.${i}` : path;
    const { type, ...keys } = parsePart(typed, item, { ...context, path: at });
    const definition = EVALUATORS.get(type, `${at}.type`);
    if (!ofTask(definition)) {
      const expected = `an evaluator of ${task} (${known.map((one) => one.type).join(', ')})`;
      throw new LowformerError({ code: 'invalid-config', where: `${at}.type`, expected, received: type });
    }
    const config = parsePart(definition.schema, keys, { ...context, path: at });
    return { path: at, definition, config, annotations: definition.annotations?.(config) };
  });
}

/**
 * The counters of one validation, as one: names that two of them have are those of the first.
 * @param truth what the pictures' truth has in common.
 */
export function countPictures<Truth, Picture>(
  evaluators: readonly {
    readonly definition: { create(truth: Truth, config: unknown, notes: Notes): PictureCounter<Picture> };
    readonly config: unknown;
  }[],
  truth: Truth,
  notes: Notes,
): PictureCounter<Picture> {
  const counters = evaluators.map(({ definition, config }) => definition.create(truth, config, notes));
  return {
    add(picture) {
      for (const counter of counters) counter.add(picture);
    },
    metrics() {
      const all: Record<string, number> = {};
      for (const counter of counters)
        for (const [name, value] of Object.entries(counter.metrics())) all[name] ??= value;
      return all;
    },
  };
}

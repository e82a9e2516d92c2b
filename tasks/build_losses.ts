/** From a config's `model` to what it is trained by: its network with losses behind the head, and their targets. */
import { z } from 'zod';
import { LowformerError } from '../core/errors.js';
import type { Shape, Tensors } from '../core/tensor.js';
import { type GraphRoot, graphBuilder } from '../graph/builder.js';
import type { Graph } from '../graph/graph.js';
import { evaluateShapes } from '../graph/shapes.js';
import { HEAD_LOSSES } from '../heads/head_losses.js';
import { HEADS } from '../heads/index.js';
import type { DetectionTruth, HeadLosses, SegmentationTruth } from '../registry/define_losses.js';
import { type ParseContext, parsePart } from '../registry/parse_module.js';
import { TASKS } from './index.js';
import type { Model } from './model.js';
import { type TrainingRules, trainingRules } from './training_rules.js';

interface LossesOf<Task, Truth> extends TrainingRules {
  readonly task: Task;
  /** The network: inputs `input` and targets, outputs the numbers below. */
  readonly graph: Graph;
  /** The losses, by the names that OpenMMLab logs: training makes their sum small. */
  readonly losses: readonly string[];
  /** Numbers that are logged alone: an accuracy. */
  readonly logged: readonly string[];
  /**
   * The inputs of a batch beside the pictures.
   * @param input the shape of the batch: [N, 3, H, W].
   * @throws {LowformerError} `invalid-argument` for labels of no class, or label maps of other sizes.
   */
  targets(batch: readonly Truth[], input: Shape): Tensors;
}

/** What a model is trained by. */
export type ModelLosses = LossesOf<'detection', DetectionTruth> | LossesOf<'segmentation', SegmentationTruth>;

const treeSchema = z.looseObject({ type: z.string(), train_cfg: z.unknown().optional() });
const headSchema = z.looseObject({ type: z.string() });

/**
 * @param model as it was built from the tree.
 * @param tree the config's `model`, whose keys of losses and whose `train_cfg` are read here.
 * @param context where the tree stands in the config, for messages.
 * @throws {LowformerError} `invalid-config` for a head that is not trained here, and for losses and assigners that are
 *   unknown or do not fit.
 */
export function buildLosses(model: Model, tree: unknown, context: ParseContext = { path: 'model' }): ModelLosses {
  const { type, train_cfg, ...parts } = parsePart(treeSchema, tree, context);
  const { headKey } = TASKS.get(type, `${context.path}.type`);
  const head = { ...context, path: `${context.path}.${headKey}` };
  const written = parsePart(headSchema, parts[headKey], head);
  HEADS.get(written.type, `${head.path}.type`);
  if (!HEAD_LOSSES.names().includes(written.type)) {
    const expected = `a head that is trained here (${HEAD_LOSSES.names().join(', ')})`;
    throw new LowformerError({ code: 'invalid-config', where: `${head.path}.type`, expected, received: written.type });
  }
  const definition = HEAD_LOSSES.get(written.type, `${head.path}.type`);
  const config: unknown = model.checked.find(({ path }) => path === head.path)?.config;
  const contexts = { head, train: { ...context, path: `${context.path}.train_cfg` } };
  const train = train_cfg ?? undefined;
  const rules = ({ masks = [] }: Pick<HeadLosses<never>, 'masks'>) =>
    trainingRules(model, parts, context, { key: headKey, keys: definition.keys, masks });
  switch (definition.task) {
    case 'detection': {
      const losses = definition.create(config, written, train, contexts);
      return { task: 'detection', ...behind(model, losses), ...rules(losses) };
    }
    case 'segmentation': {
      const losses = definition.create(config, written, train, contexts);
      return { task: 'segmentation', ...behind(model, losses), ...rules(losses) };
    }
  }
}

/** The network with losses behind its raw outputs. */
function behind<Truth>(
  { graph }: Model,
  head: HeadLosses<Truth>,
): Omit<LossesOf<never, Truth>, 'task' | keyof TrainingRules> {
  const g: GraphRoot = graphBuilder(graph);
  const numbers = head.build(g, graph.outputs);
  const names = numbers.map(({ name }) => name);
  return {
    graph: g.finish(numbers),
    losses: names.filter((name) => name.includes('loss')),
    logged: names.filter((name) => !name.includes('loss')),
    targets(batch, input) {
      const shapes = evaluateShapes(graph, { input });
      const raw = graph.outputs.map(({ name, value }) => [name, shapes.get(value.id) ?? []] as const);
      return head.targets(batch, Object.fromEntries(raw));
    },
  };
}

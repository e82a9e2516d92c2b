/** From a config's `model` to a network: every part is looked up in its table, checked by its schema, and built in turn. */
import { z } from 'zod';
import { BACKBONES } from '../backbones/index.js';
import { MOST_ITEMS } from '../core/bounded_numbers.js';
import type { CheckpointFacts } from '../core/checkpoint_facts.js';
import { LowformerError } from '../core/errors.js';
import { graphBuilder } from '../graph/builder.js';
import type { Graph, NamedValue } from '../graph/graph.js';
import { type AnyHead, HEADS } from '../heads/index.js';
import { NECKS } from '../necks/index.js';
import type { Definition } from '../registry/define.js';
import type { Feature, Pyramid } from '../registry/feature.js';
import { type ParseContext, parseModule, parsePart } from '../registry/parse_module.js';
import { backboneSizes } from './backbone_sizes.js';
import { type AnyTask, TASKS } from './index.js';
import type { CheckedPart, Model, NamedFeature } from './model.js';

const partSchema = z.looseObject({ type: z.string() });

/** mmpretrain's classifiers pool in a neck, which has no parameters; the heads here do that themselves. */
const poolingSchema = z.strictObject({ type: z.literal('GlobalAveragePooling'), dim: z.literal(2).optional() });

/**
 * @param tree the config's `model`: OpenMMLab's shape, `type` naming the task.
 * @param context where the tree stands in the config, for messages.
 * @throws {LowformerError} `invalid-config`, naming the path, for unknown keys and types, wrong values, and channel
 *   counts or strides that contradict the features that arrive.
 */
export function buildModel(tree: unknown, context: ParseContext = { path: 'model' }): Model {
  const unused: string[] = [];
  const { type } = parsePart(partSchema, tree, context);
  const task = TASKS.get(type, `${context.path}.type`);
  const used = withoutTraining(tree, task.trainingKeys, context, unused);
  const parts = parsePart(modelSchema(task, hasNeckList(tree)), used, context);
  const at = (key: string): ParseContext => ({ ...context, path: `${context.path}.${key}` });

  const g = graphBuilder();
  const backbone = parseModule(BACKBONES, parts.backbone, at('backbone'), unused);
  const { sizeDivisor = 1 } = backbone.definition;
  const input = g.input('input', 3, sizeDivisor);
  const features = located('backbone', context, backbone.definition.type, () =>
    backbone.definition.build(g.scope('backbone'), input, backbone.config),
  );
  const necks =
    task.neck === 'none'
      ? []
      : neckTrees(parts.neck).map(({ key, tree }) => {
          return { key, module: parseModule(NECKS, tree, at(key), unused) };
        });
  const levels = necks.reduce(
    (inputs, { key, module: { definition, config } }) =>
      located(key, context, definition.type, () => definition.build(g.scope(key), inputs, config)),
    features,
  );
  const head = parseModule(HEADS, parts[task.headKey], at(task.headKey), unused);
  if (head.definition.task !== task.task) {
    const expected = `a head for ${task.task}`;
    const where = `${context.path}.${task.headKey}.type`;
    throw new LowformerError({ code: 'invalid-config', where, expected, received: head.definition.type });
  }
  const outputs = located(task.headKey, context, head.definition.type, () =>
    head.definition.build(g.scope(task.headKey), levels, head.config),
  );

  const named = [...nameFeatures('c', features), ...(necks.length === 0 ? [] : nameFeatures('p', levels))];
  const wholeGraph = g.finish([...named, ...outputs]);
  const test = parsePart(
    head.definition.testSchema,
    withoutUnused(parts.test_cfg ?? undefined, head.definition, at('test_cfg'), unused),
    at('test_cfg'),
  );
  const modules: readonly (readonly [key: string, ParsedModule])[] = [
    ['backbone', backbone],
    ...necks.map(({ key, module }) => [key, module] as const),
    [task.headKey, head],
  ];
  const built = {
    type,
    checked: [
      ...modules.map(([key, module]) => checkedPart(at(key).path, module)),
      { path: at('test_cfg').path, config: test },
    ],
    checkpointFacts: modules.map(([key, module]) => ({
      ...checkpointFacts(`${key}.`, module),
      ...(key === 'backbone' ? { sizes: () => backboneSizes(backbone.definition, backbone.config) } : {}),
    })),
    graph: withOutputs(wholeGraph, outputs),
    wholeGraph,
    features: named,
    sizeDivisor,
    numClasses: head.definition.numClasses(head.config),
    thresholded: head.definition.task === 'segmentation' && head.definition.thresholded?.(head.config) === true,
    preprocessor: parsePart(task.preprocessorSchema, parts.data_preprocessor ?? {}, at('data_preprocessor')),
    unused,
  };
  const decoder = located(task.headKey, context, head.definition.type, () =>
    decoding(head.definition, head.config, test),
  );
  return { ...built, ...decoder };
}

interface ParsedModule {
  readonly definition: Definition<string, z.ZodType>;
  readonly config: unknown;
}

function checkedPart(path: string, { definition: { checkpoint }, config }: ParsedModule): CheckedPart {
  return { path, config, ...(checkpoint?.form === undefined ? {} : { form: checkpoint.form }) };
}

function checkpointFacts(prefix: string, { definition: { checkpoint = {} }, config }: ParsedModule): CheckpointFacts {
  const { names = [], places = [], classLayers = [] } = checkpoint;
  return {
    prefix,
    names,
    places,
    classLayers,
    initial: (name, shape) => checkpoint.initial?.(name, shape, config),
    ...(checkpoint.initCfg === undefined ? {} : { initCfg: checkpoint.initCfg(config) }),
  };
}

function decoding(head: AnyHead, config: unknown, test: unknown) {
  switch (head.task) {
    case 'detection':
      return { task: head.task, decode: head.decoder(config, test) };
    case 'segmentation':
      return { task: head.task, ...head.decoder(config, test) };
    case 'classification':
      return { task: head.task, decode: head.decoder(config, test) };
  }
}

/** The keys of a whole model; what stands under them is checked by the modules themselves. */
function modelSchema({ headKey, neck }: AnyTask, severalNecks: boolean): z.ZodType<Readonly<Record<string, unknown>>> {
  const optional = z.unknown().optional();
  const necks = severalNecks ? z.array(partSchema).min(1).max(MOST_ITEMS) : partSchema;
  const neckSchema = { required: necks, optional: necks.nullish(), none: poolingSchema.nullish() }[neck];
  return z.strictObject({
    type: z.string(),
    backbone: partSchema,
    neck: neckSchema,
    [headKey]: partSchema,
    data_preprocessor: optional,
    test_cfg: optional,
  });
}

/** Whether several necks stand behind one another. */
function hasNeckList(tree: unknown): boolean {
  return typeof tree === 'object' && tree !== null && 'neck' in tree && Array.isArray(tree.neck);
}

/** The necks from the backbone on, by the names of their parameters: of several, mmengine's Sequential numbers them. */
function neckTrees(neck: unknown): readonly { readonly key: string; readonly tree: unknown }[] {
  if (Array.isArray(neck)) return neck.map((tree: unknown, i) => ({ key: `neck.${i}`, tree }));
  return neck == null ? [] : [{ key: 'neck', tree: neck }];
}

/** A `test_cfg` without what OpenMMLab does not read of it. */
function withoutUnused(test: unknown, head: AnyHead, context: ParseContext, unused: string[]): unknown {
  if (typeof test !== 'object' || test === null) return test;
  return withoutTraining(test, head.unusedTestKeys?.(Object.fromEntries(Object.entries(test))) ?? [], context, unused);
}

function withoutTraining(tree: unknown, keys: readonly string[], { path }: ParseContext, unused: string[]): unknown {
  if (typeof tree !== 'object' || tree === null) return tree;
  return Object.fromEntries(
    Object.entries(tree).filter(([key]) => {
      if (!keys.includes(key)) return true;
      unused.push(`${path}.${key}`);
      return false;
    }),
  );
}

/** Modules name themselves in their errors (`FPN.num_outs`); a reader of the config looks for `model.neck.num_outs`. */
function located<T>(key: string, { path }: ParseContext, type: string, build: () => T): T {
  try {
    return build();
  } catch (error) {
    if (!(error instanceof LowformerError)) throw error;
    throw error.at(
      error.path.startsWith(`${type}.`)
        ? `${path}.${key}${error.path.slice(type.length)}`
        : `${path}.${key}: ${error.path}`,
    );
  }
}

/** `c2` at stride 4, `c3` at stride 8 and so on; where a dilated stage has the stride of the one before, counted on. */
function nameFeatures(letter: string, pyramid: Pyramid): readonly NamedFeature[] {
  let level = 0;
  return pyramid.map((feature: Feature) => {
    level = Math.max(level + 1, Math.floor(Math.log2(feature.stride)));
    return { ...feature, name: `${letter}${level}` };
  });
}

function withOutputs(graph: Graph, outputs: readonly NamedValue[]): Graph {
  return { ...graph, outputs };
}

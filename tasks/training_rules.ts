/** How a config's `model` wants its parts trained: what is frozen, what is left out by chance, how running statistics move. */
import { z } from 'zod';
import { EVALUATES_NORMS, STAGE_MODULES } from '../backbones/frozen_stages.js';
import { DROPS_PATHS, stochasticDepth } from '../backbones/stochastic_depth.js';
import { LowformerError } from '../core/errors.js';
import type { MaskSite } from '../graph/gradients/masks.js';
import { type ParseContext, parsePart } from '../registry/parse_module.js';
import type { Model } from './model.js';

/** Parts of a network that are not trained. */
export interface Frozen {
  /** Whether a parameter stays as it is, by its name. */
  readonly parameters: (name: string) => boolean;
  /** Whether the running statistics of a norm stand, by its module's name. */
  readonly statistics: (scope: string) => boolean;
}

export interface TrainingRules {
  readonly frozen: Frozen;
  /** What is left out by chance in every step. */
  readonly masks: readonly MaskSite[];
  /** The share of a batch in a norm's new running statistics, by its module's name: `norm_cfg.momentum`. */
  readonly momentum: (scope: string) => number;
  /** Paths of what the model says of training and is not followed. */
  readonly unfollowed: readonly string[];
}

const backboneSchema = z.looseObject({
  type: z.string(),
  frozen_stages: z.int().min(-1).max(4).nullish().describe('-1: none; 0: the stem; n: n stages as well'),
  norm_eval: z.boolean().nullish(),
  drop_path_rate: z.number().min(0).lt(1).nullish(),
});

/** torch's own. */
const MOMENTUM = 0.1;

const normConfigSchema = z.looseObject({
  norm_cfg: z.looseObject({ momentum: z.number().optional(), requires_grad: z.boolean().optional() }),
});

/**
 * @param tree the config's `model`.
 * @param followed keys of the head that its losses are made of.
 * @param masks of the head.
 * @throws {LowformerError} `invalid-config` for stages that cannot be frozen.
 */
export function trainingRules(
  model: Model,
  tree: Readonly<Record<string, unknown>>,
  context: ParseContext,
  head: { readonly key: string; readonly keys: readonly string[]; readonly masks: readonly MaskSite[] },
): TrainingRules {
  const path = `${context.path}.backbone`;
  const backbone = parsePart(backboneSchema, tree.backbone, { ...context, path });
  const stages = frozenStages(backbone, path);
  const evaluates = backbone.norm_eval ?? (model.task === 'detection' && EVALUATES_NORMS.has(backbone.type));
  const norms = normConfigs(model, context);
  const fixedNorms = new Set(
    model.wholeGraph.nodes
      .filter(({ operation, scope }) => NORMS.has(operation) && norms(scope)?.requires_grad === false)
      .flatMap(({ parameters }) => Object.values(parameters)),
  );
  const rate = backbone.drop_path_rate ?? 0;
  const drops = DROPS_PATHS.has(backbone.type);
  const keys = [...BACKBONE_KEYS, ...(drops ? ['drop_path_rate'] : [])];
  return {
    frozen: {
      parameters: (name) => stages(name) || fixedNorms.has(name),
      statistics: (scope) => stages(scope) || (evaluates && scope.startsWith('backbone.')),
    },
    masks: [
      ...(drops && rate > 0 ? stochasticDepth(model.wholeGraph, rate) : []),
      ...head.masks.map((site) => ({ ...site, module: `${head.key}.${site.module}` })),
    ],
    momentum: (scope) => norms(scope)?.momentum ?? MOMENTUM,
    unfollowed: model.unused.filter((one) => {
      const [part = '', ...rest] = one.slice(context.path.length + 1).split('.');
      const key = rest.at(-1) ?? part;
      const own = part === 'backbone' ? keys : part === head.key ? head.keys : [];
      return part !== 'test_cfg' && ![...ELSEWHERE, ...own].includes(key) && says(valueAt(tree, [part, ...rest]));
    }),
  };
}

const BACKBONE_KEYS = ['frozen_stages', 'norm_eval'];
/** What concerns first weights, memory alone, or is read in another place. */
const ELSEWHERE = [
  'init_cfg',
  'pretrained',
  'convert_weights',
  'pretrain_img_size',
  'with_cp',
  'use_checkpoint',
  'train_cfg',
  'test_cfg',
];
const NORMS: ReadonlySet<string> = new Set(['batchNorm', 'groupNorm', 'layerNorm']);

/** Whether a name lies in a frozen stage. */
function frozenStages(
  { type, frozen_stages }: z.output<typeof backboneSchema>,
  path: string,
): (name: string) => boolean {
  const last = frozen_stages ?? -1;
  if (last < 0) return () => false;
  const modules = STAGE_MODULES.get(type);
  if (modules === undefined) {
    const expected = `-1: the stages of ${type} are trained all together`;
    throw new LowformerError({ code: 'invalid-config', where: `${path}.frozen_stages`, expected, received: last });
  }
  const frozen = [modules.stem, ...Array.from({ length: last }, (_, i) => modules.stage(i + 1))].flat();
  return (name) => frozen.some((module) => `${name}.`.startsWith(`backbone.${module}.`));
}

/** The `norm_cfg` that a module's norm is made by: that of the part that it lies in. */
function normConfigs(model: Model, { path }: ParseContext) {
  const parts = model.checked.flatMap((part) => {
    const parsed = normConfigSchema.safeParse(part.config);
    return parsed.success ? [{ prefix: `${part.path.slice(path.length + 1)}.`, config: parsed.data.norm_cfg }] : [];
  });
  return (scope: string) => parts.find(({ prefix }) => scope.startsWith(prefix))?.config;
}

function valueAt(tree: unknown, keys: readonly string[]): unknown {
  return keys.reduce<unknown>((value, key) => {
    return typeof value === 'object' && value !== null
      ? Object.entries(value).find(([name]) => name === key)?.[1]
      : undefined;
  }, tree);
}

/** Whether a value asks for anything. */
function says(value: unknown): boolean {
  return ![undefined, null, false, 0, -1].some((nothing) => nothing === value);
}

/** What a config's `init_cfg`s say: which checkpoints fill a part, and how chance fills the others. */
import { z } from 'zod';
import { LowformerError } from '../../core/errors.js';
import type { InitCfg } from '../../core/init_cfg.js';
import type { OpenedConfig } from '../../models/open_config.js';
import { partAt } from '../../registry/config_places.js';
import { originAt } from '../../registry/config_tree.js';
import { type ParseContext, parsePart } from '../../registry/parse_module.js';
import { bareTypes } from '../../registry/type_names.js';
import { KNOWN_LAYERS, type WrittenStart } from './fresh_weights.js';

const layerName = z.string().refine((name) => KNOWN_LAYERS.includes(name), {
  error: `expected a class of torch's modules (${KNOWN_LAYERS.join(', ')})`,
});
const filled = {
  layer: z.union([layerName, z.array(layerName)]).optional(),
  bias: z.number().optional(),
  bias_prob: z.number().gt(0).lt(1).optional(),
} as const;
const distribution = z.enum(['normal', 'uniform']).optional();
const std = z.number().min(0).optional();

const forms = [
  z.strictObject({ type: z.literal('Constant'), val: z.number(), ...filled }),
  z.strictObject({ type: z.literal('Normal'), mean: z.number().optional(), std, ...filled }),
  z.strictObject({
    type: z.literal('TruncNormal'),
    mean: z.number().optional(),
    std,
    a: z.number().optional(),
    b: z.number().optional(),
    ...filled,
  }),
  z.strictObject({ type: z.literal('Uniform'), a: z.number().optional(), b: z.number().optional(), ...filled }),
  z.strictObject({ type: z.literal('Xavier'), gain: z.number().optional(), distribution, ...filled }),
  z.strictObject({
    type: z.literal('Kaiming'),
    a: z.number().optional(),
    mode: z.enum(['fan_in', 'fan_out']).optional(),
    nonlinearity: z.enum(['relu', 'leaky_relu']).optional(),
    distribution,
    ...filled,
  }),
  z.strictObject({ type: z.literal('Caffe2Xavier'), ...filled }),
] as const;
const form = z.discriminatedUnion('type', forms);
const pretrainedSchema = z.strictObject({
  type: z.literal('Pretrained'),
  checkpoint: z.string().min(1),
  prefix: z.string().nullish(),
  map_location: z.unknown().optional(),
});
const typed = z.looseObject({ type: z.string() });
const named = z.looseObject({ name: z.string() });

/** A file, or an address, that fills a part of the network. */
export interface PretrainedPart {
  readonly path: string;
  /** `backbone.`; empty for the whole network. */
  readonly prefix: string;
  readonly checkpoint: string;
  /** What the part's names begin with in the file. */
  readonly within: string | undefined;
}

export interface WrittenStarts {
  readonly pretrained: readonly PretrainedPart[];
  readonly chance: readonly WrittenStart[];
}

/**
 * The `init_cfg` of the model and of each of its parts.
 * @throws {LowformerError} `invalid-config` with the path, for forms and keys that are unknown.
 */
export function writtenStarts({ config, model }: OpenedConfig): WrittenStarts {
  const places = [
    { path: 'model', prefix: '' },
    ...model.checkpointFacts.map(({ prefix }) => ({ path: `model.${prefix.slice(0, -1)}`, prefix })),
  ];
  const pretrained: PretrainedPart[] = [];
  const chance: WrittenStart[] = [];
  for (const { path, prefix } of places) {
    const part = partAt(config, [...path.split('.'), 'init_cfg']);
    const older = olderForms(config, path, prefix);
    pretrained.push(...older);
    if (older[0] !== undefined) {
      if (part !== undefined && part.value !== null) throw both(older[0].path, part.path);
      continue;
    }
    if (part === undefined) continue;
    const context: ParseContext = { path: part.path, originOf: (where) => originAt(config.origins, where) };
    const value: unknown = bareTypes(part.value, part.path.split('.'));
    const rules: InitCfg[] = [];
    for (const [i, item] of (Array.isArray(value) ? value : [value]).entries()) {
      const at = Array.isArray(value) ? { ...context, path: `${part.path}.${i}` } : context;
      if (parsePart(typed, item, at).type === 'Pretrained') {
        const { checkpoint, prefix: within } = parsePart(pretrainedSchema, item, at);
        pretrained.push({ path: at.path, prefix, checkpoint, within: within ?? undefined });
      } else rules.push(initCfg(item, at));
    }
    if (rules.length > 0) chance.push({ prefix, rules });
  }
  const [first, second] = pretrained;
  if (first !== undefined && second !== undefined) throw several(first, second);
  return { pretrained, chance };
}

/** mmdet 2's and mmseg 0's `pretrained`: a checkpoint for the backbone, which the model or the backbone names. */
function olderForms(config: OpenedConfig['config'], path: string, prefix: string): readonly PretrainedPart[] {
  if (prefix !== 'backbone.') return [];
  return [`${path}.pretrained`, 'model.pretrained'].flatMap((where) => {
    const part = partAt(config, where.split('.'));
    if (part === undefined || part.value === null) return [];
    const context: ParseContext = { path: part.path, originOf: (at) => originAt(config.origins, at) };
    const checkpoint = parsePart(z.string().min(1, { error: 'expected a checkpoint, or null' }), part.value, context);
    return [{ path: part.path, prefix, checkpoint, within: undefined }];
  });
}

function both(older: string, path: string): LowformerError {
  const expected = `no init_cfg beside ${older}, which says the same in mmdet 2's way`;
  return new LowformerError({ code: 'invalid-config', where: path, expected });
}

/** An override without a type of its own is filled as what it stands in. */
function initCfg(given: unknown, context: ParseContext): InitCfg {
  const { override, ...own } = parsePart(typed, given, context);
  const rule = parsePart(form, own, context);
  const list = override === undefined || override === null ? [] : [override].flat();
  const overrides = list.map((item: unknown, i) => {
    const at = {
      ...context,
      path: Array.isArray(override) ? `${context.path}.override.${i}` : `${context.path}.override`,
    };
    const { name, ...keys } = parsePart(named, item, at);
    const { layer: _, ...inherited } = own;
    return { name, ...parsePart(form, 'type' in keys ? keys : { ...inherited, ...keys }, at) };
  });
  return overrides.length === 0 ? rule : { ...rule, override: overrides };
}

function several(first: PretrainedPart, second: PretrainedPart): LowformerError {
  return new LowformerError({
    code: 'invalid-config',
    where: second.path,
    expected: `one checkpoint to start from, but ${first.path} names one as well`,
    hint: 'A checkpoint of the whole network is load_from, or --checkpoint.',
  });
}

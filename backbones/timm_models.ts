/** timm's models that are here, by timm's names, as its `features_only` gives them out. */
import type { GraphBuilder } from '../graph/builder.js';
import type { Value } from '../graph/value.js';
import type { Pyramid } from '../registry/feature.js';
import { CONVNEXT_ARCHS, convnext } from './convnext.js';
import { EFFICIENTNET_SCALES, efficientnetFeatures } from './efficientnet.js';
import { EFFICIENTVIT_ARCHS, efficientvit } from './efficientvit.js';
import { fastvit } from './fastvit.js';
import { mobileone } from './mobileone.js';
import { resnet } from './resnet.js';
import { resnext } from './resnext.js';

export interface TimmModel {
  /** timm's number of the first feature that is here: its stem, which some families give out too, is not. */
  readonly first: number;
  /** Whether timm leaves out the parameters of what no feature needs; networks that end early are not here. */
  readonly whole: boolean;
  /** [N, 3, H, W] -> all features, finest first; those of timm from `first` on. */
  features(g: GraphBuilder, input: Value): Pyramid;
}

/** A family of which timm numbers the stages in the names of its modules, as `stages_0`. */
function joined(
  containers: readonly string[],
  first: number,
  build: (g: GraphBuilder, input: Value) => Pyramid,
): TimmModel {
  return { first, whole: true, features: (g, input) => build(flattened(g, containers), input) };
}

const named = <Key extends string>(keys: readonly Key[], entry: (key: Key) => readonly [string, TimmModel]) =>
  keys.map(entry);

const keysOf = <Key extends string>(table: Readonly<Record<Key, unknown>>): readonly Key[] =>
  Object.keys(table).filter((key): key is Key => key in table);

const residual = (depth: 18 | 34 | 50 | 101 | 152): TimmModel => ({
  first: 1,
  whole: true,
  features: (g, input) => resnet.build(g, input, resnet.schema.parse({ depth })),
});
const grouped = (depth: 50 | 101, groups: 32 | 64): TimmModel => ({
  first: 1,
  whole: true,
  features: (g, input) => resnext.build(g, input, resnext.schema.parse({ depth, groups, base_width: 4 })),
});

/** Weights of torchvision's training have names of their own in timm. */
export const TIMM_MODELS: ReadonlyMap<string, TimmModel> = new Map<string, TimmModel>([
  ...([18, 34, 50, 101, 152] as const).map((depth) => [`resnet${depth}`, residual(depth)] as const),
  ...([34, 50, 101, 152] as const).map((depth) => [`tv_resnet${depth}`, residual(depth)] as const),
  ['resnext50_32x4d', grouped(50, 32)],
  ['tv_resnext50_32x4d', grouped(50, 32)],
  ['resnext101_32x4d', grouped(101, 32)],
  ['resnext101_64x4d', grouped(101, 64)],
  ...named(keysOf(EFFICIENTNET_SCALES), (scale) => [
    `efficientnet_${scale}`,
    { first: 0, whole: false, features: (g, input) => efficientnetFeatures(g, input, scale) },
  ]),
  ...named(keysOf(CONVNEXT_ARCHS), (arch) => [
    `convnext${arch.startsWith('v2_') ? '' : '_'}${arch}`,
    joined(['stem', 'stages'], 0, (g, input) => convnext.build(g, input, convnext.schema.parse({ arch }))),
  ]),
  ...named(keysOf(EFFICIENTVIT_ARCHS), (arch) => [
    `efficientvit_${arch}`,
    joined(['stem', 'stages'], 0, (g, input) => efficientvit.build(g, input, efficientvit.schema.parse({ arch }))),
  ]),
  ...named(['t8', 't12', 's12', 'sa12', 'sa24'], (arch) => [
    `fastvit_${arch}`,
    joined(['stem', 'stages'], 0, (g, input) => fastvit.build(g, input, fastvit.schema.parse({ arch }))),
  ]),
  ...named(['s0', 's1', 's2', 's3', 's4'], (arch) => [
    `mobileone_${arch}`,
    joined(['stages'], 1, (g, input) => mobileone.build(g, input, mobileone.schema.parse({ arch }))),
  ]),
]);

/**
 * A builder in which what lies in a container of modules has one name with it: timm's FeatureListNet takes networks apart
 * into `stem_0` and `stages_0` where the network itself has `stem.0` and `stages.0`.
 */
function flattened(g: GraphBuilder, containers: readonly string[]): GraphBuilder {
  return {
    ...g,
    scope(name) {
      const [first = '', second, ...rest] = name.split('.');
      if (!containers.includes(first)) return g.scope(name);
      return second === undefined ? inContainer(g, first) : g.scope([`${first}_${second}`, ...rest].join('.'));
    },
  };
}

function inContainer(g: GraphBuilder, container: string): GraphBuilder {
  return {
    ...g.scope(container),
    scope: (name) => g.scope(`${container}_${name}`),
    reserve: (...names) => g.reserve(...names.map((name) => `${container}_${name}`)),
  };
}

/** A config's `dataset`, checked: a data set, or several with what repeats, joins and mixes them. */
import { z } from 'zod';
import { LowformerError } from '../../core/errors.js';
import { type ParseContext, parsePart } from '../../registry/parse_module.js';
import type { DatasetKeys, DetectionKeys } from './datasets/define.js';
import { type AnyDetectionSet, type AnySegmentationSet, DATASETS } from './datasets/index.js';

/** A data set itself. */
export type Leaf =
  | { readonly task: 'detection'; readonly set: AnyDetectionSet; readonly config: DetectionKeys; readonly path: string }
  | {
      readonly task: 'segmentation';
      readonly set: AnySegmentationSet;
      readonly config: DatasetKeys;
      readonly path: string;
    };
export type TrainedTask = Leaf['task'];

export type DatasetTree =
  | { readonly kind: 'set'; readonly leaf: Leaf }
  /** mmengine's `ConcatDataset`: one behind the other. */
  | { readonly kind: 'joined'; readonly trees: readonly DatasetTree[]; readonly path: string }
  /** mmengine's `RepeatDataset`. */
  | { readonly kind: 'repeated'; readonly tree: DatasetTree; readonly times: number }
  /** mmengine's `ClassBalancedDataset`. */
  | { readonly kind: 'balanced'; readonly tree: DatasetTree; readonly threshold: number; readonly path: string }
  /** mmdet's `MultiImageMixDataset`: its pipeline comes behind that of the data set in it. */
  | { readonly kind: 'mixed'; readonly tree: DatasetTree; readonly path: string };

const ignored = z.unknown().optional();
const inner = z.looseObject({ type: z.string() });

const WRAPPERS = {
  ConcatDataset: z.strictObject({
    datasets: z.array(inner).min(1),
    lazy_init: ignored,
    ignore_keys: ignored,
    verify_meta: ignored,
  }),
  RepeatDataset: z.strictObject({ dataset: inner, times: z.int().positive(), lazy_init: ignored }),
  ClassBalancedDataset: z.strictObject({ dataset: inner, oversample_thr: z.number().positive(), lazy_init: ignored }),
  MultiImageMixDataset: z.strictObject({
    dataset: inner,
    pipeline: ignored,
    skip_type_keys: z.null({ error: 'expected null: no step is left out' }).optional(),
    max_refetch: ignored,
    lazy_init: ignored,
  }),
} as const;

/** @throws {LowformerError} `invalid-config` with the path, for what is unknown, missing or wrong. */
export function parseDatasetTree(given: unknown, task: TrainedTask, context: ParseContext): DatasetTree {
  const { type, ...keys } = parsePart(inner, given, context);
  const { path } = context;
  const below = (tree: unknown, key = 'dataset') => {
    return parseDatasetTree(tree, task, { ...context, path: `${path}.${key}` });
  };
  switch (type) {
    case 'ConcatDataset': {
      const { datasets } = parsePart(WRAPPERS[type], keys, context);
      return { kind: 'joined', trees: datasets.map((tree, i) => below(tree, `datasets.${i}`)), path };
    }
    case 'RepeatDataset': {
      const { dataset, times } = parsePart(WRAPPERS[type], keys, context);
      return { kind: 'repeated', tree: below(dataset), times };
    }
    case 'ClassBalancedDataset': {
      const { dataset, oversample_thr: threshold } = parsePart(WRAPPERS[type], keys, context);
      const tree = below(dataset);
      if (task === 'detection' && !isRepeated(tree)) return { kind: 'balanced', tree, threshold, path };
      const expected = 'a data set for detection that nothing repeats: classes are counted by objects';
      throw new LowformerError({ code: 'invalid-config', where: path, expected });
    }
    case 'MultiImageMixDataset': {
      const { dataset } = parsePart(WRAPPERS[type], keys, context);
      return { kind: 'mixed', tree: below(dataset), path };
    }
  }
  if (task === 'detection') {
    const set = DATASETS.detection.get(type, `${path}.type`);
    return { kind: 'set', leaf: { task, set, config: parsePart(set.schema, keys, context), path } };
  }
  const set = DATASETS.segmentation.get(type, `${path}.type`);
  return { kind: 'set', leaf: { task, set, config: parsePart(set.schema, keys, context), path } };
}

/** The data sets of a tree, in order. */
export function leavesOf(tree: DatasetTree): readonly Leaf[] {
  switch (tree.kind) {
    case 'set':
      return [tree.leaf];
    case 'joined':
      return tree.trees.flatMap(leavesOf);
    case 'repeated':
    case 'balanced':
    case 'mixed':
      return leavesOf(tree.tree);
  }
}

function isRepeated(tree: DatasetTree): boolean {
  switch (tree.kind) {
    case 'set':
      return false;
    case 'joined':
      return tree.trees.some(isRepeated);
    case 'mixed':
      return isRepeated(tree.tree);
    case 'repeated':
    case 'balanced':
      return true;
  }
}

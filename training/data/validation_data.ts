/** What a config validates on: its `val_dataloader` and `val_evaluator`, checked and read. */
import { z } from 'zod';
import { LowformerError } from '../../core/errors.js';
import type { Notes } from '../../core/notes.js';
import { type OpenedConfig, predictionParts } from '../../models/open_config.js';
import { partAt } from '../../registry/config_places.js';
import { originAt } from '../../registry/config_tree.js';
import { type ParseContext, parsePart } from '../../registry/parse_module.js';
import { bareTypes } from '../../registry/type_names.js';
import { type TestPipeline, testPipelineSchema } from '../../steps/pipeline.js';
import { type ParsedEvaluator, parseEvaluators } from '../validation/evaluators/index.js';
import type { ValidationData } from '../validation/open_validation.js';
import { unfollowedLoaderKeys, valDataloaderSchema } from './dataloader.js';
import { type Leaf, parseDatasetTree } from './dataset_tree.js';
import { placed } from './datasets/define.js';
import { openDetectionSet, openSegmentationSet } from './read_dataset.js';
import { classesOf, trainedTask, unfollowedSetKeys } from './training_data.js';

/** What a config says of validation: as `openValidation` takes it. */
export interface ValidationSource {
  readonly data: ValidationData;
  /** The data set's own, or the config's `test_pipeline`. */
  readonly pipeline: TestPipeline;
  readonly batchSize: number;
  /** Paths of what the config says and validation does not follow. */
  readonly unfollowed: readonly string[];
}

const LOADER = 'val_dataloader';
const EVALUATOR = 'val_evaluator';

/** mmengine's `val_cfg`: how, and nothing is left to say of it. */
const loopSchema = z.strictObject({ type: z.literal('ValLoop').optional(), fp16: z.unknown().optional() });

/**
 * @returns undefined for a config that validates on nothing.
 * @throws {LowformerError} `invalid-config` with the path, where one of the two keys stands alone as for any other mistake;
 *   for what is missing or wrong in the files, naming them.
 */
export async function readValidationData(
  opened: OpenedConfig,
  { notes }: { readonly notes: Notes },
): Promise<ValidationSource | undefined> {
  const { config } = opened;
  const at = (path: string): ParseContext => ({ path, originOf: (where) => originAt(config.origins, where) });
  const [given, judged, loop] = [LOADER, EVALUATOR, 'val_cfg'].map((key) => partAt(config, [key]));
  if (given === undefined && judged === undefined) return undefined;
  if (given === undefined) throw alone(LOADER, EVALUATOR);
  if (judged === undefined) throw alone(EVALUATOR, LOADER);
  if (loop !== undefined) parsePart(loopSchema, bareTypes(loop.value, ['val_cfg']), at('val_cfg'));

  const task = trainedTask(opened);
  const loader = parsePart(valDataloaderSchema, bareTypes(given.value, [LOADER]), at(LOADER));
  const tree = parseDatasetTree(loader.dataset, task, at(`${LOADER}.dataset`));
  if (tree.kind !== 'set') {
    const expected = 'one data set, as it is, to validate on';
    throw new LowformerError({ code: 'invalid-config', where: `${LOADER}.dataset.type`, expected });
  }
  const { leaf } = tree;
  const pipeline = ownPipeline(opened, leaf) ?? predictionParts(opened).pipeline;
  return {
    data: await validationData(leaf, bareTypes(judged.value, [EVALUATOR]), { opened, notes }),
    pipeline,
    batchSize: loader.batch_size,
    unfollowed: [...unfollowedLoaderKeys(loader).map((key) => `${LOADER}.${key}`), ...unfollowedSetKeys(tree)],
  };
}

async function validationData(
  leaf: Leaf,
  judged: unknown,
  { opened, notes }: { readonly opened: OpenedConfig; readonly notes: Notes },
): Promise<ValidationData> {
  const context: ParseContext = { path: EVALUATOR, originOf: (where) => originAt(opened.config.origins, where) };
  const classes = classesOf(opened);
  if (leaf.task === 'detection') {
    const evaluators = parseEvaluators(judged, leaf.task, context);
    checkTruth(evaluators, leaf);
    return { task: leaf.task, dataset: await openDetectionSet(leaf, classes, notes), evaluators };
  }
  const evaluators = parseEvaluators(judged, leaf.task, context);
  return { task: leaf.task, dataset: await openSegmentationSet(leaf, classes, notes), evaluators };
}

function ownPipeline({ config, model }: OpenedConfig, { path }: Leaf): TestPipeline | undefined {
  const keys = [...path.split('.'), 'pipeline'];
  const part = partAt(config, keys);
  if (part === undefined) return undefined;
  const context: ParseContext = { path: part.path, originOf: (where) => originAt(config.origins, where) };
  return parsePart(testPipelineSchema(model.task), bareTypes(part.value, keys), context);
}

/** Figures are of the pictures that are shown: annotations of others would count them all as missed. */
function checkTruth(
  evaluators: readonly Pick<ParsedEvaluator, 'path' | 'annotations'>[],
  { config, path }: Leaf,
): void {
  const { ann_file: own = '' } = annotated.parse(config);
  for (const { annotations: named, path: where } of evaluators) {
    if (named === undefined || placed({ data_root: undefined }, named) === placed(config, own)) continue;
    throw new LowformerError({
      code: 'invalid-config',
      where: `${where}.ann_file`,
      expected: `the annotations of ${path}, ${placed(config, own)},`,
      received: named,
      hint: 'The key may be left out.',
    });
  }
}

const annotated = z.looseObject({ ann_file: z.string().optional() });

function alone(missing: string, given: string): LowformerError {
  const expected = `${missing} beside ${given}, but the key is missing`;
  return new LowformerError({ code: 'invalid-config', where: missing, expected });
}

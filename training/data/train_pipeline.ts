/** Which steps pictures go through before they are trained on, wherever a config keeps them. */
import { z } from 'zod';
import { LowformerError } from '../../core/errors.js';
import { laterSet, partAt } from '../../registry/config_places.js';
import { type Config, originAt } from '../../registry/config_tree.js';
import { bareTypes } from '../../registry/type_names.js';
import { parseTrainingPipeline, type TrainingPipeline } from '../../steps/training/pipeline.js';
import { type DatasetTree, type Leaf, leavesOf, type TrainedTask } from './dataset_tree.js';

/** Of a data set in a `MultiImageMixDataset`: the others of a mosaic are taken as loaded, before any step. */
const LOADING = ['LoadImageFromFile', 'LoadAnnotations'];

/**
 * `train_pipeline`, or the pipeline in the data set; where both stand, the one that was set later, in a Python config the
 * data set's. What a `MultiImageMixDataset` has comes behind the steps of the data set in it.
 * @throws {LowformerError} `invalid-config`, naming the path, for what is missing, unknown or wrong, and for data sets with
 *   pipelines of their own.
 */
export function trainPipeline(config: Config, tree: DatasetTree, task: TrainedTask): TrainingPipeline {
  const mixed = mixedTree(tree);
  const leaves = leavesOf(tree);
  const [inner, ...others] = leaves.map((leaf) => partAt(config, [...leaf.path.split('.'), 'pipeline']));
  for (const [i, other] of others.entries()) {
    if (JSON.stringify(other?.value) === JSON.stringify(inner?.value)) continue;
    const expected = `the pipeline of ${leaves[0]?.path}: joined data sets have one`;
    throw new LowformerError({ code: 'invalid-config', where: `${leaves[i + 1]?.path}.pipeline`, expected });
  }
  const parse = (part: ReturnType<typeof partAt>): TrainingPipeline => {
    if (part === undefined) return [];
    const originOf = (path: string) => originAt(config.origins, path);
    return parseTrainingPipeline(bareTypes(part.value, part.path.split('.')), task, { path: part.path, originOf });
  };
  const top = partAt(config, ['train_pipeline']);
  if (mixed === undefined) {
    const part = laterSet(config, top, inner);
    if (part === undefined) throw absent();
    return sameNumbers(parse(part), leaves);
  }
  const outer = laterSet(config, top, partAt(config, [...mixed.path.split('.'), 'pipeline']));
  const first = parse(inner);
  const late = first.find(({ type }) => !LOADING.includes(type));
  if (late !== undefined) {
    const where = `${leaves[0]?.path}.pipeline`;
    const expected = `${LOADING.join(' and ')} alone before pictures are mixed`;
    throw new LowformerError({ code: 'invalid-config', where, expected, received: late.type });
  }
  if (outer === undefined) throw absent();
  return sameNumbers([...first, ...parse(outer)], leaves);
}

function mixedTree(tree: DatasetTree): Extract<DatasetTree, { kind: 'mixed' }> | undefined {
  switch (tree.kind) {
    case 'mixed':
      return tree;
    case 'repeated':
    case 'balanced':
      return mixedTree(tree.tree);
    case 'joined':
    case 'set':
      return undefined;
  }
}

const labels = z.looseObject({ reduce_zero_label: z.boolean().nullish() });

/** As mmseg has it: the step may repeat what the data set says of label 0, and not contradict it. It is done on loading. */
function sameNumbers(pipeline: TrainingPipeline, leaves: readonly Leaf[]): TrainingPipeline {
  const [leaf] = leaves;
  if (leaf?.task !== 'segmentation') return pipeline;
  const ofSet = labels.parse(leaf.config).reduce_zero_label === true;
  return pipeline.map((step) => {
    if (!('reduce_zero_label' in step)) return step;
    const { reduce_zero_label: ofStep, ...rest } = labels.parse(step);
    if (ofStep == null || ofStep === ofSet) return { ...rest, type: step.type };
    throw new LowformerError({
      code: 'invalid-config',
      where: `${leaf.path}.reduce_zero_label`,
      expected: `${ofStep}, as ${step.type} of the pipeline has it,`,
      received: ofSet,
      hint: 'Both have to say the same: whether labels count from 1, and 0 is none.',
    });
  });
}

function absent(): LowformerError {
  const expected = "steps that prepare pictures, such as [{type: 'LoadImageFromFile'}, {type: 'LoadAnnotations'}, …]";
  return new LowformerError({
    code: 'invalid-config',
    where: 'train_pipeline',
    expected: `${expected}, but the key is missing`,
  });
}

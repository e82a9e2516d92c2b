/** What a resolved config says, checked, with its network built. No Node API. */
import { z } from 'zod';
import { LowformerError } from '../core/errors.js';
import type { Note } from '../core/notes.js';
import { impliedMetaInfo } from '../data/classes/datasets.js';
import { type MetaInfo, metaInfoSchema } from '../data/metainfo.js';
import { normalisationMissing } from '../registry/config_forms.js';
import { inferenceParts } from '../registry/config_inference.js';
import { type Config, isConfigObject, originAt } from '../registry/config_tree.js';
import { type ParseContext, parsePart } from '../registry/parse_module.js';
import { stepFlips, stepNormalises, type TestPipeline, testPipelineSchema } from '../steps/pipeline.js';
import { buildModel } from '../tasks/build_model.js';
import { type ClassLabel, classLabels, withBackground } from '../tasks/classes.js';
import type { Model } from '../tasks/model.js';

/** Where a network's first weights lie, as a config says it. */
export interface PretrainedBackbone {
  readonly checkpoint: string;
  /** What the backbone's names begin with in that file; undefined where mmengine would take them as they are. */
  readonly prefix: string | undefined;
}

/** A config, resolved and checked, with its network built. */
export interface OpenedConfig {
  readonly config: Config;
  readonly model: Model;
  /** undefined where the config has none: such a config can be inspected and exported, not run on pictures. */
  readonly pipeline: TestPipeline | undefined;
  /** Whether the pipeline stands in the config as it is read, step for step: not so for those of mmdet 2 and mmseg 0. */
  readonly isPipelineWritten: boolean;
  /** Where a pipeline of mmdet 2 or mmseg 0 stands that has several looks at each picture; `pipeline` is then the first. */
  readonly augmentedAt: string | undefined;
  readonly metaInfo: MetaInfo | undefined;
  /** Whether `metaInfo` stands in the config, or follows from the type of its data set. */
  readonly classesOf: 'metainfo' | 'dataset' | undefined;
  readonly labels: readonly ClassLabel[] | undefined;
  /** `load_from`. */
  readonly checkpoint: string | undefined;
  /** `model.backbone.init_cfg`, where it names a file. */
  readonly pretrained: PretrainedBackbone | undefined;
  /** Whether anything says how pictures are normalised: `data_preprocessor`, or a step of the pipeline. */
  readonly isNormalised: boolean;
  /** What was read although it stands elsewhere than today. */
  readonly notes: readonly Note[];
  /** Paths that concern training. */
  readonly unused: readonly string[];
}

/**
 * Checks a config and builds its network.
 * @throws {LowformerError} for whatever is wrong with it, naming the path.
 */
export function openedConfig(config: Config): OpenedConfig {
  const parts = inferenceParts(config);
  const at = (path: string): ParseContext => ({ path, originOf: (where) => originAt(config.origins, where) });
  const tree = isConfigObject(parts.model.value)
    ? {
        ...parts.model.value,
        ...(parts.testConfig === undefined ? {} : { test_cfg: parts.testConfig }),
        ...(parts.dataPreprocessor === undefined ? {} : { data_preprocessor: parts.dataPreprocessor.value }),
      }
    : parts.model.value;
  const model = buildModel(tree, at(parts.model.path));

  const implied = parts.datasetType === undefined ? undefined : impliedMetaInfo(parts.datasetType, model.task);
  const given =
    parts.metainfo === undefined ? implied : parsePart(metaInfoSchema, parts.metainfo.value, at(parts.metainfo.path));
  const metaInfo = given === undefined ? undefined : withBackground(given, model);
  const pipeline = parts.testPipeline;
  const pretrained = pretrainedBackbone(tree);
  const steps =
    pipeline &&
    parsePart(testPipelineSchema(model.task), pipeline.value, { ...at(pipeline.path), items: pipeline.places });
  const flip = steps?.findIndex(stepFlips) ?? -1;
  if (flip >= 0) throw flipped(pipeline?.places?.[flip] ?? `${pipeline?.path}.${flip}`);
  return {
    config,
    model,
    notes: parts.notes,
    isNormalised: parts.dataPreprocessor !== undefined || steps?.some(stepNormalises) === true,
    pipeline: steps,
    isPipelineWritten: pipeline?.places === undefined,
    augmentedAt: pipeline?.augmented === undefined ? undefined : pipeline.path,
    metaInfo,
    classesOf: parts.metainfo !== undefined ? 'metainfo' : implied === undefined ? undefined : 'dataset',
    labels: metaInfo === undefined ? undefined : classLabels(metaInfo, model.numClasses),
    checkpoint: parts.checkpoint?.value,
    pretrained,
    unused: [...parts.unused.openmmlab, ...parts.unused.other, ...model.unused].filter(
      (path) => pretrained === undefined || path !== 'model.backbone.init_cfg',
    ),
  };
}

/** mmdet would leave boxes mirrored, mmseg would not: where several looks are averaged, both mirror back. */
function flipped(where: string): LowformerError {
  const expected = 'no flip (prob 0): mirrored pictures belong into the transforms of a TestTimeAug, in tta_pipeline';
  return new LowformerError({ code: 'invalid-config', where, expected });
}

const pretrainedSchema = z.object({
  backbone: z.object({
    init_cfg: z.object({ type: z.literal('Pretrained'), checkpoint: z.string(), prefix: z.string().nullish() }),
  }),
});

/** What mmengine would download (`torchvision://resnet50`, `https://…`). */
const REMOTE = /^[\w-]+:\/\//;

/**
 * mmengine's `init_cfg` of a backbone, where it names a file. Its other forms fill weights with random numbers before
 * training; nothing is downloaded here, so an address is left unused, as they are.
 */
function pretrainedBackbone(model: unknown): PretrainedBackbone | undefined {
  const parsed = pretrainedSchema.safeParse(model);
  if (!parsed.success) return undefined;
  const { checkpoint, prefix } = parsed.data.backbone.init_cfg;
  if (REMOTE.test(checkpoint)) return undefined;
  return { checkpoint, prefix: prefix ?? undefined };
}

/**
 * What running on pictures needs beside the network.
 * @param augments whether several looks at each picture are merged, so that a pipeline may have them.
 * @throws {LowformerError} `invalid-config` naming what is missing.
 */
export function predictionParts(
  { pipeline, labels, isNormalised, augmentedAt, config, model }: OpenedConfig,
  augments = false,
): { readonly pipeline: TestPipeline; readonly labels: readonly ClassLabel[] } {
  if (augmentedAt !== undefined && !augments) throw severalLooks(augmentedAt);
  if (pipeline === undefined)
    throw absent(
      'test_pipeline',
      "steps that prepare a picture, such as [{type: 'Resize', scale: [1333, 800], keep_ratio: true}]",
    );
  if (labels === undefined) throw absent('metainfo', "the class names, such as {classes: ['cat', 'dog']}");
  if (!isNormalised) throw normalisationMissing(config, model.preprocessor.type);
  return { pipeline, labels };
}

function severalLooks(where: string): LowformerError {
  const plain = 'or for the plain test keep one img_scale, no img_ratios, and flip=False.';
  return new LowformerError({
    code: 'invalid-config',
    where,
    expected: 'one look at each picture, but several scales or a flip in MultiScaleFlipAug are test-time augmentation',
    hint: `Load the model with tta: true, ${plain}`,
    commandHint: `Add --tta, ${plain}`,
  });
}

function absent(where: string, expected: string): LowformerError {
  return new LowformerError({ code: 'invalid-config', where, expected: `${expected}, but the key is missing` });
}

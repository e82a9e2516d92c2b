/** What inference needs of a config, wherever an OpenMMLab config keeps it. */
import { LowformerError } from '../core/errors.js';
import type { Note } from '../core/notes.js';
import {
  oldFormNote,
  oldTestConfig,
  todaysMetainfo,
  unreadNormalisation,
  withTodaysThreshold,
} from './config_forms.js';
import { type UnusedKeys, unusedKeys } from './config_keys.js';
import { type ConfigPart, datasetMetainfo, laterSet, partAt, testDataset, unreadNotes } from './config_places.js';
import {
  type Config,
  type ConfigObject,
  type ConfigValue,
  isConfigObject,
  originAt,
  originsOf,
} from './config_tree.js';
import { isOldPipeline, readOldPipeline } from './old_pipeline.js';
import { bareType, bareTypes } from './type_names.js';

/** A pipeline as the steps of today. */
export interface PipelinePart extends ConfigPart {
  /** Where each step stands in the file; undefined where they stand below `path`, one after another. */
  readonly places: readonly string[] | undefined;
  /** A pipeline of mmdet 2 or mmseg 0 with several looks at each picture: as a `tta_pipeline` of today. */
  readonly augmented: ConfigValue | undefined;
}

/** The parts are found, not checked: their schemas do that. Types have their bare names (`mmdet.RetinaNet` -> `RetinaNet`). */
export interface InferenceParts {
  readonly model: ConfigPart;
  /** A top-level `test_cfg` with thresholds, which mmdet 2 hands to the model; undefined where mmengine's own stands there. */
  readonly testConfig: ConfigObject | undefined;
  /** `test_pipeline`, or the pipeline of the test dataset. */
  readonly testPipeline: PipelinePart | undefined;
  /** `metainfo`, or that of the test dataset. */
  readonly metainfo: ConfigPart | undefined;
  /**
   * `model.data_preprocessor`, or the top-level one, which mmengine puts into the model, or what `Normalize` and `Pad` of
   * an old pipeline say.
   */
  readonly dataPreprocessor: ConfigPart | undefined;
  /** `type` of the test dataset (`CocoDataset`), which implies class names where `metainfo` is absent. */
  readonly datasetType: string | undefined;
  /** `load_from`: the checkpoint, unless the user names another. */
  readonly checkpoint: ConfigPart<string> | undefined;
  readonly unused: UnusedKeys;
  /** What was read although it stands elsewhere than today, or is called otherwise. */
  readonly notes: readonly Note[];
}

/**
 * Where a pipeline or metainfo stands twice, the one set later counts (a file after its bases, `--cfg-options` last);
 * set by the same file, or by a Python file, the test dataset's, which is the one that OpenMMLab's inference reads.
 * @throws {LowformerError} `invalid-config` without a `model`, for a misspelt top-level key, for a `load_from` that is
 *   no text, for what a pipeline of mmdet 2 or mmseg 0 cannot have.
 */
export function inferenceParts(config: Config): InferenceParts {
  const unused = unusedKeys(config);
  const model = typed(partAt(config, ['model']));
  if (model === undefined) {
    const hint = `The config is ${config.sources.at(-1) ?? 'empty'}.`;
    throw new LowformerError({
      code: 'invalid-config',
      where: 'model',
      expected: 'a model, but the key is missing',
      hint,
    });
  }
  const read = { ...model, value: withTodaysThreshold(model.value) };
  const dataset = testDataset(config);
  const inDataset = (key: string) => (dataset === undefined ? undefined : partAt(config, [...dataset, key]));
  const testConfig = oldTestConfig(config);
  const [topPipeline, topMetainfo] = [partAt(config, ['test_pipeline']), partAt(config, ['metainfo'])];
  const chosen = laterSet(config, topPipeline, inDataset('pipeline'));
  const pipeline = readPipeline(typed(chosen), headKeyOf(model.value));
  const metainfo = readMetainfo(laterSet(config, topMetainfo, datasetMetainfo(config, dataset)));
  const own = typed(partAt(config, ['model', 'data_preprocessor']) ?? partAt(config, ['data_preprocessor']));
  if (own !== undefined && pipeline.preprocessor !== undefined) throw normalisedTwice(own, pipeline.preprocessor);
  const type = inDataset('type')?.value;
  return {
    model: read,
    testConfig,
    testPipeline: pipeline.part,
    metainfo: metainfo.part,
    dataPreprocessor: own ?? pipeline.preprocessor,
    datasetType: typeof type === 'string' ? bareType(type) : undefined,
    checkpoint: checkpoint(config),
    unused: withoutKeys(unused, [
      ...(testConfig === undefined ? [] : ['test_cfg']),
      ...(dataset?.[0] === 'data' ? ['data'] : []),
    ]),
    notes: [
      ...(testConfig === undefined ? [] : [testConfigNote(config)]),
      ...unreadNotes(config, topPipeline, chosen),
      ...pipeline.notes,
      ...metainfo.notes,
      ...unreadNormalisation(config, (own ?? pipeline.preprocessor)?.value),
    ],
  };
}

/** What test-time augmentation needs of a config, where it has it. */
export interface AugmentationParts {
  /** `tta_pipeline`; or the test pipeline of mmdet 2 and mmseg 0, where it has several looks at each picture. */
  readonly pipeline: ConfigPart | undefined;
  /** `tta_model`; or the thresholds of mmdet 2's own test. */
  readonly model: ConfigPart | undefined;
  /** Whether the pipeline is that of mmdet 2 or mmseg 0. */
  readonly isOld: boolean;
}

/** @throws {LowformerError} as `inferenceParts`. */
export function augmentationParts(config: Config): AugmentationParts {
  const [pipeline, model] = [typed(partAt(config, ['tta_pipeline'])), typed(partAt(config, ['tta_model']))];
  const parts = inferenceParts(config);
  const augmented = parts.testPipeline?.augmented;
  if (pipeline !== undefined || augmented === undefined) return { pipeline, model, isOld: false };
  return {
    pipeline: parts.testPipeline && { ...parts.testPipeline, value: augmented },
    model: model ?? oldMerging(parts),
    isOld: true,
  };
}

/** mmdet 2 has no configuration of its own for several looks: what suppresses boxes of one suppresses those of all. */
function oldMerging({ model, testConfig }: InferenceParts): ConfigPart | undefined {
  const test = testConfig ?? (isConfigObject(model.value) ? model.value.test_cfg : undefined);
  if (headKeyOf(model.value) !== 'bbox_head' || !isConfigObject(test)) return undefined;
  const kept = Object.entries(test).filter(([key]) => key === 'nms' || key === 'max_per_img');
  return { ...model, value: { type: 'DetTTAModel', tta_cfg: Object.fromEntries(kept) } };
}

function testConfigNote({ origins }: Config): Note {
  const message = 'test_cfg stands at the top level, as in mmdet 2, and is read as model.test_cfg';
  return oldFormNote('old-test-cfg', originAt(origins, 'test_cfg'), message);
}

function typed(part: ConfigPart | undefined): ConfigPart | undefined {
  return part === undefined ? undefined : { ...part, value: bareTypes(part.value, [part.path]) };
}

/** Whose data preprocessor a model has. */
function headKeyOf(model: ConfigValue): 'bbox_head' | 'decode_head' | undefined {
  if (!isConfigObject(model)) return undefined;
  return model.bbox_head !== undefined ? 'bbox_head' : model.decode_head !== undefined ? 'decode_head' : undefined;
}

interface FoundPipeline {
  readonly part: PipelinePart | undefined;
  readonly preprocessor?: ConfigPart | undefined;
  readonly notes: readonly Note[];
}

function readPipeline(part: ConfigPart | undefined, headKey: ReturnType<typeof headKeyOf>): FoundPipeline {
  if (part === undefined) return { part, notes: [] };
  if (!isOldPipeline(part.value)) return { part: { ...part, places: undefined, augmented: undefined }, notes: [] };
  const { steps, places, preprocessor, augmented } = readOldPipeline(part.value, part.path, headKey);
  const { origin } = part.origins;
  const became = preprocessor === undefined ? '' : ', and what normalises and pads as model.data_preprocessor';
  const message = `${part.path} is written as in mmdet 2 and mmseg 0: its steps are read as today's${became}`;
  return {
    part: { ...part, value: steps, places, augmented },
    preprocessor: preprocessor && { ...preprocessor, origins: originsOf(preprocessor.value, origin) },
    notes: [oldFormNote('old-pipeline', origin, message)],
  };
}

function normalisedTwice(own: ConfigPart, { path }: ConfigPart): LowformerError {
  return new LowformerError({
    code: 'invalid-config',
    where: own.path,
    expected: `one place that says how pictures are normalised, but so does ${path}, as in mmdet 2`,
    hint: 'Leave out one of the two.',
  });
}

function readMetainfo(part: ConfigPart | undefined): {
  readonly part: ConfigPart | undefined;
  readonly notes: readonly Note[];
} {
  const todays = part && todaysMetainfo(part.value);
  if (part === undefined || todays === undefined) return { part, notes: [] };
  const message = `${part.path} has CLASSES, which is read as classes`;
  return { part: { ...part, value: todays }, notes: [oldFormNote('old-metainfo', part.origins.origin, message)] };
}

function withoutKeys({ openmmlab, other }: UnusedKeys, keys: readonly string[]): UnusedKeys {
  const left = (names: readonly string[]) => names.filter((name) => !keys.includes(name));
  return { openmmlab: left(openmmlab), other: left(other) };
}

function checkpoint(config: Config): ConfigPart<string> | undefined {
  const part = partAt(config, ['load_from']);
  if (part === undefined) return undefined;
  const { value } = part;
  if (typeof value === 'string') return { ...part, value };
  const hint = `Set in ${originAt(config.origins, 'load_from')}.`;
  const expected = 'the path of a checkpoint, or null';
  throw new LowformerError({ code: 'invalid-config', where: 'load_from', expected, received: value, hint });
}

/** What inference needs of a config, wherever an OpenMMLab config keeps it. */
import { LowformerError } from '../core/errors.js';
import { oldPipeline, oldTestConfig } from './config_forms.js';
import { type UnusedKeys, unusedKeys } from './config_keys.js';
import {
  type Config,
  type ConfigObject,
  type ConfigValue,
  configPath,
  isConfigList,
  isConfigObject,
  type OriginNode,
  originAt,
  type Sourced,
  sourcedChild,
} from './config_tree.js';

/** A part of a config, and the path at which it stands. */
export interface ConfigPart<Value extends ConfigValue = ConfigValue> extends Sourced<Value> {
  /** `test_dataloader.dataset.pipeline`. */
  readonly path: string;
}

/** The parts are found, not checked: their schemas do that. */
export interface InferenceParts {
  readonly model: ConfigPart;
  /** A top-level `test_cfg` with thresholds, which mmdet 2 hands to the model; undefined where mmengine's own stands there. */
  readonly testConfig: ConfigObject | undefined;
  /** `test_pipeline`, or the pipeline of the test dataset. */
  readonly testPipeline: ConfigPart | undefined;
  /** `metainfo`, or that of the test dataset. */
  readonly metainfo: ConfigPart | undefined;
  /** `model.data_preprocessor`, or the top-level one, which mmengine puts into the model. */
  readonly dataPreprocessor: ConfigPart | undefined;
  /** `type` of the test dataset (`CocoDataset`), which implies class names where `metainfo` is absent. */
  readonly datasetType: string | undefined;
  /** `load_from`: the checkpoint, unless the user names another. */
  readonly checkpoint: ConfigPart<string> | undefined;
  readonly unused: UnusedKeys;
}

/**
 * Where a pipeline or metainfo stands twice, the one set later counts (a file after its bases, `--cfg-options` last);
 * set by the same file, the test dataset's, which is the one that mmdet's and mmseg's inference reads.
 * @throws {LowformerError} `invalid-config` without a `model`, for a misspelt top-level key, for a `load_from` that is
 *   no text.
 */
export function inferenceParts(config: Config): InferenceParts {
  const unused = unusedKeys(config);
  const model = partAt(config, ['model']);
  if (model === undefined) {
    const hint = `The config is ${config.sources.at(-1) ?? 'empty'}.`;
    throw new LowformerError({
      code: 'invalid-config',
      where: 'model',
      expected: 'a model, but the key is missing',
      hint,
    });
  }
  const dataset = testDataset(config);
  const inDataset = (key: string) => (dataset === undefined ? undefined : partAt(config, [...dataset, key]));
  const pipeline = laterSet(config, partAt(config, ['test_pipeline']), inDataset('pipeline'));
  // mmdet 2 and mmseg 0.
  const oldDataset = ['test', 'val'].map((key) => ['data', key]).find((path) => partAt(config, path) !== undefined);
  const type = inDataset('type')?.value ?? (oldDataset && partAt(config, [...oldDataset, 'type'])?.value);
  return {
    model,
    testConfig: oldTestConfig(config),
    testPipeline: readable(pipeline ?? (oldDataset && partAt(config, [...oldDataset, 'pipeline']))),
    metainfo: laterSet(config, partAt(config, ['metainfo']), inDataset('metainfo')),
    dataPreprocessor: partAt(config, ['model', 'data_preprocessor']) ?? partAt(config, ['data_preprocessor']),
    datasetType: typeof type === 'string' ? type : undefined,
    checkpoint: checkpoint(config),
    unused,
  };
}

/** As the steps of today. */
function readable(part: ConfigPart | undefined): ConfigPart | undefined {
  return part === undefined ? undefined : { ...part, value: oldPipeline(part.value) };
}

/** The part at a path, unless it is absent or null. */
function partAt(config: Config, path: readonly string[]): ConfigPart | undefined {
  const start: Sourced | undefined = config;
  const found = path.reduce<Sourced | undefined>((at, key) => at && sourcedChild(at, key), start);
  return found === undefined || found.value === null ? undefined : { ...found, path: configPath(path) };
}

/** Path of the test dataset, else of the validation dataset; inside wrappers such as ConcatDataset. */
function testDataset(config: Config): readonly string[] | undefined {
  const loader = ['test_dataloader', 'val_dataloader'].find((key) => partAt(config, [key, 'dataset']) !== undefined);
  return loader === undefined ? undefined : unwrapped(config, [loader, 'dataset']);
}

function unwrapped(config: Config, path: readonly string[]): readonly string[] {
  if (isConfigObject(partAt(config, [...path, 'dataset'])?.value)) return unwrapped(config, [...path, 'dataset']);
  const first = [...path, 'datasets', '0'];
  const several = isConfigList(partAt(config, [...path, 'datasets'])?.value);
  return several && partAt(config, first) !== undefined ? unwrapped(config, first) : path;
}

function laterSet(
  config: Config,
  top: ConfigPart | undefined,
  dataset: ConfigPart | undefined,
): ConfigPart | undefined {
  if (top === undefined || dataset === undefined) return top ?? dataset;
  return lastSource(config, top.origins) > lastSource(config, dataset.origins) ? top : dataset;
}

/** How late the last of a part's values was set. */
function lastSource(config: Config, { origin, children }: OriginNode): number {
  const below = [...children.values()].map((child) => lastSource(config, child));
  return Math.max(config.sources.indexOf(origin), ...below);
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

/** Where the parts of a config stand: at the top level, in the test dataset, and which of the two counts. */
import type { Note } from '../core/notes.js';
import { oldFormNote } from './config_forms.js';
import {
  type Config,
  type ConfigValue,
  configPath,
  isConfigList,
  isConfigObject,
  type OriginNode,
  type Sourced,
  sourcedChild,
} from './config_tree.js';

/** A part of a config, and the path at which it stands. */
export interface ConfigPart<Value extends ConfigValue = ConfigValue> extends Sourced<Value> {
  /** `test_dataloader.dataset.pipeline`. */
  readonly path: string;
}

/** The part at a path, unless it is absent or null. */
export function partAt(config: Config, path: readonly string[]): ConfigPart | undefined {
  const start: Sourced | undefined = config;
  const found = path.reduce<Sourced | undefined>((at, key) => at && sourcedChild(at, key), start);
  return found === undefined || found.value === null ? undefined : { ...found, path: configPath(path) };
}

/** Where the dataset of a test stands, today and in mmdet 2 and mmseg 0, the first that is there. */
const DATASETS = [
  ['test_dataloader', 'dataset'],
  ['val_dataloader', 'dataset'],
  ['data', 'test'],
  ['data', 'val'],
] as const;

/** Path of the test dataset, else of the validation dataset; inside wrappers such as ConcatDataset. */
export function testDataset(config: Config): readonly string[] | undefined {
  const path = DATASETS.find((keys) => partAt(config, keys) !== undefined);
  return path === undefined ? undefined : unwrapped(config, path);
}

function unwrapped(config: Config, path: readonly string[]): readonly string[] {
  const here = partAt(config, path)?.value;
  // A list of datasets is mmdet 2's way to join them.
  if (isConfigList(here) && isConfigObject(here[0])) return unwrapped(config, [...path, '0']);
  if (isConfigObject(partAt(config, [...path, 'dataset'])?.value)) return unwrapped(config, [...path, 'dataset']);
  const first = [...path, 'datasets', '0'];
  const several = isConfigList(partAt(config, [...path, 'datasets'])?.value);
  return several && partAt(config, first) !== undefined ? unwrapped(config, first) : path;
}

/** `metainfo` of a dataset; `classes` and `palette` in the dataset itself, as mmdet 2 and mmseg 0 have it. */
export function datasetMetainfo(config: Config, dataset: readonly string[] | undefined): ConfigPart | undefined {
  if (dataset === undefined) return undefined;
  const today = partAt(config, [...dataset, 'metainfo']);
  const [whole, classes] = [partAt(config, dataset), partAt(config, [...dataset, 'classes'])];
  if (today !== undefined || dataset[0] !== 'data' || whole === undefined || classes === undefined) return today;
  const palette = partAt(config, [...dataset, 'palette']);
  const parts = [['classes', classes] as const, ...(palette === undefined ? [] : [['palette', palette] as const])];
  return {
    path: whole.path,
    value: Object.fromEntries(parts.map(([key, { value }]) => [key, value])),
    origins: { ...whole.origins, children: new Map(parts.map(([key, { origins }]) => [key, origins])) },
  };
}

/** A top-level key, and what the test dataset has in its place; which of the two counts. */
export function laterSet(
  config: Config,
  top: ConfigPart | undefined,
  dataset: ConfigPart | undefined,
): ConfigPart | undefined {
  if (top === undefined || dataset === undefined) return top ?? dataset;
  const [last, other] = [lastSource(config, top.origins), lastSource(config, dataset.origins)];
  // To a Python config it is a variable like others, of which the dataset took its copy before.
  return last > other && !isPython(config.sources[last]) ? top : dataset;
}

/** A Python config that sets the variable alone has probably forgotten its data set: it is said, and read as OpenMMLab does. */
export function unreadNotes(
  config: Config,
  top: ConfigPart | undefined,
  chosen: ConfigPart | undefined,
): readonly Note[] {
  if (top === undefined || chosen === undefined || top.path === chosen.path) return [];
  const last = lastSource(config, top.origins);
  const isSame = JSON.stringify(top.value) === JSON.stringify(chosen.value);
  if (isSame || last <= lastSource(config, chosen.origins)) return [];
  const message = `${top.path} is a variable that its data set does not have: ${chosen.path} is read, as by OpenMMLab`;
  return [oldFormNote('unread-pipeline', config.sources[last] ?? '', message)];
}

function isPython(source: string | undefined): boolean {
  return source?.endsWith('.py') === true;
}

/** How late the last of a part's values was set. */
function lastSource(config: Config, { origin, children }: OriginNode): number {
  const below = [...children.values()].map((child) => lastSource(config, child));
  return Math.max(config.sources.indexOf(origin), ...below);
}

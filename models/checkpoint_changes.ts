/** What a checkpoint says of the network that it is of, as changes to the config that it is loaded with. No Node API. */
import { LowformerError } from '../core/errors.js';
import type { Note } from '../core/notes.js';
import { knownDataset } from '../data/classes/datasets.js';
import type { CheckpointContent } from '../weights/checkpoint_content.js';
import type { DatasetMeta } from '../weights/dataset_meta.js';
import { wrappedNames } from '../weights/name_map.js';
import { formChanges, hasForms } from './form_changes.js';
import type { OpenedConfig } from './opened_config.js';

export interface CheckpointChanges {
  /** As `--cfg-options` takes them: `metainfo={"classes":["cat"]}`. None where the config describes the file already. */
  readonly changes: readonly string[];
  /** What was found beside. */
  readonly notes: readonly Note[];
}

/**
 * The form of its modules and, where the config does not write them out, the names of its classes. As in mmdet's and mmseg's
 * inference they come before those that the type of the config's data set implies.
 */
export function checkpointChanges(opened: OpenedConfig, file: CheckpointContent): CheckpointChanges {
  const { changes, notes } = classChanges(opened, file);
  return { changes: [...formChanges(opened.model, ownNames(opened, file)), ...changes], notes };
}

/** Of a student and its teacher, those whose weights are used: the other may have another form. */
function ownNames({ model }: OpenedConfig, { tensors }: CheckpointContent): readonly string[] {
  const names = [...tensors.keys()];
  if (!hasForms(model)) return names;
  const parameters = [...model.wholeGraph.parameters.values()];
  const prefix = wrappedNames(parameters, tensors, model.checkpointFacts)?.prefix;
  return prefix === undefined ? names : names.filter((name) => name.startsWith(prefix));
}

function classChanges(opened: OpenedConfig, { path, dataset }: CheckpointContent): CheckpointChanges {
  const none = { changes: [], notes: [] };
  if (dataset === undefined || opened.classesOf === 'metainfo' || same(opened.metaInfo?.classes, dataset.classes))
    return none;
  const note = (message: string): readonly Note[] => [
    { kind: 'checkpoint-classes', where: path, message, count: 1, examples: [] },
  ];
  if (!isCounted(opened, dataset)) return { changes: [], notes: note(notUsed(opened, dataset)) };
  const value = JSON.stringify(knownDataset(dataset.classes) ?? dataset);
  return { changes: [`metainfo=${value}`], notes: note('classes are named as it says') };
}

/** The parts of an opened config that name its classes. */
type NamedClasses = Pick<OpenedConfig, 'model' | 'metaInfo' | 'classesOf'>;

/**
 * How the class names that a config writes out differ from those that the network was trained on; undefined where they do not.
 * @throws {LowformerError} `invalid-config` for the same names in another order: results would bear wrong names.
 */
export function classDisagreement(
  opened: NamedClasses,
  { path, dataset }: Pick<CheckpointContent, 'path' | 'dataset'>,
): string | undefined {
  const { model, metaInfo, classesOf } = opened;
  if (dataset === undefined || metaInfo === undefined || classesOf !== 'metainfo') return undefined;
  const { classes } = dataset;
  const own = model.thresholded && classes.length === 1 ? metaInfo.classes.slice(1) : metaInfo.classes;
  if (same(own, classes)) return undefined;
  if (!isCounted(opened, dataset)) return notUsed(opened, dataset);
  const at = own.findIndex((name, i) => name !== classes[i]);
  if (same(own.toSorted(), classes.toSorted())) {
    throw new LowformerError({
      code: 'invalid-config',
      where: 'metainfo.classes',
      expected: `the order of the classes in ${path}, where class ${at} is '${classes[at]}',`,
      received: own[at],
      hint: 'Results would bear wrong names. Leave metainfo out of the config, and the names are read from the file.',
    });
  }
  return `its class names are not the config's, which are used: class ${at} is '${own[at]}' in the config and '${classes[at]}' in the file`;
}

/** Whether the names are as many as the network's classes, or name the one foreground. */
function isCounted({ model }: Pick<OpenedConfig, 'model'>, { classes }: DatasetMeta): boolean {
  return classes.length === model.numClasses || (model.thresholded && classes.length === 1);
}

function notUsed({ model }: Pick<OpenedConfig, 'model'>, { classes }: DatasetMeta): string {
  return `its ${classes.length} class names are not used: the head tells ${model.numClasses} classes apart`;
}

function same(a: readonly string[] | undefined, b: readonly string[]): boolean {
  return a !== undefined && a.length === b.length && a.every((name, i) => name === b[i]);
}

/** Which format a dataset has: by name, or by what its annotations look like. */
import { LowformerError } from '../../core/errors.js';
import type { TaskKind } from '../../registry/define_task.js';
import { LIKENESSES, type Likeness } from './define.js';
import { type FoundAnnotations, findAnnotations } from './found_annotations.js';
import { type AnyDatasetFormat, DATASET_FORMATS } from './index.js';

/** The formats of these tasks, or of all, in the order of the table. */
export function formatsOf(...tasks: readonly TaskKind[]): readonly AnyDatasetFormat[] {
  const all = DATASET_FORMATS.names().map((name) => DATASET_FORMATS.get(name, '--format'));
  return tasks.length === 0 ? all : all.filter(({ task }) => tasks.includes(task));
}

/** What `--format` may say. */
export function formatNames(...tasks: readonly TaskKind[]): readonly string[] {
  return formatsOf(...tasks).map(({ type }) => type);
}

/** The formats of one task. */
export function formatsOfTask<Task extends TaskKind>(task: Task): readonly Extract<AnyDatasetFormat, { task: Task }>[] {
  return formatsOf().filter((format): format is Extract<AnyDatasetFormat, { task: Task }> => format.task === task);
}

/**
 * The format of a task that `--format` names; without a name, the task's first.
 * @throws {LowformerError} `invalid-argument` for a name that is none, and for another task's format.
 */
export function namedFormat<Task extends TaskKind>(
  name: string | undefined,
  task: Task,
): Extract<AnyDatasetFormat, { task: Task }> {
  const formats = formatsOfTask(task);
  const found = name === undefined ? formats[0] : formats.find(({ type }) => type === name);
  if (found !== undefined) return found;
  const expected = `${formatNames(task).join(', ')}: the config is for ${task}`;
  throw new LowformerError({ code: 'invalid-argument', where: '--format', expected, received: name });
}

/** Which of these formats annotations look like most; undefined where they look like none. */
export async function likeliest<Format extends AnyDatasetFormat>(
  formats: readonly Format[],
  found: FoundAnnotations,
): Promise<Format | undefined> {
  const likenesses = await Promise.all(formats.map((format) => likeness(format, found)));
  const order = LIKENESSES.find((one) => likenesses.includes(one));
  return order === undefined ? undefined : formats[likenesses.indexOf(order)];
}

async function likeness(format: AnyDatasetFormat, found: FoundAnnotations): Promise<Likeness | undefined> {
  const { folderOf } = format;
  if (folderOf !== undefined && (await found.holds(folderOf.ending))) return folderOf.likeness;
  return format.looksLike?.(found);
}

/** The format of a detector's ground truth. Where nothing tells, a folder is of the first format that folders may have. */
export async function detectionFormatOf(
  annotations: string,
): Promise<Extract<AnyDatasetFormat, { task: 'detection' }>> {
  const formats = formatsOfTask('detection');
  const found = await findAnnotations(annotations);
  const format =
    (await likeliest(formats, found)) ?? formats.find(({ folderOf }) => folderOf !== undefined) ?? formats[0];
  if (format === undefined) throw new RangeError('there are no formats of detection');
  return format;
}

/** What files in a folder of annotations end in, those first that tell most: `.xml`. */
export function knownEndings(): readonly string[] {
  const all = formatsOf().flatMap(({ folderOf }) => folderOf ?? []);
  const rank = (one: Likeness) => LIKENESSES.indexOf(one);
  return all.toSorted((a, b) => rank(a.likeness) - rank(b.likeness)).map(({ ending }) => ending);
}

/** What a checkpoint's bytes say, wherever they lie. No Node API: a page reads a dropped file by it. */
import { type ByteSource, readBytes, unreadable } from './byte_source.js';
import { BEGINNING, type CheckpointFormat, checkpointFormat } from './checkpoint_format.js';
import { type DatasetMeta, datasetMeta, datasetMetaOfText } from './dataset_meta.js';
import { plainPrefixes, renameKeys } from './name_map.js';
import { otherFile } from './other_files.js';
import type { PickleValue } from './pickle_value.js';
import { safetensorsDict } from './safetensors_dict.js';
import type { StateDict } from './state_dict.js';
import { readTorchLegacy } from './torch_legacy.js';
import { readTorchZip } from './torch_zip.js';
import { namedRefusals } from './unread_types.js';
import { findWeights, tensorsUnder, type WeightsPlace } from './weights_place.js';

export type { CheckpointFormat } from './checkpoint_format.js';
export { modelKeys, type WeightsPlace } from './weights_place.js';
/** Numbers, texts and truth values that stand beside the weights: `epoch`, `best_val`, `meta.epoch`. */
export type CheckpointMeta = Readonly<Record<string, string | number | boolean>>;

/** Tensors are read from the source when they are asked for. */
export interface CheckpointContent {
  readonly path: string;
  readonly format: CheckpointFormat;
  readonly tensors: StateDict;
  readonly meta: CheckpointMeta;
  /** The classes that it was trained on, where the file says so. */
  readonly dataset?: DatasetMeta | undefined;
  /** Which of its sets of weights these are, where it has several, or an average, and no key was given. */
  readonly place?: WeightsPlace | undefined;
}

export interface CheckpointOptions {
  /**
   * Where the weights lie in the file: `state_dict_ema`, `model.state_dict`; or what their names begin with (`student`),
   * which is then taken off.
   */
  readonly key?: string | undefined;
}

/**
 * Reads a checkpoint of torch (either format) or safetensors; what it is follows from its content, not its name.
 *
 * The weights are `state_dict`, as mmengine and the official trainer write and load it (mmengine has swapped an
 * average of the weights into it already). Without one: the only one of `modelKeys` that is there, else the file
 * itself, when it is a dictionary with tensors. The weights may lie one such name deeper (`model.state_dict`). The prefixes of DataParallel (`module.`) and torch.compile
 * (`_orig_mod.`) are taken off, as mmengine and timm do.
 * @throws {LowformerError} `unreadable-checkpoint` when it is no checkpoint, is damaged, names what a checkpoint may
 * not, or has no state_dict or several.
 */
export function readCheckpoint(file: ByteSource, options: CheckpointOptions = {}): CheckpointContent {
  const content = readFormat(file, options);
  const tensors = renameKeys(file.path, content.tensors, plainPrefixes);
  return { path: file.path, ...content, tensors: namedRefusals(file.path, tensors) };
}

function readFormat(file: ByteSource, options: CheckpointOptions): Omit<CheckpointContent, 'path'> {
  const format = recognise(file);
  if (format === 'safetensors') {
    const { tensors, metadata } = safetensorsDict(file);
    const chosen = options.key === undefined ? tensors : tensorsUnder(file.path, tensors, options.key);
    return { format, tensors: chosen, meta: metadata, dataset: datasetMetaOfText(metadata) };
  }
  const value = format === 'torch-zip' ? readTorchZip(file) : readTorchLegacy(file);
  const { tensors, place } = findWeights(file.path, value, options.key);
  return { format, tensors, meta: scalars(value), dataset: datasetMeta(value), place };
}

function recognise(file: ByteSource): CheckpointFormat {
  const expected = 'a checkpoint (.pth, .pt or .safetensors)';
  if (file.size === 0) throw unreadable(file.path, expected, { received: 'an empty file' });
  const beginning = readBytes(file, 0, Math.min(file.size, BEGINNING));
  const format = checkpointFormat(beginning);
  if (format !== undefined) return format;
  const other = otherFile(beginning);
  throw unreadable(file.path, expected, { ...other, received: other?.received ?? 'a file of another kind' });
}

function scalars(value: PickleValue): CheckpointMeta {
  if (!(value instanceof Map)) return {};
  const inner = value.get('meta');
  const nested = inner instanceof Map ? [...inner].map(([name, item]) => [`meta.${name}`, item] as const) : [];
  return Object.fromEntries(
    [...value, ...nested].flatMap(([name, item]) => {
      const isScalar = typeof item === 'string' || typeof item === 'number' || typeof item === 'boolean';
      return isScalar ? [[name, item]] : [];
    }),
  );
}

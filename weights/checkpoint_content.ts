/** What a checkpoint's bytes say, wherever they lie. No Node API: a page reads a dropped file by it. */
import type { LowformerError } from '../core/errors.js';
import { cutEnd } from '../core/harmless.js';
import { type ByteSource, readBytes, unreadable } from './byte_source.js';
import { BEGINNING, type CheckpointFormat, checkpointFormat } from './checkpoint_format.js';
import { type DatasetMeta, datasetMeta } from './dataset_meta.js';
import { plainPrefixes, renameKeys } from './name_map.js';
import { isTensor, type PickleMap, type PickleValue } from './pickle_value.js';
import { safetensorsDict } from './safetensors_dict.js';
import type { StateDict, StoredTensor } from './state_dict.js';
import { readTorchLegacy } from './torch_legacy.js';
import { readTorchZip } from './torch_zip.js';

export type { CheckpointFormat } from './checkpoint_format.js';
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
}

export interface CheckpointOptions {
  /** Name of the state_dict in the file, where the file has several (`state_dict_ema`). */
  readonly key?: string;
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
  return { path: file.path, ...content, tensors: renameKeys(file.path, content.tensors, plainPrefixes) };
}

function readFormat(file: ByteSource, options: CheckpointOptions): Omit<CheckpointContent, 'path'> {
  const format = recognise(file);
  if (format === 'safetensors') {
    const { tensors, metadata } = safetensorsDict(file);
    return { format, tensors, meta: metadata };
  }
  const value = format === 'torch-zip' ? readTorchZip(file) : readTorchLegacy(file);
  const tensors = findStateDict(file.path, value, options.key);
  return { format, tensors, meta: scalars(value), dataset: datasetMeta(value) };
}

function recognise(file: ByteSource): CheckpointFormat {
  const expected = 'a checkpoint (.pth, .pt or .safetensors)';
  if (file.size === 0) throw unreadable(file.path, expected, { received: 'an empty file' });
  const beginning = readBytes(file, 0, Math.min(file.size, BEGINNING));
  const format = checkpointFormat(beginning);
  if (format !== undefined) return format;
  // Latin-1: one letter a byte.
  const start = String.fromCharCode(...beginning);
  const found = otherFormats.find(({ signature }) => start.trimStart().startsWith(signature));
  throw unreadable(file.path, expected, {
    received: found?.name ?? 'a file of another kind',
    ...(found?.hint === undefined ? {} : { hint: found.hint }),
  });
}

/** What people give by mistake, by the bytes (in Latin-1) that such files open with. */
const otherFormats: readonly { readonly signature: string; readonly name: string; readonly hint?: string }[] = [
  { signature: '\xff\xd8\xff', name: 'a JPEG picture' },
  { signature: '\x89PNG', name: 'a PNG picture' },
  { signature: 'version https://git-lfs', name: 'a Git LFS pointer', hint: 'Fetch the file itself: git lfs pull.' },
  { signature: '<', name: 'a web page or XML', hint: 'If it was downloaded, the download failed: try again.' },
  { signature: '\x1f\x8b', name: 'a gzip archive', hint: 'Unpack it first.' },
  { signature: '{', name: 'a JSON text' },
];

/** Names under which trainers other than mmengine's and the official one keep the weights; `_ema` is an average. */
export const modelKeys = [
  'state_dict_ema',
  'model_ema',
  'ema_state_dict',
  'params_ema',
  'model',
  'model_state_dict',
  'model_state',
  'params',
  'net',
  'network',
  'weights',
] as const;

function findStateDict(path: string, value: PickleValue, key: string | undefined): StateDict {
  if (!(value instanceof Map)) {
    throw unreadable(path, 'a dictionary of tensors', {
      received: isTensor(value) ? 'a single tensor' : 'another object',
      hint: "Save the weights with torch.save(model.state_dict(), 'weights.pth').",
    });
  }
  if (key !== undefined) return named(path, value, key);
  if (value.has('state_dict')) return named(path, value, 'state_dict');
  const candidates = modelKeys.filter((name) => nestedTensors(value.get(name)).size > 0);
  const [only] = candidates;
  if (candidates.length > 1) {
    throw unreadable(path, "a 'state_dict', or one set of weights", {
      received: candidates,
      hint: `Save the one you want alone, in Python: torch.save(torch.load('FILE')['${only}'], 'weights.pth').`,
    });
  }
  const tensors = only === undefined ? tensorsOf(value) : named(path, value, only);
  if (tensors.size === 0) throw noStateDict(path, "a 'state_dict' or tensors by name", value);
  return tensors;
}

function named(path: string, file: PickleMap, key: string): StateDict {
  const tensors = nestedTensors(file.get(key));
  if (tensors.size === 0) throw noStateDict(path, `tensors by name under '${key}'`, file);
  return tensors;
}

function noStateDict(path: string, expected: string, file: PickleMap): LowformerError {
  const names = [...file.keys()];
  const received = names.slice(0, 12).map((name) => cutEnd(name, 40));
  return unreadable(path, expected, {
    received: names.length > 12 ? [...received, `and ${names.length - 12} more`] : received,
    hint: 'These are the names in the file.',
  });
}

/** Trainers that keep a model's settings beside its weights nest them: `model.state_dict`, `state_dict.model`. */
function nestedTensors(value: PickleValue | undefined): StateDict {
  const tensors = tensorsOf(value);
  if (tensors.size > 0 || !(value instanceof Map)) return tensors;
  const inner = ['state_dict', ...modelKeys].map((key) => tensorsOf(value.get(key))).filter(({ size }) => size > 0);
  const [only] = inner;
  // Of several, none is chosen unseen.
  return only !== undefined && inner.length === 1 ? only : tensors;
}

/** The entries that are tensors; other values of a state_dict (`_extra_state`) hold no weights. */
function tensorsOf(value: PickleValue | undefined): StateDict {
  const tensors = new Map<string, StoredTensor>();
  if (value instanceof Map) {
    for (const [name, item] of value) if (isTensor(item)) tensors.set(name, item.tensor);
  }
  return tensors;
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

/** Which models are meant, and by which names they are asked: `[NAME=]CONFIG`, or a folder of them. */
import { readdir, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { LowformerError } from '../core/errors.js';
import { CONFIG_FORMATS } from '../models/config/parse.js';
import { runFolderConfig } from '../models/config/run_folder.js';
import { isModelFile } from '../models/quantized_model.js';

/** A model before it is loaded. */
export interface ModelArgument {
  readonly name: string;
  /** A file, a training run's folder, or the name of a shipped config. */
  readonly config: string;
  /** Where the config does not say it. */
  readonly checkpoint?: string;
}

/** What stands in an address as it is. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
const NAMED = /^([A-Za-z0-9][A-Za-z0-9._-]*)=(.+)$/s;
/** Of a config's weights that lie beside it, as `CONFIG.safetensors`. */
const WEIGHTS = ['.safetensors', '.pth', '.pt'];
/** Longer ones are no path's parameter. */
const LONGEST = 100;

/**
 * The models of a command line, each with a name of its own: the one before `=`, else that of the file or folder, without ending.
 * A folder that is no training run's stands for all in it: training runs' folders, quantized models, and configs, with the
 * weights beside them that are called the same.
 * @param given `[NAME=]CONFIG` each. @param checkpoints `[NAME=]FILE` each.
 * @throws {LowformerError} for a name that occurs twice or cannot stand in an address, a folder without a model, and a
 *   checkpoint of no model.
 */
export async function modelArguments(
  given: readonly string[],
  checkpoints: readonly string[],
): Promise<readonly ModelArgument[]> {
  const models = (await Promise.all(given.map(modelsOf))).flat();
  const byName = new Map<string, ModelArgument>();
  for (const model of models) {
    const other = byName.get(model.name);
    if (other !== undefined) throw twice(model.name, other.config, model.config);
    byName.set(model.name, model);
  }
  const own = new Set<string>();
  for (const text of checkpoints) {
    const [name, checkpoint] = named(text);
    const model = name === undefined ? (models.length === 1 ? models[0] : undefined) : byName.get(name);
    if (model === undefined) throw ofNoModel(text, [...byName.keys()]);
    if (own.has(model.name)) throw mistake('--checkpoint', `one for '${model.name}'`, text);
    own.add(model.name);
    byName.set(model.name, { ...model, checkpoint });
  }
  return [...byName.values()];
}

function named(text: string): readonly [name: string | undefined, rest: string] {
  const [, name, rest] = NAMED.exec(text) ?? [];
  return rest === undefined ? [undefined, text] : [name, rest];
}

async function modelsOf(text: string): Promise<readonly ModelArgument[]> {
  const [name, config] = named(text);
  const isFolder = (await stat(config).catch(() => undefined))?.isDirectory() === true;
  if (!isFolder || (await runFolderConfig(config)) !== undefined)
    return [{ name: checked(name ?? nameOf(config), text), config }];
  const models = await modelsIn(config);
  if (models.length === 0) throw noModels(config);
  if (name === undefined) return models;
  const [only] = models;
  if (only === undefined || models.length > 1) {
    throw mistake('CONFIG', `no name before a folder of ${models.length} models, which have their own`, text);
  }
  return [{ ...only, name: checked(name, text) }];
}

async function modelsIn(folder: string): Promise<readonly ModelArgument[]> {
  const entries = (await readdir(folder)).filter((entry) => !entry.startsWith('.')).sort();
  const found = await Promise.all(
    entries.map(async (entry): Promise<readonly ModelArgument[]> => {
      const config = join(folder, entry);
      const name = nameOf(config);
      if (isModelFile(entry) || (await runFolderConfig(config)) !== undefined)
        return [{ name: checked(name, config), config }];
      if (!CONFIG_FORMATS.has(extname(entry).toLowerCase())) return [];
      const stem = basename(entry, extname(entry));
      const weights = WEIGHTS.map((ending) => `${stem}${ending}`).find((file) => entries.includes(file));
      // Without weights beside it, it has them by its `load_from`.
      const own = { name: checked(name, config), config };
      return [weights === undefined ? own : { ...own, checkpoint: join(folder, weights) }];
    }),
  );
  return found.flat();
}

/** `runs/trees` and `trees.json` are `trees`. A shipped config's name may have points in it. */
function nameOf(config: string): string {
  const ending = extname(config).toLowerCase();
  return CONFIG_FORMATS.has(ending) || isModelFile(config) ? basename(config, extname(config)) : basename(config);
}

function checked(name: string, text: string): string {
  if (NAME.test(name) && name.length <= LONGEST) return name;
  const hint = 'Put one before it: NAME=CONFIG.';
  throw mistake('CONFIG', `a name of letters, digits, '.', '_' and '-' in '${text}'`, name, hint);
}

function twice(name: string, first: string, second: string): LowformerError {
  const hint = `${first} and ${second} have it. Put another before one of them: NAME=CONFIG.`;
  return mistake('CONFIG', 'a name for each model that no other has', name, hint);
}

function ofNoModel(text: string, names: readonly string[]): LowformerError {
  const expected = names.length === 1 ? `the checkpoint of '${names[0]}'` : 'NAME=FILE, with the name of a model';
  return mistake('--checkpoint', expected, text, `The models are ${names.join(', ')}.`);
}

function noModels(folder: string): LowformerError {
  const kinds = 'the folder of a training run, a quantized model (.onnx), or a config, with its weights beside it';
  return new LowformerError({
    code: 'unreadable-file',
    where: folder,
    expected: 'a folder with a model in it, but there is none',
    hint: `A model is ${kinds}.`,
  });
}

function mistake(where: string, expected: string, received: string, hint?: string): LowformerError {
  const parts = { code: 'invalid-argument', where, expected, received } as const;
  return new LowformerError(hint === undefined ? parts : { ...parts, hint });
}

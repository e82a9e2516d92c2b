/** Configs on disk, and those that ship with the package. */
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, extname, isAbsolute, relative, resolve, sep } from 'node:path';
import { LowformerError, nearestName } from '../../core/errors.js';
import { isAbsence, readingReason } from '../../files/system_error.js';
import type { ConfigReader, GivenConfig } from '../../registry/config_merge.js';
import { quantizedConfig } from '../quantized_file.js';
import { isModelFile } from '../quantized_model.js';
import { CONFIG_FORMATS, type ConfigFormat } from './parse.js';
import { lackedWeights, runFolderConfig } from './run_folder.js';

export interface ConfigFiles {
  /** Configs that are named without a path: `retinanet_lowformer-b1_fpn_1x_coco`. */
  readonly shipped: ReadonlyMap<string, unknown>;
  /** Where relative paths of the user start; by default the working directory. */
  readonly directory?: string;
}

const FORMATS = [...CONFIG_FORMATS.keys()].join(' ');

/**
 * Reads configs by the name of a shipped one, or by path: relative to the file whose `_base_` names it, or to the
 * working directory. Each file is read once. A `.ts`, `.js` or `.mjs` config runs as code, where the user names it or a
 * config that is code does: data runs nothing. The id of a file is its path below the working directory, or the whole
 * path. The folder of a training run is its config with its weights, and so is the file of a quantized model.
 * @returns a reader that throws {LowformerError}s: `unreadable-file` for what is missing, a directory, of another format,
 *   not allowed to be read, too large, or malformed (with line and column); `invalid-config` for a module without a config
 *   in it, and for data that names code.
 */
export function configReader({ shipped, directory = process.cwd() }: ConfigFiles): ConfigReader {
  const read = new Map<string, Promise<GivenConfig>>();
  return {
    async read(reference, from) {
      if (shipped.has(reference)) return { id: reference, tree: shipped.get(reference) };
      const start = from === undefined || shipped.has(from) ? directory : dirname(resolve(directory, from));
      const path = resolve(start, reference);
      const id = shortPath(directory, path);
      const where = from === undefined ? 'config' : `${from}, _base_`;
      const run = await runFolderConfig(path);
      if (run !== undefined) return { id, tree: run };
      const format = formatOf(path);
      await checkFile(path, { reference, where, id, names: [...shipped.keys()] });
      if (isModelFile(path)) return { id, tree: await quantizedConfig(path, id) };
      if (format === undefined) throw wrongFormat(id, reference);
      if (format.isCode && from !== undefined && formatOf(from)?.isCode === false) throw codeFromData(where, reference);
      const given = read.get(path) ?? format.read(path, id);
      read.set(path, given);
      try {
        return await given;
      } catch (error) {
        throw error instanceof LowformerError ? error : unreadable(id, error);
      }
    },
  };
}

function formatOf(path: string): ConfigFormat | undefined {
  return CONFIG_FORMATS.get(extname(path).toLowerCase());
}

/** A config that came as data, from wherever, must not be able to run a file, whichever it is. */
function codeFromData(where: string, reference: string): LowformerError {
  const data = `${basename(reference, extname(reference))}.json`;
  return new LowformerError({
    code: 'invalid-config',
    where,
    expected: 'a config that is data (.json, .yaml) or shipped, since a config that is data itself runs no code',
    received: reference,
    hint:
      `If you trust it, write it as data, once: lowformer config print ${reference} --json ${data}; or let a .ts or .js ` +
      "config of your own name it in '_base_'.",
  });
}

function shortPath(directory: string, path: string): string {
  const below = relative(directory, path);
  const outside = below === '' || below === '..' || below.startsWith(`..${sep}`) || isAbsolute(below);
  return outside ? path : below;
}

interface Named {
  readonly reference: string;
  readonly where: string;
  readonly id: string;
  readonly names: readonly string[];
}

/** Something is there, and no directory; reading it says whether it is a file. */
async function checkFile(path: string, named: Named): Promise<void> {
  let isDirectory: boolean;
  try {
    isDirectory = (await stat(path)).isDirectory();
  } catch (error) {
    throw isAbsence(error) ? await missing(path, named) : unreadable(named.id, error);
  }
  if (!isDirectory) return;
  const files = await configsIn(path);
  const hint =
    files.length === 0
      ? 'There is no config in it.'
      : `It holds ${files.slice(0, 5).join(', ')}.${lackedWeights(files)}`;
  throw new LowformerError({
    code: 'unreadable-file',
    where: named.id,
    expected: 'a config file, but it is a directory',
    hint,
  });
}

/** Says which shipped config, or which file beside it, was probably meant. */
async function missing(path: string, { reference, where, names }: Named): Promise<LowformerError> {
  const beside = dirname(reference);
  const files = (await configsIn(dirname(path))).map((file) => (beside === '.' ? file : `${beside}/${file}`));
  const withoutExtension = files.find((file) => file.slice(0, -extname(file).length) === reference);
  const near = withoutExtension ?? nearestName(reference, [...names, ...files]);
  return new LowformerError({
    code: 'unreadable-file',
    where,
    expected: `a config file that exists (${FORMATS}) or the name of a shipped config`,
    received: reference,
    hint: near === undefined ? "'lowformer config list' names the shipped configs." : `Did you mean '${near}'?`,
  });
}

/** Names of the configs in a directory; none where it cannot be listed. */
async function configsIn(directory: string): Promise<readonly string[]> {
  try {
    return (await readdir(directory)).filter((file) => CONFIG_FORMATS.has(extname(file).toLowerCase())).sort();
  } catch {
    return [];
  }
}

function wrongFormat(id: string, reference: string): LowformerError {
  return new LowformerError({
    code: 'unreadable-file',
    where: id,
    expected: `a config in one of the formats ${FORMATS}`,
    received: extname(reference),
  });
}

function unreadable(id: string, error: unknown): LowformerError {
  return new LowformerError({
    code: 'unreadable-file',
    where: id,
    expected: 'a config file',
    hint: readingReason(error),
    cause: error,
  });
}

/** The folder of a training run, named where a config is: its config and its weights are one. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';

const CONFIG = 'config.json';
/** The first that is there: what did best in validation, else where training was last. */
const WEIGHTS = ['best.safetensors', 'last.safetensors'];

/**
 * A config on that of the folder, with the folder's weights as `load_from`; undefined where the folder is not that of a
 * training run with weights in it.
 * @param folder absolute; so are the paths in the result.
 */
export async function runFolderConfig(folder: string): Promise<object | undefined> {
  const config = join(folder, CONFIG);
  if (!(await isFile(config))) return undefined;
  for (const name of WEIGHTS) {
    const weights = join(folder, name);
    if (await isFile(weights)) return { _base_: config, load_from: weights };
  }
  return undefined;
}

/** For a folder that has a config alone: what it lacks, a sentence. */
export function lackedWeights(files: readonly string[]): string {
  return files.includes(CONFIG)
    ? ` A training run's has ${WEIGHTS.join(' or ')} beside it, and is taken as it is.`
    : '';
}

async function isFile(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() === true;
}

import { stat } from 'node:fs/promises';
import * as nodePath from 'node:path';

/**
 * The files that an argument means: the one of that name, whatever letters are in it, else those that match it as a glob,
 * sorted, absolute where the glob is. Shells other than those of Unix hand globs on as they are.
 */
export async function matchingFiles(argument: string): Promise<readonly string[]> {
  const found = await stat(argument).catch(() => undefined);
  if (found?.isFile() === true) return [argument];
  if (found !== undefined || !isPattern(argument)) return [];
  const { glob } = await import('tinyglobby');
  const absolute = nodePath.isAbsolute(argument);
  return (await glob(globPattern(argument), { onlyFiles: true, absolute })).sort();
}

/** Whether there is a letter in it that globs give a meaning. */
export function isPattern(argument: string): boolean {
  return /[*?[\]{}]/.test(argument);
}

/** Globs have `/` between folders, and `\` takes a letter's meaning away; where paths have `\` it stands between folders. */
export function globPattern(argument: string, path: Pick<nodePath.PlatformPath, 'sep'> = nodePath): string {
  return path.sep === '\\' ? argument.replaceAll('\\', '/') : argument;
}

/** Pictures and weights may lie elsewhere on a worker's machine than where the work was given out. */
import { LowformerError } from '../core/errors.js';

/** What a path begins with there, and here. */
export interface PathPair {
  readonly from: string;
  readonly to: string;
}

/** @param text `/data=/mnt/data`. @throws {LowformerError} `invalid-argument`. */
export function pathPair(text: string): PathPair {
  const at = text.indexOf('=');
  const pair = { from: text.slice(0, at), to: text.slice(at + 1) };
  if (at > 0 && pair.to !== '') return pair;
  const expected = 'FROM=TO, such as /data=/mnt/data,';
  throw new LowformerError({ code: 'invalid-argument', where: '--path-map', expected, received: text });
}

/** The path here: of the pairs whose `from` it begins with, folder by folder, the longest counts. */
export function mapPath(path: string, pairs: readonly PathPair[]): string {
  const bare = (folder: string) => folder.replace(/[\\/]+$/, '');
  const fitting = pairs
    .map(({ from, to }) => ({ from: bare(from), to: bare(to) }))
    .filter(({ from }) => path === from || (path.startsWith(from) && /[\\/]/.test(path[from.length] ?? '')));
  const [longest] = fitting.toSorted((a, b) => b.from.length - a.from.length);
  return longest === undefined ? path : longest.to + path.slice(longest.from.length);
}

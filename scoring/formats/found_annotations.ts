import { resolve } from 'node:path';
import { pathKind } from '../../data/files.js';
import { listTree } from '../../files/list_tree.js';

/** What lies where annotations are said to be. */
export interface FoundAnnotations {
  /** Absolute. */
  readonly path: string;
  readonly kind: 'folder' | 'file' | 'special' | 'missing';
  /** Whether a folder holds files of this ending (`.xml`), capitals or not, in folders below it too. */
  holds(ending: string): Promise<boolean>;
}

/** Looks at a file or folder; a folder is listed once, when it is asked for. */
export async function findAnnotations(annotations: string): Promise<FoundAnnotations> {
  const kind = await pathKind(annotations);
  let listed: Promise<readonly string[]> | undefined;
  return {
    path: resolve(annotations),
    kind,
    async holds(ending) {
      if (kind !== 'folder') return false;
      listed ??= listTree(annotations);
      return (await listed).some((path) => path.toLowerCase().endsWith(ending.toLowerCase()));
    },
  };
}

/** ImageNet's layout: a folder for each class, `val/n01440764/ILSVRC2012_val_00000293.JPEG`. */
import { LowformerError } from '../core/errors.js';
import { harmless } from '../core/harmless.js';
import type { Notes } from '../core/notes.js';
import type { ClassificationDataset } from './dataset.js';
import { absolute, checkFolder, listOtherPictures, listPictures, readBytes } from './files.js';

export interface ClassFolderOptions {
  /** A file with the names of each folder: see `readFolderNames`. */
  readonly names?: string;
  /** Told of pictures in formats that are not read: figures without them are other figures. */
  readonly notes?: Notes;
}

/**
 * Folders directly below `root` are the classes, sorted by code units (torchvision's ImageFolder does so, too);
 * pictures anywhere below each. @throws {LowformerError} `unreadable-file` for a missing folder, pictures outside
 * the class folders, no pictures; `invalid-argument` for a folder that the names lack.
 */
export async function readClassFolders(
  root: string,
  { names, notes }: ClassFolderOptions = {},
): Promise<ClassificationDataset> {
  await checkFolder(root, 'a folder with a folder for each class');
  const paths = await listPictures(root);
  const stray = paths.find((path) => !path.includes('/'));
  if (paths.length === 0 || stray !== undefined) {
    const expected = 'pictures in a folder for each class: CLASS/NAME.jpg';
    const hint = stray === undefined ? 'There are no pictures in it.' : `'${stray}' lies in none.`;
    throw new LowformerError({ code: 'unreadable-file', where: root, expected, hint });
  }
  for (const path of await listOtherPictures(root)) {
    notes?.add({ kind: 'unread-format', where: root, message: UNREAD }, harmless(path));
  }
  const folderOf = (path: string) => path.slice(0, path.indexOf('/'));
  const classes = [...new Set(paths.map(folderOf))].sort();
  const indices = new Map(classes.map((name, index) => [name, index]));
  const samples = paths.map((path) => ({ file: absolute(root, path), classIndex: indices.get(folderOf(path)) ?? 0 }));
  const classNames = names === undefined ? undefined : namesOf(classes, await readFolderNames(names), names);
  return { kind: 'classification', name: root, classes, classNames, samples };
}

const UNREAD = 'Pictures in formats that are not read are left out';

/** Of each folder, its names: synonyms, best known first. */
export type FolderNames = ReadonlyMap<string, readonly string[]>;

/**
 * Reads what folders are called: lines `n01440764 tench, Tinca tinca` (ImageNet's `LOC_synset_mapping.txt`), or JSON as
 * `{"n01440764": "tench"}` or `{"0": ["n01440764", "tench"]}`.
 * @throws {LowformerError} `unreadable-file`, `invalid-argument`.
 */
export async function readFolderNames(file: string): Promise<FolderNames> {
  const text = new TextDecoder().decode(await readBytes(file, 'names of the class folders'));
  const entries = file.toLowerCase().endsWith('.json') ? jsonEntries(text, file) : lineEntries(text, file);
  return new Map(entries.map(([folder, names]) => [folder, names.split(',').map((name) => name.trim())]));
}

function lineEntries(text: string, file: string): readonly (readonly [string, string])[] {
  return text.split(/\r?\n/).flatMap((line, i) => {
    if (line.trim() === '') return [];
    const [, folder, names] = /^(\S+)\s+(\S.*)$/.exec(line.trim()) ?? [];
    if (folder !== undefined && names !== undefined) return [[folder, names] as const];
    throw wrong(`${file}:${i + 1}`, "'FOLDER NAME, OTHER NAME'", line.trim());
  });
}

function jsonEntries(text: string, file: string): readonly (readonly [string, string])[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const expected = 'a JSON file with the names of the class folders';
    throw new LowformerError({ code: 'unreadable-file', where: file, expected, hint: 'It is no valid JSON.', cause });
  }
  if (typeof value !== 'object' || value === null) throw wrong(file, '{"FOLDER": "NAME", …}', value);
  return Object.entries(value).map(([key, entry]: [string, unknown]) => {
    if (typeof entry === 'string') return [key, entry] as const;
    const [folder, name]: readonly unknown[] = Array.isArray(entry) ? entry : [];
    if (typeof folder === 'string' && typeof name === 'string') return [folder, name] as const;
    throw wrong(`${file}: ${key}`, 'a name, or ["FOLDER", "NAME"]', entry);
  });
}

function namesOf(classes: readonly string[], names: FolderNames, file: string): readonly (readonly string[])[] {
  return classes.map((folder) => {
    const found = names.get(folder);
    if (found === undefined) throw wrong(file, 'a name for every class folder', folder);
    return found;
  });
}

function wrong(where: string, expected: string, received: unknown): LowformerError {
  return new LowformerError({ code: 'invalid-argument', where, expected, received });
}

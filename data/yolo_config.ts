/** What a YOLO dataset says of itself: `data.yaml`, or a list of names. */
import { basename, dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { LowformerError } from '../core/errors.js';
import { pathKind, readBytes } from './files.js';
import type { YoloList } from './yolo_list.js';

const configSchema = z.looseObject({
  path: z.string().optional(),
  train: z.unknown().optional(),
  val: z.unknown().optional(),
  test: z.unknown().optional(),
  names: z.union([z.array(z.string()).min(1), z.record(z.string().regex(/^\d+$/), z.string())]),
  nc: z.int().positive().optional(),
  kpt_shape: z.unknown().optional(),
});
type Config = z.output<typeof configSchema>;

const EXPECTED = 'a YOLO dataset: names (a list, or a map from numbers), path, train, val';

export type YoloSplit = 'train' | 'val' | 'test';

/** Where the pictures of a split are. */
export type YoloSource = { readonly kind: 'folder'; readonly images: string; readonly labels: string } | YoloList;

/**
 * @param images the folder of the pictures, where they are elsewhere than the file says.
 * @throws {LowformerError} `unreadable-file` for no YAML; `invalid-argument` for other keys, a number without name.
 */
export async function readYoloConfig(file: string, split: YoloSplit, images?: string) {
  if (isDarknet(file)) return readDarknetConfig(file, split);
  const config = await openConfig(file);
  const given: unknown = config[split];
  const entries: readonly unknown[] = Array.isArray(given) ? given : [given];
  const root = resolve(dirname(file), config.path ?? '.');
  const sources: YoloSource[] = [];
  for (const entry of entries) {
    if (typeof entry !== 'string') throw wrong(`${file}: ${split}`, 'a folder of pictures, or a list of them', given);
    if (entry.toLowerCase().endsWith('.txt')) sources.push({ kind: 'list', list: resolve(root, entry), root });
    else sources.push(await folderSource(await pictureFolder(root, entry), images));
  }
  return { sources, classes: namesOf(config, file), keypoints: config.kpt_shape !== undefined };
}

/** Labels beside the folder that the file names, or beside the one where the pictures are. */
async function folderSource(own: string, images: string | undefined): Promise<YoloSource> {
  if (images === undefined) return { kind: 'folder', images: own, labels: await yoloLabelFolder(own) };
  const labels = await yoloLabelFolder(own).catch(() => yoloLabelFolder(resolve(images)));
  return { kind: 'folder', images, labels };
}

/** Darknet's `obj.data`: `classes = 2`, `valid = valid.txt`, `names = obj.names`, a line each. */
function isDarknet(file: string): boolean {
  return file.toLowerCase().endsWith('.data');
}

async function darknetEntries(file: string): Promise<ReadonlyMap<string, string>> {
  const text = new TextDecoder().decode(await readBytes(file, DARKNET));
  const lines = text.split(/\r?\n/).filter((line) => line.includes('='));
  return new Map(
    lines.map((line) => [line.slice(0, line.indexOf('=')).trim(), line.slice(line.indexOf('=') + 1).trim()]),
  );
}

async function readDarknetConfig(file: string, split: YoloSplit) {
  const entries = await darknetEntries(file);
  const [list, names] = [entries.get(split === 'val' ? 'valid' : split), entries.get('names')];
  if (list === undefined || names === undefined) {
    throw wrong(file, DARKNET, list === undefined ? `no '${split === 'val' ? 'valid' : split}'` : "no 'names'");
  }
  const source: YoloSource = { kind: 'list', list: await beside(file, list), root: dirname(file) };
  return { sources: [source], classes: await readYoloNames(await beside(file, names)), keypoints: false };
}

/** Darknet takes paths from its own working folder, often the one above. */
async function beside(file: string, path: string): Promise<string> {
  const folder = dirname(file);
  const places = [resolve(folder, path), resolve(folder, '..', path), resolve(folder, basename(path))];
  for (const place of places) if ((await pathKind(place)) === 'file') return place;
  return places[0] ?? path;
}

const DARKNET = "Darknet's data file: names = FILE, valid = FILE";

/**
 * `path` is taken relative to the file (relative to a working folder, it would mean something else on each machine), and
 * a folder `../valid/images` that is not there as `valid/images`: some tools export it so, and Ultralytics reads it so.
 */
async function pictureFolder(root: string, folder: string): Promise<string> {
  const images = resolve(root, folder);
  return folder.startsWith('../') && (await pathKind(images)) === 'missing' ? resolve(root, folder.slice(3)) : images;
}

/** The folder of labels that belongs to a folder of pictures: its last part `images` is called `labels`. */
export async function yoloLabelFolder(images: string): Promise<string> {
  const parts = images.split(/[\\/]/);
  const at = parts.lastIndexOf('images');
  const labels = at < 0 ? undefined : parts.with(at, 'labels').join('/');
  if (labels !== undefined && (await pathKind(labels)) === 'folder') return labels;
  const expected = "pictures below a folder 'images', and label files below 'labels' beside it";
  const hint = labels === undefined ? "No part of the path is 'images'." : `There is no folder ${labels}.`;
  throw new LowformerError({ code: 'unreadable-file', where: images, expected, hint });
}

/**
 * Class names of a `data.yaml` or `obj.data`, or of a text file with a name a line (`classes.txt`, `obj.names`).
 * @throws as `readYoloConfig`.
 */
export async function readYoloNames(file: string): Promise<readonly string[]> {
  if (isDarknet(file)) {
    const names = (await darknetEntries(file)).get('names');
    if (names === undefined) throw wrong(file, DARKNET, "no 'names'");
    return readYoloNames(await beside(file, names));
  }
  if (!/\.(txt|names)$/i.test(file)) return namesOf(await openConfig(file), file);
  const lines = new TextDecoder().decode(await readBytes(file, 'a list of class names')).trim();
  if (lines === '') throw wrong(file, 'a class name a line', 'an empty file');
  return lines.split(/\r?\n/).map((line) => line.trim());
}

async function openConfig(file: string): Promise<Config> {
  const text = new TextDecoder().decode(await readBytes(file, EXPECTED));
  const config = configSchema.safeParse(parseYaml(text, file));
  if (config.success) return config.data;
  const [issue] = config.error.issues;
  throw wrong([file, issue?.path.join('.')].filter(Boolean).join(': '), EXPECTED, issue?.message);
}

function parseYaml(text: string, file: string): unknown {
  try {
    return parse(text);
  } catch (cause) {
    const hint = cause instanceof Error ? `It is no YAML: ${cause.message.split('\n', 1)[0]}` : 'It is no YAML.';
    throw new LowformerError({ code: 'unreadable-file', where: file, expected: EXPECTED, hint, cause });
  }
}

function namesOf({ names, nc }: Config, file: string): readonly string[] {
  const count = Object.keys(names).length;
  const classes = Array.isArray(names) ? names : Array.from({ length: count }, (_, i) => names[i]);
  const named = classes.filter((name) => name !== undefined);
  if (named.length < count)
    throw wrong(`${file}: names`, `numbers from 0 to ${count - 1}`, Object.keys(names).join(', '));
  if (nc !== undefined && nc !== count) throw wrong(`${file}: nc`, `${count}, the number of names`, nc);
  return named;
}

function wrong(where: string, expected: string, received: unknown): LowformerError {
  return new LowformerError({ code: 'invalid-argument', where, expected, received });
}

/** What a YOLO dataset says of itself: `data.yaml`, or a list of names. */
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { LowformerError } from '../core/errors.js';
import { pathKind, readBytes } from './files.js';

const configSchema = z.looseObject({
  path: z.string().optional(),
  train: z.unknown().optional(),
  val: z.unknown().optional(),
  test: z.unknown().optional(),
  names: z.union([z.array(z.string()).min(1), z.record(z.string().regex(/^\d+$/), z.string())]),
  nc: z.int().positive().optional(),
});
type Config = z.output<typeof configSchema>;

const EXPECTED = 'a YOLO dataset: names (a list, or a map from numbers), path, train, val';

/** @throws {LowformerError} `unreadable-file` for no YAML; `invalid-argument` for other keys, a number without name. */
export async function readYoloConfig(file: string, split: 'train' | 'val' | 'test') {
  const config = await openConfig(file);
  const folder = config[split];
  if (typeof folder !== 'string') throw wrong(`${file}: ${split}`, 'one folder of pictures', folder);
  const images = await pictureFolder(resolve(dirname(file), config.path ?? '.'), folder);
  return { images, labels: await yoloLabelFolder(images), classes: namesOf(config, file) };
}

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

/** Class names of a `data.yaml`, or of a text file with a name a line (`classes.txt`). @throws as `readYoloConfig`. */
export async function readYoloNames(file: string): Promise<readonly string[]> {
  if (!file.endsWith('.txt')) return namesOf(await openConfig(file), file);
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

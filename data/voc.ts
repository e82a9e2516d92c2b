/** Pascal VOC (Everingham et al., IJCV 2010): one XML file a picture, in a folder or in the development kit's layout. */
import { basename, dirname, join, resolve } from 'node:path';
import { LowformerError } from '../core/errors.js';
import { harmless } from '../core/harmless.js';
import { collectMistakes } from '../core/mistakes.js';
import type { Notes } from '../core/notes.js';
import { voc } from './classes/voc.js';
import type { AnnotatedPicture, DetectionAnnotations, DetectionDataset } from './dataset.js';
import { checkFolder, handful, listFiles, pathKind, readBytes, settleFew, stem } from './files.js';
import { namedPictures } from './named_picture.js';
import { countedCategoryIds, objectTable } from './object_table.js';
import { parseVocXml, VOC_NOTES, type VocAnnotation, type VocOddity } from './voc_xml.js';
import { withPictures } from './with_pictures.js';
import { decodeXml } from './xml_text.js';

export interface VocOptions {
  /**
   * Names in the order of their ids, which count from 1; objects of other names are left out with a note. By default:
   * Pascal VOC's 20 where the files name no other, else the names that occur, sorted. To evaluate a model, give its
   * config's.
   */
  readonly classes?: readonly string[];
  /** What the files call the first column and row: 1 by default, as Pascal VOC and mmdet; 0 in what some tools write. */
  readonly firstPixel?: 0 | 1 | undefined;
  /** Ids of the pictures that count, in their order; by default all, sorted. */
  readonly ids?: readonly string[];
  /** Where oddities that are taken all the same are noted. */
  readonly notes?: Notes | undefined;
}

/** CVAT's list of classes beside the annotations, or in the folder that holds them: a line `NAME:r,g,b:parts:actions` each. */
async function listedClasses(folder: string): Promise<readonly string[] | undefined> {
  for (const place of [folder, dirname(resolve(folder))]) {
    const file = join(place, 'labelmap.txt');
    if ((await pathKind(file)) !== 'file') continue;
    const lines = new TextDecoder().decode(await readBytes(file, 'a list of classes')).split(/\r?\n/);
    const names = lines.filter((line) => !line.startsWith('#')).map((line) => (line.split(':')[0] ?? '').trim());
    return names.filter((name) => name !== '' && name !== 'background');
  }
  return undefined;
}

type Odd = readonly [kind: VocOddity, place: string];

/**
 * The annotations alone, of a folder of XML files. A picture's id is its file's path in that folder without `.xml`.
 * @throws {LowformerError} `unreadable-file` for what is missing, empty or no XML; `invalid-argument`, with file,
 *   object and value, for what is no annotation.
 */
export async function readVocAnnotations(folder: string, options: VocOptions = {}): Promise<DetectionAnnotations> {
  const { firstPixel, notes } = options;
  const paths = await xmlFiles(folder, options.ids);
  const ids = [...paths.keys()];
  const mistakes = collectMistakes();
  const note = (path: string, kind: VocOddity, place: string) =>
    notes?.add({ kind, where: folder, message: VOC_NOTES[kind] }, place === '' ? path : `${path}: ${place}`);
  const files: (VocAnnotation & { readonly path: string; readonly odd: readonly Odd[] })[] = [];
  const bytesOf = async (path: string) => ({
    path,
    bytes: await readBytes(join(folder, path), "a picture's annotation in Pascal VOC's XML"),
  });
  // Files are parsed in their order, so that mistakes come in it.
  for await (const outcome of settleFew([...paths.values()], bytesOf)) {
    if (outcome.status === 'rejected') {
      if (!mistakes.keep(outcome.reason, 'unreadable-file')) throw outcome.reason;
      continue;
    }
    const { path, bytes } = outcome.value;
    const [file, odd]: [string, Odd[]] = [join(folder, path), []];
    try {
      const text = decodeXml(bytes, file, () => odd.push(['latin-1', '']));
      const read = parseVocXml(text, file, { firstPixel, note: (kind, place) => odd.push([kind, place]), mistakes });
      files.push({ ...read, path, odd });
    } catch (error) {
      if (!mistakes.keep(error, 'unreadable-file')) throw error;
    }
  }
  mistakes.check();
  for (const { path, odd } of files) for (const [kind, place] of odd) note(path, kind, place);
  const found = [...new Set(files.flatMap(({ objects }) => objects.map(({ name }) => name)))].sort();
  const classes = options.classes ?? ownClasses(found, await listedClasses(folder));
  const categoryIds = countedCategoryIds(classes);
  const idOf = new Map(classes.map((name, i) => [name.trim(), categoryIds[i]]));
  if (found.length > 0 && !found.some((name) => idOf.has(name))) throw foreignClasses(folder, found, classes);
  const table = objectTable();
  files.forEach(({ objects, path }, picture) => {
    objects.forEach(({ name, box: [x, y, width, height], difficult }, i) => {
      const categoryId = idOf.get(name);
      if (categoryId === undefined) {
        note(path, 'foreign-class', `object[${i}] '${harmless(name)}'`);
        return;
      }
      const place = { picture, id: table.length + 1, categoryId, x, y, width, height };
      table.add({ ...place, area: width * height, crowd: false, difficult });
    });
  });
  const objectsOf = table.byPicture(ids.length);
  const samples = files.map(({ size }, i): AnnotatedPicture => {
    const id = ids[i] ?? '';
    return {
      id,
      size,
      get objects() {
        return objectsOf(i);
      },
    };
  });
  return { kind: 'detection', name: folder, classes, categoryIds, countedIds: true, samples };
}

/** A dataset to run a model over: pictures are matched by name, whatever their extension. @throws as above. */
export async function readVoc(
  folders: { readonly annotations: string; readonly images: string },
  options: VocOptions = {},
): Promise<DetectionDataset> {
  const { annotations, images } = folders;
  return withPictures(await readVocAnnotations(annotations, options), images, annotations);
}

/**
 * A set of the development kit: `ROOT/Annotations`, `ROOT/JPEGImages`, and the pictures that
 * `ROOT/ImageSets/Main/SET.txt` lists; pictures may be elsewhere. @throws as above.
 */
export async function readVocDevkit(
  root: string,
  set: string,
  { images = join(root, 'JPEGImages'), ...options }: VocOptions & { readonly images?: string } = {},
): Promise<DetectionDataset> {
  const list = setList(root, set);
  const ids = await readVocIds(root, list);
  const dataset = await readVoc({ annotations: join(root, 'Annotations'), images }, { ...options, ids });
  return { ...dataset, name: list };
}

/** The annotations of such a set alone. @throws as above. */
export async function readVocSet(root: string, set: string, options: VocOptions = {}): Promise<DetectionAnnotations> {
  const list = setList(root, set);
  const ids = await readVocIds(root, list);
  return { ...(await readVocAnnotations(join(root, 'Annotations'), { ...options, ids })), name: list };
}

function setList(root: string, set: string): string {
  return join(root, 'ImageSets', 'Main', `${set}.txt`);
}

async function readVocIds(root: string, list: string): Promise<readonly string[]> {
  const ids = parseIds(new TextDecoder().decode(await readBytes(list, 'a list of picture ids')), list);
  const find = namedPictures(join(root, 'JPEGImages'));
  // An id names a file of annotations as well, in a folder beside the pictures.
  for (const id of ids) find(id, list);
  return ids;
}

/** Where a folder is the root of a development kit, or its `Annotations`: the root. */
export async function vocDevkitRoot(folder: string): Promise<string | undefined> {
  const root = basename(folder) === 'Annotations' ? dirname(folder) : folder;
  const parts = ['Annotations', 'JPEGImages', join('ImageSets', 'Main')];
  const kinds = await Promise.all(parts.map((part) => pathKind(join(root, part))));
  return kinds.every((kind) => kind === 'folder') ? root : undefined;
}

/** One id a line; lists by class have `1`, `0` or `-1` behind it. */
function parseIds(text: string, list: string): readonly string[] {
  const ids = text.split(/\r?\n/).flatMap((line) => line.trim().split(/\s+/, 1).filter(Boolean));
  const seen = new Set<string>();
  const twice = ids.find((id) => seen.size === seen.add(id).size);
  if (ids.length === 0) throw invalid(list, 'a list of picture ids', 'an empty file');
  if (twice !== undefined) throw invalid(list, 'each picture once', twice);
  return ids;
}

/** By id, the file's path in the folder: endings are `.xml` or `.XML`. */
async function xmlFiles(folder: string, ids: readonly string[] | undefined): Promise<ReadonlyMap<string, string>> {
  await checkFolder(folder, 'a folder of Pascal VOC annotations');
  const files = await listFiles(folder, ['.xml']);
  if (files.length === 0) {
    const hint = 'Nothing in it is named *.xml.';
    throw new LowformerError({ code: 'unreadable-file', where: folder, expected: 'a folder of XML files', hint });
  }
  const byId = new Map(files.map((file) => [stem(file, '.xml'), file]));
  return ids === undefined ? byId : new Map(ids.map((id) => [id, byId.get(id) ?? `${id}.xml`]));
}

function ownClasses(found: readonly string[], listed: readonly string[] | undefined): readonly string[] {
  if (listed !== undefined && found.every((name) => listed.includes(name))) return listed;
  const official: readonly string[] = voc.classes;
  return found.every((name) => official.includes(name)) ? official : found;
}

function foreignClasses(folder: string, found: readonly string[], classes: readonly string[]): LowformerError {
  const expected = `objects of the classes ${handful(classes)}`;
  return new LowformerError({ code: 'invalid-argument', where: folder, expected, received: handful(found) });
}

function invalid(where: string, expected: string, received: string): LowformerError {
  return new LowformerError({ code: 'invalid-argument', where, expected, received });
}

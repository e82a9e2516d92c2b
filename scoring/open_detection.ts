/**
 * What `--annotations`, `--images`, `--format`, `--classes`, `--list` and `--first-pixel` mean for detection, wherever they
 * stand. A format's reader is loaded when a dataset has that format.
 */
import { join, resolve } from 'node:path';
import { LowformerError } from '../core/errors.js';
import type { Notes } from '../core/notes.js';
import type { AnnotatedPicture, DetectionAnnotations, DetectionDataset } from '../data/dataset.js';
import { listFiles, pathKind } from '../data/files.js';
import { selectClasses, selectPictures } from '../data/subset.js';
import { readClassNames } from './class_names.js';
import { checkFormat, type Format, required } from './datasets.js';

export interface DetectionPlaces {
  readonly annotations?: string | undefined;
  readonly images?: string | undefined;
  readonly format?: Format | undefined;
  /** `--classes`: see `readClassNames`. */
  readonly classes?: string | undefined;
  /** A file that names the pictures that count. */
  readonly list?: string | undefined;
  readonly firstPixel?: 0 | 1 | undefined;
  /** Pictures may lie outside `images`: see `namedPictures`. */
  readonly allowOutside?: boolean | undefined;
  readonly missingArea: 'error' | 'box';
  readonly notes: Notes;
}

/**
 * Ground truth alone. Pictures are looked at where labels are shares of their size, which is YOLO's way.
 * @throws {LowformerError} for another task's format, and as the readers and `selectClasses`.
 */
export async function openAnnotations(places: DetectionPlaces): Promise<DetectionAnnotations> {
  const { firstPixel, missingArea, notes } = places;
  const opened = await openPlaces(places);
  const { annotations, format, names } = opened;
  if (format === 'yolo') return openYolo(places, opened, undefined);
  if (format === 'voc') {
    const { readVocAnnotations, readVocSet } = await import('../data/voc.js');
    const options = { ...(names === undefined ? {} : { classes: names }), firstPixel, notes };
    const set = vocSet(annotations);
    const read = set === undefined ? readVocAnnotations(annotations, options) : readVocSet(set.root, set.name, options);
    return chosen(await read, undefined, places.list);
  }
  const { readCocoAnnotations } = await import('../data/coco.js');
  return chosen(await readCocoAnnotations(annotations, { missingArea, notes }), names, places.list);
}

/**
 * A dataset to run a model over, or to look at.
 * @param known classes in the order of a config, for formats that do not name or number theirs.
 * @throws {LowformerError} likewise.
 */
export async function openDetectionDataset(
  places: DetectionPlaces & { readonly images: string },
  known: readonly string[] | undefined,
): Promise<DetectionDataset> {
  const { images, firstPixel, missingArea, allowOutside, notes } = places;
  const opened = await openPlaces(places);
  const { annotations, format, names } = opened;
  if (format === 'yolo') return openYolo(places, opened, known);
  if (format === 'voc') {
    const { readVoc, readVocDevkit } = await import('../data/voc.js');
    const classes = names ?? known;
    const options = { ...(classes === undefined ? {} : { classes }), firstPixel, notes };
    const set = vocSet(annotations);
    const read =
      set === undefined
        ? readVoc({ annotations, images }, options)
        : readVocDevkit(set.root, set.name, { ...options, images });
    return chosen(await read, undefined, places.list);
  }
  const { readCoco } = await import('../data/coco.js');
  return chosen(await readCoco(annotations, images, { missingArea, allowOutside, notes }), names, places.list);
}

interface OpenedPlaces {
  readonly annotations: string;
  readonly format: Format;
  readonly names: readonly string[] | undefined;
}

async function openPlaces({
  annotations: given,
  format: said,
  classes,
  firstPixel,
}: DetectionPlaces): Promise<OpenedPlaces> {
  checkFormat(said, 'detection');
  const annotations = required(given);
  const format = said ?? (await detectionFormat(annotations));
  if (firstPixel !== undefined && format !== 'voc') {
    const expected = "Pascal VOC's XML: boxes of other formats do not count pixels";
    throw new LowformerError({ code: 'invalid-argument', where: '--first-pixel', expected, received: format });
  }
  const names = classes === undefined ? undefined : await readClassNames(classes);
  return { annotations, format, names };
}

/** A file is COCO's, or YOLO's where it is YAML, or a list of VOC's; a folder is what the files in it are. */
export async function detectionFormat(annotations: string): Promise<'coco' | 'voc' | 'yolo'> {
  if (vocSet(annotations) !== undefined) return 'voc';
  if (/\.(ya?ml|data)$/i.test(annotations)) return 'yolo';
  if ((await pathKind(annotations)) !== 'folder') return 'coco';
  const [xml, text] = [await listFiles(annotations, ['.xml']), await listFiles(annotations, ['.txt'])];
  return xml.length === 0 && text.length > 0 ? 'yolo' : 'voc';
}

async function chosen<Sample extends AnnotatedPicture>(
  dataset: DetectionAnnotations<Sample>,
  names: readonly string[] | undefined,
  list: string | undefined,
): Promise<DetectionAnnotations<Sample>> {
  const some = names === undefined ? dataset : selectClasses(dataset, names);
  return list === undefined ? some : selectPictures(some, list);
}

async function openYolo(
  { images, list, notes }: DetectionPlaces,
  { annotations, names }: OpenedPlaces,
  known: readonly string[] | undefined,
): Promise<DetectionDataset> {
  const { readYolo, readYoloFolders } = await import('../data/yolo.js');
  if ((await pathKind(annotations)) !== 'folder') {
    return chosen(await readYolo(annotations, { images, notes }), names, list);
  }
  const { readYoloNames } = await import('../data/yolo_config.js');
  const beside = join(annotations, 'classes.txt');
  const own = (await pathKind(beside)) === 'file' ? await readYoloNames(beside) : undefined;
  const classes = own ?? names ?? known;
  if (classes === undefined) {
    const expected = "the names of the classes: YOLO's data.yaml, a file with a name a line, or a,b";
    const hint = 'The option is missing.';
    throw new LowformerError({ code: 'invalid-argument', where: '--classes', expected, hint });
  }
  const folders = { images: images ?? (await picturesBeside(annotations)), labels: annotations, classes };
  return chosen(await readYoloFolders(folders, { notes }), own === undefined ? undefined : names, list);
}

/** The folder `images` for a folder `labels`. */
async function picturesBeside(labels: string): Promise<string> {
  const parts = resolve(labels).split(/[\\/]/);
  const at = parts.lastIndexOf('labels');
  const images = at < 0 ? undefined : parts.with(at, 'images').join('/');
  if (images !== undefined && (await pathKind(images)) === 'folder') return images;
  const expected = "the folder of the pictures: YOLO's labels are shares of their sizes";
  const hint = 'The option is missing.';
  throw new LowformerError({ code: 'invalid-argument', where: '--images', expected, hint });
}

/** `ROOT/ImageSets/Main/NAME.txt`: pictures of Pascal VOC's development kit. */
function vocSet(annotations: string): { readonly root: string; readonly name: string } | undefined {
  const [, root, name] = /^(.*)[\\/]ImageSets[\\/]Main[\\/]([^\\/]+)\.txt$/.exec(resolve(annotations)) ?? [];
  return root === undefined || name === undefined ? undefined : { root, name };
}

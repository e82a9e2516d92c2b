/** What `--images`, `--annotations` and `--format` mean. A format's reader is loaded when a dataset has that format. */
import { join, resolve } from 'node:path';
import { LowformerError } from '../../core/errors.js';
import type { Notes } from '../../core/notes.js';
import type {
  ClassificationDataset,
  DetectionAnnotations,
  DetectionDataset,
  SegmentationDataset,
} from '../../data/dataset.js';
import { listFiles, pathKind } from '../../data/files.js';

/** By task, the one that is meant where none is named first; of detection, a folder means VOC. */
export const FORMATS = {
  detection: ['coco', 'voc', 'yolo'],
  segmentation: ['folder', 'ade20k', 'cityscapes'],
  classification: ['imagenet'],
} as const;
export type Format = (typeof FORMATS)[keyof typeof FORMATS][number];

/**
 * Ground truth alone: COCO JSON, a folder of Pascal VOC's XML, or one of its lists of pictures.
 * @param names a file with the classes of XML in the order of their ids, a line each or as YOLO's `data.yaml`; without
 *   it, see `VocOptions`.
 * @throws {LowformerError} as their readers.
 */
export async function openAnnotations(
  path: string,
  missingArea: 'error' | 'box',
  names: string | undefined,
  notes: Notes,
): Promise<DetectionAnnotations> {
  const set = vocSet(path);
  if (set !== undefined || (await pathKind(path)) === 'folder') {
    const { readVocAnnotations, readVocSet } = await import('../../data/voc.js');
    const { readYoloNames } = await import('../../data/yolo_config.js');
    const options = names === undefined ? {} : { classes: await readYoloNames(names) };
    return set === undefined ? readVocAnnotations(path, options) : readVocSet(set.root, set.name, options);
  }
  if (names === undefined)
    return (await import('../../data/coco.js')).readCocoAnnotations(path, { missingArea, notes });
  const expected = "a folder of Pascal VOC's XML: a COCO file lists its categories itself";
  throw new LowformerError({ code: 'invalid-argument', where: '--classes', expected, received: path });
}

export interface OpenedDetectionDataset {
  readonly dataset: DetectionDataset;
  /** Whether its format has category ids; else they are counted. */
  readonly hasOwnIds: boolean;
}

export interface Places {
  readonly images: string;
  readonly annotations: string | undefined;
  readonly format: Format | undefined;
  /** Pictures may lie outside `images`: see `namedPictures`. */
  readonly allowOutside?: boolean | undefined;
}

/** @param classes the config's. @throws {LowformerError} for another task's format, and as the readers. */
export async function openDetectionDataset(
  { images, annotations: given, format, allowOutside }: Places,
  classes: readonly string[],
  missingArea: 'error' | 'box',
  notes: Notes,
): Promise<OpenedDetectionDataset> {
  checkFormat(format, 'detection');
  const annotations = required(given);
  const folder = (await pathKind(annotations)) === 'folder';
  const counted = (dataset: DetectionDataset) => ({ dataset, hasOwnIds: false });
  if (format === 'yolo') {
    const { readYoloFolders } = await import('../../data/yolo.js');
    const { readYoloNames, yoloLabelFolder } = await import('../../data/yolo_config.js');
    if (folder) return counted(await readYoloFolders({ images, labels: annotations, classes }));
    const labels = await yoloLabelFolder(resolve(images));
    return counted(await readYoloFolders({ images, labels, classes: await readYoloNames(annotations) }));
  }
  if (format === 'voc' || (format === undefined && (folder || vocSet(annotations) !== undefined))) {
    return counted(await openVoc(annotations, images, classes));
  }
  const { readCoco } = await import('../../data/coco.js');
  return { dataset: await readCoco(annotations, images, { missingArea, allowOutside, notes }), hasOwnIds: true };
}

/**
 * Ids as `openAnnotations` counts them where the files show all classes of the config, so that `score` reads the
 * predictions alike; else in the config's order.
 */
async function openVoc(annotations: string, images: string, classes: readonly string[]): Promise<DetectionDataset> {
  const { readVoc, readVocDevkit } = await import('../../data/voc.js');
  const set = vocSet(annotations);
  if (set !== undefined) {
    const pictures = join(set.root, 'JPEGImages');
    if (resolve(images) === pictures) return readVocDevkit(set.root, set.name, { classes });
    const expected = `${pictures}, beside the list of pictures`;
    throw new LowformerError({ code: 'invalid-argument', where: '--images', expected, received: images });
  }
  const own = await readVoc({ annotations, images });
  const same = own.classes.length === classes.length && own.classes.every((name) => classes.includes(name));
  return same ? own : readVoc({ annotations, images }, { classes });
}

/** `ROOT/ImageSets/Main/NAME.txt`: pictures of Pascal VOC's development kit. */
function vocSet(annotations: string): { readonly root: string; readonly name: string } | undefined {
  const [, root, name] = /^(.*)[\\/]ImageSets[\\/]Main[\\/]([^\\/]+)\.txt$/.exec(resolve(annotations)) ?? [];
  return root === undefined || name === undefined ? undefined : { root, name };
}

/** @throws {LowformerError} for another task's format, and as the readers. */
export async function openSegmentationDataset(
  { images, annotations, format = 'folder' }: Places,
  options: { readonly reduceZeroLabel: boolean; readonly ignoreIndex: number },
): Promise<SegmentationDataset> {
  checkFormat(format, 'segmentation');
  const folders = { images, labels: required(annotations) };
  const { readAde20k, readCityscapes, readSegmentationFolders } = await import('../../data/segmentation_folders.js');
  if (format === 'ade20k') return readAde20k(folders);
  if (format !== 'cityscapes') return readSegmentationFolders(folders, options);
  const found = await listFiles(folders.labels, ['_gtFine_labelIds.png']);
  return readCityscapes(folders, found.length > 0 ? 'labelIds' : 'labelTrainIds');
}

/** Class folders; `annotations` is a file with their names, or absent. @throws {LowformerError} likewise. */
export async function openClassificationDataset({
  images,
  annotations,
  format,
}: Places): Promise<ClassificationDataset> {
  checkFormat(format, 'classification');
  const { readClassFolders } = await import('../../data/class_folders.js');
  if (annotations === undefined || resolve(annotations) === resolve(images)) return readClassFolders(images);
  return readClassFolders(images, { names: annotations });
}

function checkFormat(format: Format | undefined, task: keyof typeof FORMATS): void {
  const known: readonly string[] = FORMATS[task];
  if (format === undefined || known.includes(format)) return;
  const expected = `${known.join(', ')}: the config is for ${task}`;
  throw new LowformerError({ code: 'invalid-argument', where: '--format', expected, received: format });
}

function required(annotations: string | undefined): string {
  if (annotations !== undefined) return annotations;
  const expected = 'a file or a folder of annotations, but the option is missing';
  throw new LowformerError({ code: 'invalid-argument', where: '--annotations', expected });
}

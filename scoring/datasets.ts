/** What `--images`, `--annotations` and `--format` mean for label maps and classes; for boxes see open_detection. A format's reader is loaded when a dataset has that format. */
import { resolve } from 'node:path';
import { LowformerError } from '../core/errors.js';
import { harmless } from '../core/harmless.js';
import type { Notes } from '../core/notes.js';
import type { ColorMap } from '../data/color_map.js';
import type { ClassificationDataset, SegmentationDataset } from '../data/dataset.js';
import { listFiles } from '../data/files.js';

/** By task, the one that is meant where none is named first; of detection, a folder means VOC. */
export const FORMATS = {
  detection: ['coco', 'voc', 'yolo'],
  segmentation: ['folder', 'ade20k', 'cityscapes'],
  classification: ['imagenet'],
} as const;
export type Format = (typeof FORMATS)[keyof typeof FORMATS][number];

export interface Places {
  readonly images: string;
  readonly annotations?: string | undefined;
  readonly format?: Format | undefined;
}

/** Formats that say themselves how labels are named and numbered. */
function checkPlain(format: Format, { labelMap, colors, labelSuffix, imageSuffix }: SegmentationOptions): void {
  for (const [where, given] of Object.entries({
    '--label-map': labelMap,
    '--colors': colors,
    '--label-suffix': labelSuffix,
    '--image-suffix': imageSuffix,
  })) {
    if (given === undefined) continue;
    const hint = 'This format says itself how its labels are named and numbered.';
    throw new LowformerError({ code: 'invalid-argument', where, expected: '--format folder', received: format, hint });
  }
}

export interface SegmentationOptions {
  readonly reduceZeroLabel: boolean;
  readonly ignoreIndex: number;
  /** Labels that stand for others. */
  readonly labelMap?: readonly (readonly [from: number, to: number])[] | undefined;
  /** A file: see `readColorMap`. */
  readonly colors?: string | undefined;
  readonly labelSuffix?: string | undefined;
  readonly imageSuffix?: string | undefined;
  /** A file that names the pictures that count. */
  readonly list?: string | undefined;
  /** A config's: colours are matched to them by name. */
  readonly classes?: readonly string[] | undefined;
}

/** @throws {LowformerError} for another task's format, and as the readers. */
export async function openSegmentationDataset(
  { images, annotations, format = 'folder' }: Places,
  options: SegmentationOptions,
  notes: Notes,
): Promise<SegmentationDataset> {
  checkFormat(format, 'segmentation');
  const folders = { images, labels: required(annotations) };
  const { readAde20k, readCityscapes, readSegmentationFolders } = await import('../data/segmentation_folders.js');
  const { list } = options;
  if (format !== 'folder') checkPlain(format, options);
  if (format === 'ade20k') return readAde20k(folders, { list });
  if (format !== 'cityscapes') {
    const { colors: file, classes } = options;
    const colors = file === undefined ? undefined : await (await import('../data/color_map.js')).readColorMap(file);
    const given = options.labelMap === undefined ? undefined : new Map(options.labelMap);
    const byName =
      colors === undefined || classes === undefined ? undefined : labelsByName(colors, classes, options, notes);
    const labelMap = byName === undefined ? given : new Map([...byName, ...(given ?? [])]);
    const { imageSuffix, labelSuffix, reduceZeroLabel, ignoreIndex } = options;
    const reading = { imageSuffix, labelSuffix, reduceZeroLabel, ignoreIndex, list, colors, labelMap };
    return readSegmentationFolders(folders, byName === undefined ? reading : { ...reading, classes: classes ?? [] });
  }
  const found = await listFiles(folders.labels, ['_gtFine_labelIds.png']);
  return readCityscapes(folders, found.length > 0 ? 'labelIds' : 'labelTrainIds', { list });
}

/** From the labels of a colour map to a config's classes, by name; what the config has not is ignored, with a note. */
function labelsByName(
  { names }: ColorMap,
  classes: readonly string[],
  { colors, ignoreIndex }: SegmentationOptions,
  notes: Notes,
): ReadonlyMap<number, number> {
  const indices = names.map((name) => classes.indexOf(name));
  if (names.length > 0 && indices.every((index) => index < 0)) {
    const expected = `colours of the classes of the config (${classes.slice(0, 5).join(', ')}, …)`;
    const received = names.slice(0, 5).join(', ');
    throw new LowformerError({ code: 'invalid-argument', where: '--colors', expected, received });
  }
  names.forEach((name, i) => {
    if ((indices[i] ?? -1) >= 0) return;
    notes.add({ kind: 'foreign-class', where: colors ?? '--colors', message: FOREIGN }, `'${harmless(name)}'`);
  });
  return new Map(indices.map((index, label) => [label, index < 0 ? ignoreIndex : index]));
}

const FOREIGN = 'Colours of classes that the config has not are ignored';

/** Class folders; `annotations` is a file with their names, or absent. @throws {LowformerError} likewise. */
export async function openClassificationDataset(
  { images, annotations, format }: Places,
  notes: Notes,
): Promise<ClassificationDataset> {
  checkFormat(format, 'classification');
  const { readClassFolders } = await import('../data/class_folders.js');
  if (annotations === undefined || resolve(annotations) === resolve(images)) return readClassFolders(images, { notes });
  return readClassFolders(images, { names: annotations, notes });
}

/** @throws {LowformerError} for another task's format. */
export function checkFormat(format: Format | undefined, task: keyof typeof FORMATS): void {
  const known: readonly string[] = FORMATS[task];
  if (format === undefined || known.includes(format)) return;
  const expected = `${known.join(', ')}: the config is for ${task}`;
  throw new LowformerError({ code: 'invalid-argument', where: '--format', expected, received: format });
}

/** @throws {LowformerError} where no annotations are given. */
export function required(annotations: string | undefined): string {
  if (annotations !== undefined) return annotations;
  const expected = 'a file or a folder of annotations, but the option is missing';
  throw new LowformerError({ code: 'invalid-argument', where: '--annotations', expected });
}

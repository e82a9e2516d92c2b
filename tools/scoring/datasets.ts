/** What `--images`, `--annotations` and `--format` mean for label maps and classes; for boxes see open_detection. A format's reader is loaded when a dataset has that format. */
import { resolve } from 'node:path';
import { LowformerError } from '../../core/errors.js';
import type { ClassificationDataset, SegmentationDataset } from '../../data/dataset.js';
import { listFiles } from '../../data/files.js';

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

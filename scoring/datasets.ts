/** What `--images`, `--annotations` and `--format` mean for label maps and classes; for boxes see open_detection. */
import { LowformerError } from '../core/errors.js';
import type { Notes } from '../core/notes.js';
import type { ClassificationDataset, SegmentationDataset } from '../data/dataset.js';
import { formatsOfTask, namedFormat } from './formats/choose.js';
import type { DatasetFormatOptions } from './formats/index.js';
import { ownOptions } from './formats/own_options.js';

export interface Places {
  readonly images: string;
  readonly annotations?: string | undefined;
  /** See `DATASET_FORMATS`; by default the first of the task. */
  readonly format?: string | undefined;
}

/** What all formats of label maps take, and what one or another does. */
export type SegmentationOptions = DatasetFormatOptions & {
  readonly reduceZeroLabel: boolean;
  readonly ignoreIndex: number;
  /** A file that names the pictures that count. */
  readonly list?: string | undefined;
  /** A config's: colours are matched to them by name. */
  readonly classes?: readonly string[] | undefined;
  /** Pictures that annotations name may lie outside `images`. */
  readonly allowOutside?: boolean | undefined;
};

/** @throws {LowformerError} for another task's format or another format's option, and as the readers. */
export async function openSegmentationDataset(
  { images, annotations, format: name }: Places,
  options: SegmentationOptions,
  notes: Notes,
): Promise<SegmentationDataset> {
  const formats = formatsOfTask('segmentation');
  const format = namedFormat(name, 'segmentation');
  const labels = required(annotations);
  const { reduceZeroLabel, ignoreIndex, classes, list, allowOutside } = options;
  const own = ownOptions(format, formats, options);
  const common = { images, labels, classes, list, allowOutside, notes };
  return format.open({ ...common, reduceZeroLabel, ignoreIndex, options: own });
}

/** Class folders; `annotations` is a file with their names, or absent. @throws {LowformerError} likewise. */
export async function openClassificationDataset(
  { images, annotations, format: name, ...options }: Places,
  notes: Notes,
): Promise<ClassificationDataset> {
  const format = namedFormat(name, 'classification');
  const own = ownOptions(format, formatsOfTask('classification'), options);
  return format.open({ images, annotations, options: own, notes });
}

/** @throws {LowformerError} where no annotations are given. */
export function required(annotations: string | undefined): string {
  if (annotations !== undefined) return annotations;
  const expected = 'a file or a folder of annotations, but the option is missing';
  throw new LowformerError({ code: 'invalid-argument', where: '--annotations', expected });
}

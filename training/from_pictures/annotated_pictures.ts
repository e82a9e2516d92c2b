/** What `--images` and `--annotations` hold: boxes or label maps, told by what the annotations look like. */
import { LowformerError } from '../../core/errors.js';
import type { Notes } from '../../core/notes.js';
import type { DetectionDataset, SegmentationDataset } from '../../data/dataset.js';
import { checkFolder } from '../../data/files.js';
import { readClassNames } from '../../scoring/class_names.js';
import { openSegmentationDataset } from '../../scoring/datasets.js';
import { formatNames, formatsOf, likeliest } from '../../scoring/formats/choose.js';
import { findAnnotations } from '../../scoring/formats/found_annotations.js';
import type { DatasetFormatOptions } from '../../scoring/formats/index.js';
import { openDetectionDataset } from '../../scoring/open_detection.js';

export type AnnotatedFolder = DatasetFormatOptions & {
  /** The folder of pictures. */
  readonly images: string;
  /** COCO's JSON, or a folder of VOC's XML, of YOLO's text files or of label PNGs. */
  readonly annotations: string;
  /** By default what the annotations look like. */
  readonly format?: string | undefined;
  /** See `readClassNames`: names for formats that have none; of others, those that count. */
  readonly classes?: string | undefined;
  /** Labels count from 1 in label PNGs, and 0 is ignored. */
  readonly reduceZeroLabel?: boolean | undefined;
};

export type AnnotatedPictures = DetectionDataset | SegmentationDataset;

/**
 * @throws {LowformerError} `invalid-argument` for annotations of no known format, and for a task that is not trained; as
 *   the readers.
 */
export async function openAnnotatedPictures(folder: AnnotatedFolder, notes: Notes): Promise<AnnotatedPictures> {
  await checkFolder(folder.images, 'a folder of pictures (--images)');
  const format = await formatOf(folder);
  if (format.task === 'detection') {
    return openDetectionDataset({ ...folder, format: format.type, missingArea: 'box', notes }, undefined);
  }
  const classes = folder.classes === undefined ? undefined : await readClassNames(folder.classes);
  const options = { ...folder, format: format.type, classes, reduceZeroLabel: folder.reduceZeroLabel === true };
  const dataset = await openSegmentationDataset(options, { ...options, ignoreIndex: IGNORED }, notes);
  return classes === undefined ? dataset : { ...dataset, classes };
}

const IGNORED = 255;

async function formatOf({ annotations, format: name }: AnnotatedFolder) {
  const formats = formatsOf('detection', 'segmentation');
  const named = formats.find(({ type }) => type === name);
  const found = await findAnnotations(annotations);
  if (found.kind === 'missing') {
    const expected = 'annotations: a file or a folder (--annotations)';
    const hint = 'There is no such file or folder.';
    throw new LowformerError({ code: 'unreadable-file', where: annotations, expected, hint });
  }
  const format = name === undefined ? await likeliest(formats, found) : named;
  const kinds =
    'COCO (a JSON file), Pascal VOC (a folder of XML), YOLO (a folder of text files) or label PNGs (a folder)';
  const names = formatNames('detection', 'segmentation').join(', ');
  if (format !== undefined && format.task !== 'classification') return format;
  if (name === undefined) {
    const hint = `Nothing in it looks like one. Say with --format which it is: ${names}.`;
    throw new LowformerError({
      code: 'invalid-argument',
      where: annotations,
      expected: `annotations as ${kinds}`,
      hint,
    });
  }
  throw new LowformerError({ code: 'invalid-argument', where: '--format', expected: names, received: name });
}

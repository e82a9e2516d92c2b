/** What `convert` reads: objects, or label maps. */
import { join } from 'node:path';
import { openForBrowsing } from '../analysis/browsing/open_dataset.js';
import { LowformerError } from '../core/errors.js';
import type { Notes } from '../core/notes.js';
import { readCocoPanoptic } from '../data/coco_panoptic.js';
import type { SegmentationDataset } from '../data/dataset.js';
import { pathKind } from '../data/files.js';
import { labelMapSource } from '../exchange/label_map_source.js';
import { panopticSource } from '../exchange/panoptic_source.js';
import { type MarkSource, objectSource } from '../exchange/source.js';
import { readClassNames } from '../scoring/class_names.js';
import type { SegmentationOptions } from '../scoring/datasets.js';
import { detectionFormatOf, formatsOf, likeliest, namedFormat } from '../scoring/formats/choose.js';
import { findAnnotations } from '../scoring/formats/found_annotations.js';
import { type AnyDatasetFormat, DATASET_FORMATS } from '../scoring/formats/index.js';
import { ownOptions } from '../scoring/formats/own_options.js';
import { type DetectionPlaces, openAnnotations, openDetectionDataset } from '../scoring/open_detection.js';

export type ConvertSettings = Omit<DetectionPlaces, 'missingArea' | 'outlines' | 'notes' | 'format' | 'annotations'> &
  Omit<SegmentationOptions, 'classes' | 'ignoreIndex' | 'reduceZeroLabel'> & {
    readonly annotations: string;
    /** By default, what the annotations look like. */
    readonly from?: string | undefined;
    readonly copyImages: boolean;
    readonly reduceZeroLabel?: boolean | undefined;
    readonly ignoreIndex?: number | undefined;
  };

/** @throws {LowformerError} as the readers, and for options that mean nothing for what is read. */
export async function openSource(settings: ConvertSettings, notes: Notes): Promise<MarkSource> {
  const format = await formatOf(settings);
  ownOptions(format, formatsOf(), settings);
  const { images, copyImages, reduceZeroLabel, ignoreIndex } = settings;
  const [option, given] = reduceZeroLabel === true ? ['--reduce-zero-label', true] : ['--ignore-index', ignoreIndex];
  if (given !== undefined && format.type !== 'folder') {
    const expected = 'none but with --from folder';
    throw new LowformerError({ code: 'invalid-argument', where: option, expected, received: format.type });
  }
  if (format.task === 'segmentation') return openLabelMaps(settings, format, notes);
  // The area of a mask goes where its annotation has it; where it has none, none is made up.
  const places = { ...settings, format: format.type, missingArea: 'box', outlines: 'kept', notes } as const;
  const dataset =
    images === undefined ? await openAnnotations(places) : await openDetectionDataset({ ...places, images }, undefined);
  return objectSource(dataset, { images, copyImages });
}

async function formatOf({ from, annotations }: ConvertSettings): Promise<AnyDatasetFormat> {
  if (from !== undefined) return DATASET_FORMATS.get(from, '--from');
  const found = await likeliest(formatsOf('detection', 'segmentation'), await findAnnotations(annotations));
  return found ?? detectionFormatOf(annotations);
}

async function openLabelMaps(settings: ConvertSettings, { type }: AnyDatasetFormat, notes: Notes): Promise<MarkSource> {
  const { images, annotations } = settings;
  if (images === undefined) {
    const expected = 'the folder of the pictures that the label maps are of';
    const hint = 'The option is missing.';
    throw new LowformerError({ code: 'invalid-argument', where: '--images', expected, hint });
  }
  if (type === 'coco-panoptic') return openPanoptic({ ...settings, images }, notes);
  await checkCount(settings.classes, type);
  const { reduceZeroLabel = false, ignoreIndex = 255 } = settings;
  const opened = await openForBrowsing({ ...settings, format: type, images, reduceZeroLabel, ignoreIndex, notes });
  if (opened.dataset.kind !== 'segmentation') throw new RangeError(`${type} is no format of label maps`);
  const classes = await classesOf(opened.dataset, annotations);
  return labelMapSource(opened.dataset, { images, classes, palette: opened.palette });
}

/** Its segments are more than label maps. */
async function openPanoptic(
  { annotations, images, classes: names, list, allowOutside }: ConvertSettings & { readonly images: string },
  notes: Notes,
): Promise<MarkSource> {
  const classes = names === undefined ? undefined : await readClassNames(names);
  return panopticSource(await readCocoPanoptic(annotations, images, { classes, list, allowOutside, notes }), {
    images,
  });
}

/** A format of one dataset may be given other names for its classes, but not fewer or more. */
async function checkCount(given: string | undefined, type: string): Promise<void> {
  const own = namedFormat(type, 'segmentation').classes;
  if (given === undefined || own === undefined) return;
  const { length } = await readClassNames(given);
  if (length === own.length) return;
  const expected = `the ${own.length} classes of ${type}, or no --classes`;
  throw new LowformerError({ code: 'invalid-argument', where: '--classes', expected, received: length });
}

/** Those of `--classes`, of the format, of the colours, or of the `classes.txt` beside the label maps. */
async function classesOf({ classes }: SegmentationDataset, annotations: string): Promise<readonly string[]> {
  if (classes !== undefined) return classes;
  const list = join(annotations, 'classes.txt');
  if ((await pathKind(list)) === 'file') return readClassNames(list);
  const expected = 'the names of the classes, in the order of their labels: a,b or a file with a name a line';
  const hint = `The option is missing, and there is no ${list}.`;
  throw new LowformerError({ code: 'invalid-argument', where: '--classes', expected, hint });
}

/**
 * What `--annotations`, `--images`, `--format`, `--classes`, `--list` and the options of one format mean for detection,
 * wherever they stand.
 */
import type { Notes } from '../core/notes.js';
import type { AnnotatedPicture, DetectionAnnotations, DetectionDataset } from '../data/dataset.js';
import { selectClasses, selectPictures } from '../data/subset.js';
import { withPictures } from '../data/with_pictures.js';
import { readClassNames } from './class_names.js';
import { required } from './datasets.js';
import { detectionFormatOf, formatsOfTask, namedFormat } from './formats/choose.js';
import type { DatasetFormatOptions } from './formats/index.js';
import { ownOptions } from './formats/own_options.js';

export type DetectionPlaces = DatasetFormatOptions & {
  readonly annotations?: string | undefined;
  readonly images?: string | undefined;
  /** See `DATASET_FORMATS`; by default what the annotations look like. */
  readonly format?: string | undefined;
  /** `--classes`: see `readClassNames`. */
  readonly classes?: string | undefined;
  /** A file that names the pictures that count. */
  readonly list?: string | undefined;
  /** Pictures may lie outside `images`: see `namedPictures`. */
  readonly allowOutside?: boolean | undefined;
  readonly missingArea: 'error' | 'box';
  /** See `DetectionSource`. */
  readonly outlines?: 'kept' | undefined;
  readonly notes: Notes;
};

/**
 * Ground truth alone. Pictures are looked at where labels are shares of their size, which is YOLO's way.
 * @throws {LowformerError} for another task's format or another format's option, and as the readers and `selectClasses`.
 */
export async function openAnnotations(places: DetectionPlaces): Promise<DetectionAnnotations> {
  const { format, source } = await openPlaces(places, undefined);
  return chosen(await format.read(source), source.classes, places.list);
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
  const { images, list } = places;
  const { format, source } = await openPlaces(places, known);
  const dataset =
    (await format.open?.({ ...source, images })) ??
    (await withPictures(await format.read(source), images, source.annotations));
  return chosen(dataset, source.classes, list);
}

async function openPlaces(places: DetectionPlaces, known: readonly string[] | undefined) {
  const { images, format: name, missingArea, outlines, allowOutside, notes } = places;
  const named = name === undefined ? undefined : namedFormat(name, 'detection');
  const annotations = required(places.annotations);
  const format = named ?? (await detectionFormatOf(annotations));
  const options = ownOptions(format, formatsOfTask('detection'), places);
  const classes = places.classes === undefined ? undefined : await readClassNames(places.classes);
  return {
    format,
    source: { annotations, images, classes, known, options, missingArea, outlines, allowOutside, notes },
  };
}

/** The format that annotations look like. */
export async function detectionFormat(annotations: string): Promise<string> {
  return (await detectionFormatOf(annotations)).type;
}

async function chosen<Sample extends AnnotatedPicture>(
  dataset: DetectionAnnotations<Sample>,
  names: readonly string[] | undefined,
  list: string | undefined,
): Promise<DetectionAnnotations<Sample>> {
  const isAll = names === undefined || same(names, dataset.classes);
  const some = isAll ? dataset : selectClasses(dataset, names);
  return list === undefined ? some : selectPictures(some, list);
}

/** A reader that has no names of its own has taken these. */
function same(names: readonly string[], others: readonly string[]): boolean {
  return names.length === others.length && names.every((name, i) => name === others[i]);
}

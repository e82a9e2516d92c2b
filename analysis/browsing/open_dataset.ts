/** What `--images`, `--annotations` and `--format` mean where no config says the task and the classes. */
import { LowformerError } from '../../core/errors.js';
import type { Dataset } from '../../data/dataset.js';
import { readClassNames } from '../../scoring/class_names.js';
import {
  openClassificationDataset,
  openSegmentationDataset,
  type SegmentationOptions,
} from '../../scoring/datasets.js';
import { formatsOf, knownEndings, likeliest } from '../../scoring/formats/choose.js';
import { findAnnotations } from '../../scoring/formats/found_annotations.js';
import { type AnyDatasetFormat, DATASET_FORMATS } from '../../scoring/formats/index.js';
import { ownOptions } from '../../scoring/formats/own_options.js';
import { type DetectionPlaces, openDetectionDataset } from '../../scoring/open_detection.js';

export type BrowseSettings = Omit<DetectionPlaces, 'missingArea'> &
  Omit<SegmentationOptions, 'classes'> & { readonly images: string };

export interface OpenedDataset {
  readonly dataset: Dataset;
  /** What `--format` calls it. */
  readonly format: string;
  /** The dataset's own colours, where it has some. */
  readonly palette: readonly (readonly number[])[] | undefined;
}

/** @throws {LowformerError} as the readers, and where no format is given and none can be told. */
export async function openForBrowsing(settings: BrowseSettings): Promise<OpenedDataset> {
  const { format: name, annotations } = settings;
  const format = name === undefined ? await formatOf(annotations) : DATASET_FORMATS.get(name, '--format');
  // Here no config says the task: an option of another task's format is as wrong as one of another format.
  ownOptions(format, formatsOf(), settings);
  const dataset = await openAs(format, { ...settings, format: format.type });
  return { dataset, format: format.type, palette: format.palette };
}

async function openAs(format: AnyDatasetFormat, settings: BrowseSettings): Promise<Dataset> {
  const { notes } = settings;
  const { task } = format;
  if (task === 'detection') return openDetectionDataset({ ...settings, missingArea: 'box' }, undefined);
  if (task === 'classification') return openClassificationDataset(settings, notes);
  const classes = settings.classes === undefined ? undefined : await readClassNames(settings.classes);
  // A colour has a name of its own, by which its class is found; numbers have none.
  const named = settings.colors === undefined && format.namesClasses !== true ? undefined : classes;
  const dataset = await openSegmentationDataset(settings, { ...settings, classes: named }, notes);
  return classes === undefined ? dataset : { ...dataset, classes };
}

/** What the annotations look like most. */
async function formatOf(annotations: string | undefined): Promise<AnyDatasetFormat> {
  const wrong = (hint: string) => {
    const expected = 'a file or a folder of annotations';
    const parts = { code: 'invalid-argument', where: '--annotations', expected, hint } as const;
    return new LowformerError(annotations === undefined ? parts : { ...parts, received: annotations });
  };
  if (annotations === undefined) throw wrong('The option is missing; only --format imagenet goes without it.');
  const found = await findAnnotations(annotations);
  if (found.kind === 'missing') throw wrong('There is no such file or folder.');
  const format = await likeliest(formatsOf(), found);
  if (format !== undefined) return format;
  const endings = knownEndings();
  const listed = `${endings.slice(0, -1).join(', ')} or ${endings.at(-1)}`;
  throw wrong(`There are no ${listed} files in it. Say with --format what it is.`);
}

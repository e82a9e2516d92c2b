/** What `--images`, `--annotations` and `--format` mean where no config says the task and the classes. */
import { LowformerError } from '../../core/errors.js';
import { ade20k } from '../../data/classes/ade20k.js';
import { cityscapes } from '../../data/classes/cityscapes.js';
import type { Dataset } from '../../data/dataset.js';
import { listFiles, pathKind } from '../../data/files.js';
import { readClassNames } from '../../scoring/class_names.js';
import {
  FORMATS,
  type Format,
  openClassificationDataset,
  openSegmentationDataset,
  type SegmentationOptions,
} from '../../scoring/datasets.js';
import { type DetectionPlaces, detectionFormat, openDetectionDataset } from '../../scoring/open_detection.js';

export interface BrowseSettings extends Omit<DetectionPlaces, 'missingArea'>, Omit<SegmentationOptions, 'classes'> {
  readonly images: string;
}

export interface OpenedDataset {
  readonly dataset: Dataset;
  readonly format: Format;
  /** The dataset's own colours, where it has some. */
  readonly palette: readonly (readonly number[])[] | undefined;
}

/** @throws {LowformerError} as the readers, and where no format is given and none can be told. */
export async function openForBrowsing(settings: BrowseSettings): Promise<OpenedDataset> {
  const format = settings.format ?? (await formatOf(settings.annotations));
  const places = { ...settings, format };
  if (includes(FORMATS.detection, format)) {
    const dataset = await openDetectionDataset({ ...places, missingArea: 'box' }, undefined);
    return { dataset, format, palette: undefined };
  }
  if (includes(FORMATS.segmentation, format)) {
    const dataset = await openSegmentationDataset(places, { ...settings, classes: undefined }, settings.notes);
    const names = settings.classes === undefined ? undefined : await readClassNames(settings.classes);
    return {
      dataset: names === undefined ? dataset : { ...dataset, classes: names },
      format,
      palette: PALETTES[format],
    };
  }
  return { dataset: await openClassificationDataset(places, settings.notes), format, palette: undefined };
}

const PALETTES: Partial<Record<Format, readonly (readonly number[])[]>> = {
  ade20k: ade20k.palette,
  cityscapes: cityscapes.palette,
};

/** A file is COCO's, or YOLO's where it is YAML; a folder is what the files in it are. */
async function formatOf(annotations: string | undefined): Promise<Format> {
  const wrong = (hint: string) => {
    const expected = 'a file or a folder of annotations';
    const parts = { code: 'invalid-argument', where: '--annotations', expected, hint } as const;
    return new LowformerError(annotations === undefined ? parts : { ...parts, received: annotations });
  };
  if (annotations === undefined) throw wrong('The option is missing; only --format imagenet goes without it.');
  const kind = await pathKind(annotations);
  if (kind === 'missing') throw wrong('There is no such file or folder.');
  if (kind === 'file') return detectionFormat(annotations);
  for (const [ending, format] of [
    ['.xml', 'voc'],
    ['.png', 'folder'],
    ['.txt', 'yolo'],
  ] as const) {
    if ((await listFiles(annotations, [ending])).length > 0) return format;
  }
  throw wrong('There are no .xml, .png or .txt files in it. Say with --format what it is.');
}

function includes<const Name extends string>(names: readonly Name[], name: string): name is Name {
  return names.some((known) => known === name);
}

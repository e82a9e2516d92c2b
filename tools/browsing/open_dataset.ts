/** What `--images`, `--annotations` and `--format` mean where no config says the task and the classes. */
import { basename, dirname, join, resolve } from 'node:path';
import { LowformerError } from '../../core/errors.js';
import type { Notes } from '../../core/notes.js';
import { ade20k } from '../../data/classes/ade20k.js';
import { cityscapes } from '../../data/classes/cityscapes.js';
import type { Dataset, DetectionDataset } from '../../data/dataset.js';
import { listFiles, pathKind } from '../../data/files.js';
import { readVoc, readVocDevkit } from '../../data/voc.js';
import { readYoloNames } from '../../data/yolo_config.js';
import {
  FORMATS,
  type Format,
  openClassificationDataset,
  openDetectionDataset,
  openSegmentationDataset,
  type Places,
} from '../scoring/datasets.js';

export interface BrowseSettings extends Places {
  /** A file with class names in their order. */
  readonly classes: string | undefined;
  readonly reduceZeroLabel: boolean;
  readonly ignoreIndex: number;
  readonly notes: Notes;
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
  const names = settings.classes === undefined ? undefined : await readYoloNames(settings.classes);
  if (includes(FORMATS.detection, format)) {
    return { dataset: await openDetection(places, format, names, settings.notes), format, palette: undefined };
  }
  if (includes(FORMATS.segmentation, format)) {
    const dataset = await openSegmentationDataset(places, settings);
    return {
      dataset: names === undefined ? dataset : { ...dataset, classes: names },
      format,
      palette: PALETTES[format],
    };
  }
  return { dataset: await openClassificationDataset(places), format, palette: undefined };
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
  if (kind === 'file') return /\.ya?ml$/i.test(annotations) ? 'yolo' : isSetList(annotations) ? 'voc' : 'coco';
  for (const [ending, format] of [
    ['.xml', 'voc'],
    ['.png', 'folder'],
    ['.txt', 'yolo'],
  ] as const) {
    if ((await listFiles(annotations, [ending])).length > 0) return format;
  }
  throw wrong('There are no .xml, .png or .txt files in it. Say with --format what it is.');
}

async function openDetection(
  places: Places,
  format: (typeof FORMATS.detection)[number],
  names: readonly string[] | undefined,
  notes: Notes,
): Promise<DetectionDataset> {
  const { images, annotations } = places;
  if (annotations !== undefined && names === undefined && format === 'voc') return openVoc(annotations, images);
  const needed = format === 'yolo' && annotations !== undefined && (await pathKind(annotations)) === 'folder';
  const classes = names ?? (needed ? await namesBeside(annotations) : []);
  return (await openDetectionDataset(places, classes, 'box', notes)).dataset;
}

/** With the classes that the files name. */
async function openVoc(annotations: string, images: string): Promise<DetectionDataset> {
  if (!isSetList(annotations)) return readVoc({ annotations, images });
  const list = resolve(annotations);
  return readVocDevkit(resolve(dirname(list), '..', '..'), basename(list, '.txt'));
}

/** `ImageSets/Main/val.txt` of Pascal VOC's development kit. */
function isSetList(file: string): boolean {
  return /[\\/]ImageSets[\\/]Main[\\/][^\\/]+\.txt$/.test(resolve(file));
}

/** Annotation tools leave a list of names beside YOLO's labels. */
async function namesBeside(labels: string): Promise<readonly string[]> {
  const list = join(labels, 'classes.txt');
  if ((await pathKind(list)) === 'file') return readYoloNames(list);
  const expected = "a file with the names of the classes: YOLO's data.yaml, or a name a line";
  throw new LowformerError({ code: 'invalid-argument', where: '--classes', expected, hint: 'The option is missing.' });
}

function includes<const Name extends string>(names: readonly Name[], name: string): name is Name {
  return names.some((known) => known === name);
}

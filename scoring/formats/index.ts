import type { z } from 'zod';
import { type ModuleTable, moduleTable } from '../../registry/table.js';
import { ade20k } from './ade20k.js';
import { cityscapes } from './cityscapes.js';
import { classFolders } from './class_folders.js';
import { coco } from './coco.js';
import { cocoPanoptic } from './coco_panoptic.js';
import { csv } from './csv.js';
import { cvat } from './cvat.js';
import type { ClassificationFormat, DetectionFormat, SegmentationFormat } from './define.js';
import { geojson } from './geojson.js';
import { labelFolders } from './label_folders.js';
import { labelStudio } from './label_studio.js';
import { labelme } from './labelme.js';
import type { OwnOptions } from './own_options.js';
import { voc } from './voc.js';
import { yolo } from './yolo.js';

/** One line each, in the order of the help; of a task, the first is meant where nothing tells another. */
const own = {
  coco,
  voc,
  yolo,
  labelme,
  cvat,
  labelstudio: labelStudio,
  csv,
  geojson,
  folder: labelFolders,
  ade20k,
  cityscapes,
  'coco-panoptic': cocoPanoptic,
  imagenet: classFolders,
} as const;
type OwnFormats = typeof own;

/**
 * Every dataset format, for the types of the options. A third party's joins by declaration merging:
 * `declare module 'lowformer' { interface RegisteredDatasetFormats { readonly mine: typeof mine } }`.
 */
export interface RegisteredDatasetFormats extends OwnFormats {}

export type DatasetFormatName = keyof RegisteredDatasetFormats;

/** What one format or another takes beside the options of its task. */
export type DatasetFormatOptions = OwnOptions<RegisteredDatasetFormats>;

/** A format of any task, its options not yet checked. */
export type AnyDatasetFormat =
  | DetectionFormat<string, z.ZodType>
  | SegmentationFormat<string, z.ZodType>
  | ClassificationFormat<string, z.ZodType>;

/** Every dataset format by what `--format` calls it. */
export const DATASET_FORMATS: ModuleTable<AnyDatasetFormat> = moduleTable<AnyDatasetFormat>('dataset format', own);

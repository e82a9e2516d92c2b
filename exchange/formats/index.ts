import { type ModuleTable, moduleTable } from '../../registry/table.js';
import type { ExchangeFormat } from '../define.js';
import { cityscapesLabels } from './cityscapes.js';
import { coco, cocoPolygons } from './coco.js';
import { cocoPanoptic } from './coco_panoptic.js';
import { cocoResults } from './coco_results.js';
import { csv } from './csv.js';
import { cvat, cvatMasks } from './cvat.js';
import { geojson } from './geojson.js';
import { ade20kLabels, greyLabelFolder, labelFolder } from './label_maps.js';
import { labelStudio, labelStudioMasks } from './label_studio.js';
import { labelme } from './labelme.js';
import { voc } from './voc.js';
import { yolo, yoloOutlines, yoloScores } from './yolo.js';

const own = {
  coco,
  'coco-polygons': cocoPolygons,
  'coco-panoptic': cocoPanoptic,
  'coco-results': cocoResults,
  yolo,
  'yolo-scores': yoloScores,
  'yolo-seg': yoloOutlines,
  voc,
  labelme,
  cvat,
  'cvat-masks': cvatMasks,
  labelstudio: labelStudio,
  'labelstudio-masks': labelStudioMasks,
  csv,
  geojson,
  folder: labelFolder,
  'folder-grey': greyLabelFolder,
  ade20k: ade20kLabels,
  cityscapes: cityscapesLabels,
} as const;

/** Every format that marks are written in, by what `--format` calls it, in the order of the help. */
export const EXCHANGE_FORMATS: ModuleTable<ExchangeFormat> = moduleTable<ExchangeFormat>('format', own);

/**
 * `lowformer/data`: data sets read from a disk, in Node: COCO, Pascal VOC, YOLO, label maps, folders by class, results in
 * COCO's format; and the class names of the well-known ones.
 *
 * @module lowformer/data
 */
export type { CategoryId } from '../core/brands.js';
export { type ErrorCode, type ErrorParts, LowformerError } from '../core/errors.js';
export type { Size } from '../core/frame.js';
export { collectNotes, type Note, type Notes, noteText } from '../core/notes.js';
export {
  type CategoryMapping,
  type ConfigClasses,
  checkLabelClasses,
  type MappingOptions,
  mapCategories,
  mapClassFolders,
} from '../data/class_check.js';
export { type ClassFolderOptions, type FolderNames, readClassFolders, readFolderNames } from '../data/class_folders.js';
export { ade20k } from '../data/classes/ade20k.js';
export { CITYSCAPES_TRAIN_IDS, cityscapes } from '../data/classes/cityscapes.js';
export { coco } from '../data/classes/coco.js';
export { imagenet } from '../data/classes/imagenet.js';
export { voc } from '../data/classes/voc.js';
export {
  type CocoOptions,
  type CocoPicture,
  parseCocoAnnotations,
  readCoco,
  readCocoAnnotations,
} from '../data/coco.js';
export {
  type PanopticDataset,
  type PanopticOptions,
  type PanopticSample,
  readCocoPanoptic,
} from '../data/coco_panoptic.js';
export {
  type CategoryNames,
  type CocoResult,
  type CocoResults,
  type CocoResultsOptions,
  cocoResult,
  parseCocoResults,
  readCocoResults,
} from '../data/coco_results.js';
export { type ColorMap, readColorMap } from '../data/color_map.js';
export type * from '../data/dataset.js';
export { type LabelMap, type LabelNumbers, readLabelMap, readLabels, readSampleLabels } from '../data/label_map.js';
export { type MetaInfo, metaInfoSchema } from '../data/metainfo.js';
export type { NamedPictureOptions } from '../data/named_picture.js';
export { checkPicturesExist, checkSampleSize, readPictureSize } from '../data/picture_folder.js';
export {
  ade20kFolders,
  cityscapesFolders,
  type FolderOptions,
  readAde20k,
  readCityscapes,
  readSegmentationFolders,
  type SegmentationFolders,
} from '../data/segmentation_folders.js';
export { readPictureList, selectClasses, selectPictures } from '../data/subset.js';
export { readVoc, readVocAnnotations, readVocDevkit, readVocSet, type VocOptions } from '../data/voc.js';
export { readYolo, readYoloFolders, type YoloFolders, type YoloOptions } from '../data/yolo.js';
export type { YoloSplit } from '../data/yolo_config.js';

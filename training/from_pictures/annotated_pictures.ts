/** What `--images` and `--annotations` hold: boxes or label maps, told by what the annotations look like. */
import { type BrowseSettings, openForBrowsing } from '../../analysis/browsing/open_dataset.js';
import { LowformerError } from '../../core/errors.js';
import type { Notes } from '../../core/notes.js';
import type { DetectionDataset, SegmentationDataset } from '../../data/dataset.js';
import { checkFolder } from '../../data/files.js';

/**
 * A folder of pictures, COCO's JSON or a folder of VOC's XML, YOLO's text files or label PNGs, and how they are read: as
 * `browse` takes them.
 */
export type AnnotatedFolder = Omit<BrowseSettings, 'notes' | 'reduceZeroLabel' | 'ignoreIndex' | 'annotations'> & {
  readonly annotations: string;
  /** Labels count from 1 in label PNGs, and 0 is ignored. */
  readonly reduceZeroLabel?: boolean | undefined;
};

/** What label maps are padded with, and 8 bits hold beside classes. */
export const IGNORED = 255;

/**
 * @throws {LowformerError} `invalid-argument` for annotations of no known format, and for a task that is not trained; as
 *   the readers.
 */
export async function openAnnotatedPictures(
  { reduceZeroLabel = false, ...folder }: AnnotatedFolder,
  notes: Notes,
): Promise<DetectionDataset | SegmentationDataset> {
  await checkFolder(folder.images, 'a folder of pictures (--images)');
  const { dataset, format } = await openForBrowsing({ ...folder, reduceZeroLabel, ignoreIndex: IGNORED, notes });
  if (dataset.kind !== 'classification') return dataset;
  const expected = 'a format of boxes or label maps: classifiers are not trained here';
  throw new LowformerError({ code: 'invalid-argument', where: '--format', expected, received: format });
}

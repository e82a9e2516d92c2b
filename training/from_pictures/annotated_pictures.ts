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
  /** The label in the files that does not count, beside 255, which never does. */
  readonly ignoreIndex?: number | undefined;
};

/** What label maps are padded with, and 8 bits hold beside classes. */
export const IGNORED = 255;

/**
 * @throws {LowformerError} `invalid-argument` for annotations of no known format, and for a task that is not trained; as
 *   the readers.
 */
export async function openAnnotatedPictures(
  { reduceZeroLabel = false, ignoreIndex = IGNORED, ...folder }: AnnotatedFolder,
  notes: Notes,
): Promise<DetectionDataset | SegmentationDataset> {
  await checkFolder(folder.images, 'a folder of pictures (--images)');
  const { dataset, format } = await openForBrowsing({ ...folder, reduceZeroLabel, ignoreIndex, notes });
  if (dataset.kind === 'segmentation') return ignoring255(dataset);
  if (dataset.kind === 'detection') return dataset;
  const expected = 'a format of boxes or label maps: classifiers are not trained here';
  throw new LowformerError({ code: 'invalid-argument', where: '--format', expected, received: format });
}

/** The same labels, with 255 in place of another number that does not count. */
function ignoring255(dataset: SegmentationDataset): SegmentationDataset {
  const { ignoreIndex, labelMap, keepsOthers } = dataset;
  if (ignoreIndex === IGNORED) return dataset;
  const mapped = new Map([[ignoreIndex, IGNORED], ...(labelMap ?? [])]);
  for (const [from, to] of mapped) if (to === ignoreIndex) mapped.set(from, IGNORED);
  return { ...dataset, ignoreIndex: IGNORED, labelMap: mapped, keepsOthers: labelMap === undefined || keepsOthers };
}

import { LowformerError } from '../../core/errors.js';
import type { RgbImage } from '../../core/frame.js';
import type { Dataset, DetectionDataset } from '../../data/dataset.js';
import { checkSampleSize } from '../../data/picture_folder.js';
import type { GivenPalette } from '../../drawing/palette.js';
import {
  type AnnotatedBox,
  drawBoxThumbnail,
  drawLabelThumbnail,
  drawNamedThumbnail,
  thumbnailSize,
} from '../../drawing/thumbnail.js';
import { decodeImage } from '../../images/decode.js';
import { beside } from './beside.js';
import type { ShownPredictions } from './shown_predictions.js';
import { classNames, NO_CLASS, readClassLabels } from './survey.js';

/** How thumbnails are drawn. */
export interface ThumbnailLook {
  /** Pixels of the longer side. */
  readonly side: number;
  readonly palette: GivenPalette | undefined;
  /** Class indices; boxes of others are left out. */
  readonly only: ReadonlySet<number> | undefined;
  /** Drawn to the right of what is annotated. */
  readonly predictions: ShownPredictions | undefined;
}

export interface AnnotatedThumbnail {
  readonly image: RgbImage;
  /** Of the picture itself. */
  readonly width: number;
  readonly height: number;
  /** `640x480, 12 objects`. */
  readonly note: string;
  /** What does not fit together, although the picture can be shown. */
  readonly contradiction: LowformerError | undefined;
}

/**
 * Decodes one picture of a dataset and draws what is annotated.
 * @throws {LowformerError} for a picture or label map that cannot be read, or of two sizes.
 */
export async function annotatedThumbnail(
  dataset: Dataset,
  position: number,
  look: ThumbnailLook,
): Promise<AnnotatedThumbnail | undefined> {
  const { side, palette, predictions } = look;
  const file = dataset.samples[position]?.file;
  if (file === undefined) return undefined;
  const picture = await decodeImage(file);
  const { width, height } = picture;
  const size = thumbnailSize(picture, side);
  const plain = { width, height, contradiction: undefined };
  if (dataset.kind === 'classification') {
    const index = dataset.samples[position]?.classIndex ?? 0;
    const name = classNames(dataset)[index] ?? '';
    return { ...plain, image: await drawNamedThumbnail(picture, name, index, size), note: `${width}x${height}` };
  }
  if (dataset.kind === 'detection') return boxThumbnail(dataset, position, picture, look);
  const sample = dataset.samples[position];
  if (sample === undefined) return undefined;
  const labels = await readClassLabels(dataset, sample);
  if (labels.width !== width || labels.height !== height) {
    const expected = `labels of ${width}x${height}, the size of ${file}`;
    const received = `${labels.width}x${labels.height}`;
    throw new LowformerError({ code: 'invalid-argument', where: sample.labelFile, expected, received });
  }
  const present = new Set(labels.labels);
  present.delete(NO_CLASS);
  const names = dataset.classes ?? Array.from({ length: Math.max(0, ...present) + 1 }, (_, index) => `${index}`);
  const truth = await drawLabelThumbnail(picture, { ...labels, ignored: NO_CLASS, names }, size, palette);
  const predicted = predictions?.kind === 'segmentation' ? await predictions.labelsOf(sample.id) : undefined;
  const image =
    predicted === undefined
      ? truth
      : beside(truth, await drawLabelThumbnail(picture, { ...predicted, ignored: NO_CLASS, names }, size, palette));
  return { ...plain, image, note: `${width}x${height}, ${counted(present.size, 'class', 'classes')}` };
}

async function boxThumbnail(
  { classes, categoryIds, samples }: DetectionDataset,
  position: number,
  picture: RgbImage,
  { side, palette, only, predictions }: ThumbnailLook,
): Promise<AnnotatedThumbnail | undefined> {
  const sample = samples[position];
  if (sample === undefined) return undefined;
  const { width, height } = picture;
  const wanted = ({ classIndex }: AnnotatedBox) => only === undefined || only.has(classIndex);
  const boxes = sample.objects
    .map(({ box: [x, y, w, h], categoryId, crowd, difficult }) => {
      const index = Math.max(0, categoryIds.indexOf(categoryId));
      const ignored = crowd || difficult;
      return { box: [x, y, x + w, y + h] as const, classIndex: index, name: classes[index] ?? '', ignored };
    })
    .filter(wanted);
  const size = thumbnailSize(picture, side);
  const truth = await drawBoxThumbnail(picture, boxes, size, palette);
  const found = predictions?.kind === 'detection' ? predictions.boxesOf(position).filter(wanted) : undefined;
  const image = found === undefined ? truth : beside(truth, await drawBoxThumbnail(picture, found, size, palette));
  const contradiction = contradictionOf(() => checkSampleSize(sample, picture));
  const annotated = contradiction === undefined ? '' : `, annotated as ${sample.size?.width}x${sample.size?.height}`;
  const counts = `${counted(boxes.length, 'object', 'objects')}${found === undefined ? '' : `, ${found.length} found`}`;
  return { image, width, height, note: `${width}x${height}${annotated || `, ${counts}`}`, contradiction };
}

function contradictionOf(check: () => void): LowformerError | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof LowformerError) return error;
    throw error;
  }
}

/** `1 object`, `2 objects`. */
export function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** A dataset on its way into another format, whatever it was read from. */
import type { DetectionAnnotations } from '../data/dataset.js';
import type { ExchangeFormat, WritingContext } from './define.js';
import type { MarkedPicture } from './marked.js';
import { haveWholeIds, markedPictures, pictureNames } from './marked_dataset.js';

export interface MarkSource extends Pick<WritingContext, 'classes' | 'categoryIds' | 'wholeIds' | 'palette'> {
  /** For messages. */
  readonly name: string;
  /** Of all pictures, as far as they are known. */
  readonly names: readonly string[];
  /** It has a class for each pixel. */
  readonly labelMaps: boolean;
  /** Of each class whether its objects are told apart; absent: of label maps none, else all. */
  readonly things?: readonly boolean[];
  /** One picture after the other. @throws {LowformerError} as the readers. */
  pictures(format: ExchangeFormat): AsyncIterable<MarkedPicture>;
}

export interface PicturePlaces {
  /** The folder of pictures. */
  readonly images: string | undefined;
  readonly copyImages: boolean;
}

/** Objects: boxes, and outlines where they were kept. @throws {LowformerError} as `markedPictures`. */
export function objectSource(dataset: DetectionAnnotations, places: PicturePlaces): MarkSource {
  const { name, classes, categoryIds } = dataset;
  return {
    ...{ name, classes, categoryIds },
    wholeIds: haveWholeIds(dataset),
    names: pictureNames(dataset, places.images),
    labelMaps: false,
    pictures: (format) => markedPictures(dataset, format, places),
  };
}

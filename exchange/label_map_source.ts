/** Label maps on their way into another format: a class for each pixel. */
import { relative, resolve } from 'node:path';
import { LowformerError } from '../core/errors.js';
import type { LabelMap } from '../core/frame.js';
import type { SegmentationDataset, SegmentationSample } from '../data/dataset.js';
import { readSampleLabels } from '../data/label_map.js';
import { countedCategoryIds } from '../data/object_table.js';
import { checkSampleSize, readPictureSize } from '../data/picture_folder.js';
import type { ExchangeFormat } from './define.js';
import { ignoredLabel } from './ignored_label.js';
import type { ClassMap, MarkedPicture } from './marked.js';
import { markedLabels } from './marked_results.js';
import type { MarkSource } from './source.js';

export interface LabelMapPlaces {
  /** The folder of pictures, from which their names count. */
  readonly images: string;
  /** By label. Spaces around names do not count: ADE20K's list has some. */
  readonly classes: readonly string[];
  readonly palette: readonly (readonly number[])[] | undefined;
}

/**
 * Ignored pixels belong to no class: in a format of objects no object covers them.
 * @throws {LowformerError} `invalid-argument`, with file, pixel and label, for a label without class; for a map of another size than its
 *   picture's; as `readSampleLabels`.
 */
export function labelMapSource(
  dataset: SegmentationDataset,
  { images, palette, ...places }: LabelMapPlaces,
): MarkSource {
  const classes = places.classes.map((name) => name.trim());
  const nameOf = ({ file }: SegmentationSample) => relative(resolve(images), file).replaceAll('\\', '/');
  const picture = async (sample: SegmentationSample, format: ExchangeFormat): Promise<MarkedPicture> => {
    const labels = classMap(await readSampleLabels(dataset, sample), dataset, classes.length, sample.labelFile);
    const { width, height } = labels;
    const { file } = sample;
    checkSampleSize({ file, size: labels }, await readPictureSize(file));
    const common = { id: undefined, name: nameOf(sample), file, size: { width, height } };
    if (format.labelMaps === true) return { ...common, objects: [], labels };
    const objects = markedLabels(labels, format).filter(({ classIndex }) => classIndex !== labels.ignored);
    return { ...common, objects };
  };
  return {
    ...{ name: dataset.name, classes, palette },
    categoryIds: countedCategoryIds(classes),
    wholeIds: false,
    names: dataset.samples.map(nameOf),
    labelMaps: true,
    async *pictures(format) {
      for (const sample of dataset.samples) yield await picture(sample, format);
    },
  };
}

/** Numbers as the file has them to class indices. */
function classMap(
  { width, height, labels }: LabelMap,
  { reduceZeroLabel, ignoreIndex }: SegmentationDataset,
  count: number,
  where: string,
): ClassMap {
  const ignored = ignoredLabel(count);
  const first = reduceZeroLabel ? 1 : 0;
  const classes = ignored > 255 ? new Uint16Array(labels.length) : new Uint8Array(labels.length);
  for (let i = 0; i < labels.length; i++) {
    const value = labels[i] ?? 0;
    if (value >= first && value < first + count && value !== ignoreIndex) classes[i] = value - first;
    else if (value === ignoreIndex || value < first) classes[i] = ignored;
    else {
      throw new LowformerError({
        code: 'invalid-argument',
        where: `${where}: pixel (${i % width}, ${Math.floor(i / width)})`,
        expected: `a label from ${first} to ${first + count - 1}, one for each class, or ${ignoreIndex}, which is ignored,`,
        received: value,
        hint:
          value === count && !reduceZeroLabel
            ? 'Where labels count from 1 and 0 is none, say so with --reduce-zero-label.'
            : 'Name all classes with --classes, or say with --label-map what the label stands for.',
      });
    }
  }
  return { width, height, labels: classes, ignored };
}

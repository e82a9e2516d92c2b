/** From label maps to what is trained on. */
import { LowformerError } from '../../core/errors.js';
import type { LabelMap, Size } from '../../core/frame.js';
import { collectMistakes } from '../../core/mistakes.js';
import type { SegmentationDataset } from '../../data/dataset.js';
import { settleFew } from '../../data/files.js';
import { readSampleLabels } from '../../data/label_map.js';
import { readPictureSize } from '../../data/picture_folder.js';
import { reducedLabels } from '../../steps/training/load_annotations.js';
import type { SegmentationTrainingData } from './training_data.js';

/**
 * @param classCount of the config.
 * @throws {LowformerError} `invalid-argument` without a picture.
 */
export function segmentationTrainingData(dataset: SegmentationDataset, classCount: number): SegmentationTrainingData {
  const { name, samples, ignoreIndex, reduceZeroLabel, colors, labelMap, keepsOthers } = dataset;
  if (samples.length === 0) {
    const expected = 'a picture to train on';
    throw new LowformerError({ code: 'invalid-argument', where: name, expected, received: 'none' });
  }
  const files = samples.map(({ file }) => file);
  const labelFiles = samples.map(({ labelFile }) => labelFile);
  const numbers = { colors, labelMap, keepsOthers };
  return { kind: 'segmentation', name, files, labelFiles, classCount, ignoreIndex, reduceZeroLabel, ...numbers };
}

/**
 * One picture's labels, as training counts them.
 * @throws {LowformerError} as `readSampleLabels`; `invalid-argument`, with file, pixel and value, for a label that is no
 *   class and not the ignored one.
 */
export async function trainingLabels(data: SegmentationTrainingData, picture: number): Promise<LabelMap> {
  const labelFile = data.labelFiles[picture] ?? '';
  const read = await readSampleLabels(data, { labelFile });
  const map = data.reduceZeroLabel ? reducedLabels(read) : read;
  const wrong = map.labels.findIndex((label) => label >= data.classCount && label !== data.ignoreIndex);
  if (wrong < 0) return map;
  const where = `${labelFile}: pixel (${wrong % map.width}, ${Math.floor(wrong / map.width)})`;
  const expected = `a label from 0 to ${data.classCount - 1}, or ${data.ignoreIndex}, which does not count,`;
  const hint = data.reduceZeroLabel
    ? 'Labels count from 1 in the file (reduce_zero_label), one less here.'
    : 'Where labels count from 1 and 0 is none, say so: reduce_zero_label.';
  throw new LowformerError({ code: 'invalid-argument', where, expected, received: map.labels[wrong], hint });
}

/**
 * That a picture and its label map have one size.
 * @throws {LowformerError} `invalid-argument`, naming both files and sizes; `unreadable-image`.
 */
export async function checkLabelSize(
  { file, labelFile }: { readonly file: string; readonly labelFile: string },
  labels: Size,
): Promise<void> {
  const { width, height } = await readPictureSize(file);
  if (labels.width === width && labels.height === height) return;
  const expected = `a label map of ${width}x${height}, as ${file} is,`;
  const received = `${labels.width}x${labels.height}`;
  throw new LowformerError({ code: 'invalid-argument', where: labelFile, expected, received });
}

/**
 * Reads label maps before the first step, so that a wrong one is told at once and not after hours.
 * @param most pictures; of more, as many are read, evenly spread.
 * @throws {LowformerError} all mistakes at once, in the data set's order, as `trainingLabels` and `checkLabelSize`.
 */
export async function checkLabelMaps(data: SegmentationTrainingData, most = Number.POSITIVE_INFINITY): Promise<void> {
  const count = Math.min(data.files.length, most);
  const chosen = Array.from({ length: count }, (_, i) => Math.floor((i * data.files.length) / count));
  const mistakes = collectMistakes();
  const look = async (picture: number) => {
    const [file = '', labelFile = ''] = [data.files[picture], data.labelFiles[picture]];
    await checkLabelSize({ file, labelFile }, await trainingLabels(data, picture));
  };
  for await (const outcome of settleFew(chosen, look)) {
    if (outcome.status === 'fulfilled' || mistakes.keep(outcome.reason, 'unreadable-image')) continue;
    throw outcome.reason;
  }
  mistakes.check();
}

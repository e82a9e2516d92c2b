/** Label maps of a validation set, and what a segmentor's are held against. */
import { type ConfigClasses, checkLabelClasses } from '../../data/class_check.js';
import type { SegmentationDataset } from '../../data/dataset.js';
import { type LabelMap, readSampleLabels } from '../../data/label_map.js';
import { checkPicturesExist } from '../../data/picture_folder.js';
import { checkLabelMaps, segmentationTrainingData } from '../loading/segmentation_data.js';
import { countPictures, type ParsedEvaluator } from './evaluators/index.js';
import type { ValidationTruth } from './validation_truth.js';

/** @throws {LowformerError} for classes that are not the config's, pictures that are missing, labels out of range. */
export async function segmentationTruth(
  data: { readonly dataset: SegmentationDataset; readonly evaluators: readonly ParsedEvaluator<'segmentation'>[] },
  { classes, numClasses }: ConfigClasses & { readonly numClasses: number },
): Promise<ValidationTruth> {
  const { dataset, evaluators } = data;
  const { name, samples, reduceZeroLabel, ignoreIndex } = dataset;
  checkLabelClasses(dataset, { classes });
  await checkPicturesExist(dataset);
  await checkLabelMaps(segmentationTrainingData(dataset, numClasses));
  const truth = { name, classes, numClasses, reduceZeroLabel, ignoreIndex };
  return {
    files: samples.map(({ file }) => file),
    begin(doubts) {
      const counter = countPictures(evaluators, truth, doubts);
      const read = new Map<number, Promise<LabelMap>>();
      return {
        metrics: () => counter.metrics(),
        expect(position) {
          const sample = samples[position];
          if (sample === undefined) return;
          const reading = readSampleLabels(dataset, sample);
          // It may fail before the network is done with the picture; its error is told then.
          reading.catch(() => {});
          read.set(position, reading);
        },
        async add(position, result) {
          const [reading, sample] = [read.get(position), samples[position]];
          read.delete(position);
          if (reading === undefined || sample === undefined || result.kind !== 'segmentation') return;
          counter.add({ name: sample.labelFile, truth: await reading, prediction: result });
        },
      };
    },
  };
}

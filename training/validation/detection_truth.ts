/** Boxes of a validation set, and what a detector's are held against. */
import type { Notes } from '../../core/notes.js';
import { type ConfigClasses, mapCategories } from '../../data/class_check.js';
import type { DetectionDataset } from '../../data/dataset.js';
import { checkPicturesExist } from '../../data/picture_folder.js';
import { checkSizes } from '../../runs/picture_sizes.js';
import { countPictures, type ParsedEvaluator } from './evaluators/index.js';
import type { ValidationTruth } from './validation_truth.js';

/** @throws {LowformerError} for classes that are not the config's, pictures that are missing or of another size than annotated. */
export async function detectionTruth(
  data: { readonly dataset: DetectionDataset; readonly evaluators: readonly ParsedEvaluator<'detection'>[] },
  classes: ConfigClasses,
  notes: Notes,
): Promise<ValidationTruth> {
  const { dataset, evaluators } = data;
  const own = dataset.countedIds === true ? { classes: classes.classes } : classes;
  const { categoryIdOf } = mapCategories(dataset, own, { notes });
  await checkPicturesExist(dataset);
  await checkSizes(dataset.samples);
  return {
    files: dataset.samples.map(({ file }) => file),
    begin(doubts) {
      const counter = countPictures(evaluators, dataset, doubts);
      return {
        metrics: () => counter.metrics(),
        add(position, result) {
          const truth = dataset.samples[position];
          if (truth === undefined || result.kind !== 'detection') return;
          const detections = result.detections.flatMap(({ box: [x1, y1, x2, y2], score, classIndex }) => {
            const id = categoryIdOf[classIndex];
            if (id === undefined) return [];
            return [{ category_id: Number(id), bbox: [x1, y1, x2 - x1, y2 - y1] as const, score }];
          });
          counter.add({ position, truth, detections });
        },
      };
    },
  };
}

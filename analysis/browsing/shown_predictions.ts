/** What a model found, to be shown beside the annotations. */
import { LowformerError } from '../../core/errors.js';
import type { Notes } from '../../core/notes.js';
import { readCocoResults } from '../../data/coco_results.js';
import type { Dataset, DetectionDataset, SegmentationDataset } from '../../data/dataset.js';
import { readLabelMap } from '../../data/label_map.js';
import { pairFiles } from '../../data/pair_files.js';
import type { AnnotatedBox } from '../../drawing/thumbnail.js';
import type { LabelMap } from '../../evaluation/segmentation_metrics.js';
import { placeResults, resultsByPicture } from '../../scoring/results_by_picture.js';

export type ShownPredictions =
  | {
      readonly kind: 'detection';
      /** By position of the picture, the boxes over the threshold. */
      readonly boxesOf: (position: number) => readonly AnnotatedBox[];
    }
  | {
      readonly kind: 'segmentation';
      /** Class indices, as a segmentor's. @throws {LowformerError} for a file that is none or of impossible values. */
      readonly labelsOf: (id: string) => Promise<LabelMap>;
    };

/**
 * @param path detections in COCO's results format, or a folder of label PNGs.
 * @throws {LowformerError} as the readers, and for class folders.
 */
export async function openPredictions(
  path: string,
  dataset: Dataset,
  scoreThreshold: number,
  notes: Notes,
): Promise<ShownPredictions> {
  if (dataset.kind === 'detection') return openBoxes(path, dataset, scoreThreshold, notes);
  if (dataset.kind === 'segmentation') return openLabels(path, dataset);
  const expected = 'boxes or label maps to show it beside; class folders have neither';
  throw new LowformerError({ code: 'invalid-argument', where: '--predictions', expected, received: path });
}

async function openBoxes(
  path: string,
  dataset: DetectionDataset,
  scoreThreshold: number,
  notes: Notes,
): Promise<ShownPredictions> {
  const placed = placeResults(dataset, await readCocoResults(path, { notes }), notes);
  const resultsOf = resultsByPicture(dataset, [placed]);
  const indexOf = new Map<number, number>(dataset.categoryIds.map((id, index) => [id, index]));
  return {
    kind: 'detection',
    boxesOf: (position) =>
      resultsOf(position).flatMap(({ bbox: [x, y, w, h], category_id, score }) => {
        const classIndex = indexOf.get(category_id);
        if (classIndex === undefined || score < scoreThreshold) return [];
        const name = `${dataset.classes[classIndex] ?? ''} ${score.toFixed(2)}`;
        return [{ box: [x, y, x + w, y + h] as const, classIndex, name, ignored: false }];
      }),
  };
}

async function openLabels(path: string, { samples, classes }: SegmentationDataset): Promise<ShownPredictions> {
  const found = await pairFiles(
    { folder: path, suffix: '.png', what: 'prediction' },
    { folder: path, suffix: '.png', what: 'prediction' },
  );
  const files = new Map(found.map(({ id, left }) => [id, left]));
  return {
    kind: 'segmentation',
    async labelsOf(id) {
      const file = files.get(id);
      if (file === undefined) {
        const expected = `${id}.png, the prediction of one of the ${samples.length} pictures`;
        throw new LowformerError({ code: 'unreadable-file', where: path, expected, hint: 'There is no such file.' });
      }
      const map = await readLabelMap(file);
      const end = classes?.length ?? Number.POSITIVE_INFINITY;
      const wrong = map.labels.find((label) => label >= end);
      if (wrong === undefined) return map;
      const expected = `classes from 0 to ${end - 1}`;
      throw new LowformerError({ code: 'invalid-argument', where: file, expected, received: wrong });
    },
  };
}

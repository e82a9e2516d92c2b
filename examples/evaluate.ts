/**
 * COCO AP of a detector over a data set, in code: what `lowformer evaluate` does, without its journal.
 *
 *   npx jiti examples/evaluate.ts annotations.json pictures
 *
 * Data set, model and figures know nothing of one another: boxes from anywhere can be scored, and a model's boxes can be
 * held against anything. The figures are those of pycocotools.
 */
import { loadDetector } from 'lowformer';
import { mapCategories, readCoco } from 'lowformer/data';
import { createCocoEvaluator } from 'lowformer/evaluation';

const [annotations, pictures] = process.argv.slice(2);
if (annotations === undefined || pictures === undefined) throw new Error('usage: evaluate.ts ANNOTATIONS PICTURES');

await using model = await loadDetector('blood-cells');
const dataset = await readCoco(annotations, pictures);
// By name: the data set may count its classes in another order than the model.
const { categoryIdOf } = mapCategories(dataset, { classes: model.classes });
const evaluator = createCocoEvaluator(dataset.categoryIds.map((id, i) => ({ id, name: dataset.classes[i] ?? '' })));

for await (const outcome of model.predictMany(dataset.samples.map(({ file }) => file))) {
  if (!outcome.ok) throw outcome.error;
  const objects = dataset.samples[outcome.index]?.objects ?? [];
  evaluator.add(
    outcome.index,
    objects.map(({ id, categoryId, box, area, crowd }) => ({
      id,
      category_id: categoryId,
      bbox: box,
      area,
      iscrowd: crowd,
    })),
    outcome.result.detections.flatMap(({ classIndex, box: [x1, y1, x2, y2], score }) => {
      const category_id = categoryIdOf[classIndex];
      return category_id === undefined ? [] : [{ category_id, bbox: [x1, y1, x2 - x1, y2 - y1] as const, score }];
    }),
  );
}

const { stats, perCategory } = evaluator.result();
console.log(`AP ${stats.AP.toFixed(3)}, AP50 ${stats.AP50.toFixed(3)}`);
console.log(perCategory);

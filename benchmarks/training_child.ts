/**
 * One step of training after another by the toolkit, in a process of its own: batch to losses, gradients and new weights.
 * Reads a recipe, then a line for every step, and answers as `python/training_step.py` does.
 */
import { createInterface } from 'node:readline';
import { LowformerError } from '../core/errors.js';
import { type Tensor, tensor } from '../core/tensor.js';
import { buildLosses } from '../tasks/build_losses.js';
import { buildModel } from '../tasks/build_model.js';
import { formulaInput, formulaValue } from '../test/formula_weights.js';
import { openTrainingNetwork } from '../training/network/training_network.js';
import { createOptimWrapper } from '../training/optim_wrapper/optim_wrapper.js';
import { optimWrapperSchema } from '../training/optim_wrapper/schema.js';
import { type TrainingRecipe, trainingRecipeSchema } from './training_recipe.js';

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const first = await lines.next();
const recipe = trainingRecipeSchema.parse(JSON.parse(String(first.value)));
const model = buildModel(recipe.model);
const weights = Object.fromEntries(
  [...model.wholeGraph.parameters.values()].map(({ name, shape }): [string, Tensor] => [
    name,
    tensor(shape, formulaValue(name, shape)),
  ]),
);
const batch = batchOf(recipe);
await using network = await openTrainingNetwork({
  model,
  losses: buildLosses(model, recipe.model),
  weights,
  engine: 'onnxruntime',
  device: 'cpu',
  threads: recipe.threads,
  batchNorm: 'batch',
  usual: batch.input.shape,
});
const optimiser = createOptimWrapper(
  optimWrapperSchema.parse({ optimizer: { type: 'AdamW', lr: recipe.learning_rate, weight_decay: 0.01 } }),
  network.parameters,
);
for (let iteration = 0; !(await lines.next()).done; iteration++) {
  const [start, before] = [performance.now(), process.cpuUsage()];
  const { loss, gradients } = await network.step(batch, { seed: 0, iteration });
  optimiser.update(gradients);
  const milliseconds = performance.now() - start;
  const { user, system } = process.cpuUsage(before);
  const peak = process.resourceUsage().maxRSS / 1000;
  process.stdout.write(
    `${JSON.stringify({ milliseconds, processor: (user + system) / 1000, loss, peak, resident: process.memoryUsage.rss() / 1e6 })}\n`,
  );
}

function batchOf({ size: [height, width], batch: pictures, boxes, labels }: TrainingRecipe) {
  const shape = [pictures, 3, height, width];
  const size = { height, width };
  if (boxes.length !== pictures || labels.length !== pictures) {
    throw new LowformerError({ code: 'invalid-argument', where: 'recipe', expected: `boxes of ${pictures} pictures` });
  }
  return {
    input: tensor(shape, formulaInput('benchmark.training', shape)),
    transforms: boxes.map(() => ({
      original: size,
      resized: size,
      padded: size,
      scaleX: 1,
      scaleY: 1,
      left: 0,
      top: 0,
    })),
    objects: boxes.map((own, i) => ({ boxes: Float32Array.from(own), labels: Int32Array.from(labels[i] ?? []) })),
  };
}

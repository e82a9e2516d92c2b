/** What a step of training takes on this machine, on pictures of noise: nothing is read, and no weight is kept. */
import type { Size } from '../../core/frame.js';
import { type Tensor, tensor } from '../../core/tensor.js';
import { xoshiro } from '../../core/xoshiro.js';
import type { EngineOptions } from '../../engines/engine.js';
import type { EngineName } from '../../engines/index.js';
import type { TrainingBatchTensors } from '../../images/training_batch.js';
import { initialWeights } from '../../models/network_weights.js';
import { openConfig } from '../../models/open_config.js';
import { buildLosses } from '../../tasks/build_losses.js';
import type { LowformerConfig } from '../../tasks/config.js';
import type { Model } from '../../tasks/model.js';
import { openTrainingNetwork } from '../network/training_network.js';

export interface MeasuredBatch extends Size {
  readonly pictures: number;
}

export interface StepEngine extends EngineOptions {
  readonly engine: EngineName;
}

/** After a first step, which makes the engine ready: the fastest of these, since other work only ever adds. */
const STEPS = 2;
/** Objects of a picture. */
const OBJECTS = 10;

/**
 * Seconds from a batch to its gradients.
 * @param batch height and width in pixels of the network's input, multiples of 32.
 * @throws {LowformerError} what the engine throws: `out-of-memory`, `unavailable-device`.
 */
export async function measureStep(
  config: string | LowformerConfig,
  batch: MeasuredBatch,
  engine: StepEngine,
): Promise<number> {
  const { model, config: tree } = await openConfig(config);
  const losses = buildLosses(model, tree.value.model);
  const noise = noiseBatch(batch, model.numClasses, losses.task);
  const usual = noise.input.shape;
  await using network = await openTrainingNetwork({ model, losses, weights: freshWeights(model), usual, ...engine });
  await network.step(noise, { seed: 0, iteration: 0 });
  const times: number[] = [];
  for (let iteration = 1; iteration <= STEPS; iteration++) {
    const begin = performance.now();
    await network.step(noise, { seed: 0, iteration });
    times.push((performance.now() - begin) / 1000);
  }
  return Math.min(...times);
}

/** As before training: of another size they would take as long. */
function freshWeights(model: Model): Record<string, Tensor> {
  using source = initialWeights(model);
  const names = [...model.wholeGraph.parameters.keys()];
  return Object.fromEntries(names.map((name) => [name, source.parameters(name)]));
}

function noiseBatch(
  { pictures, width, height }: MeasuredBatch,
  classes: number,
  task: 'detection' | 'segmentation',
): TrainingBatchTensors {
  const random = xoshiro(1);
  const size = { width, height };
  const transform = { original: size, resized: size, padded: size, scaleX: 1, scaleY: 1, left: 0, top: 0 };
  const each = <Item>(make: () => Item) => Array.from({ length: pictures }, make);
  const shape = [pictures, 3, height, width];
  const data = Float32Array.from({ length: pictures * 3 * height * width }, () => 4 * random.real() - 2);
  const seen = { input: tensor(shape, data), transforms: each(() => transform) };
  if (task === 'detection') {
    const box = () => {
      const [x, y] = [random.real() * 0.8 * width, random.real() * 0.8 * height];
      return [x, y, x + 0.2 * width, y + 0.2 * height];
    };
    const objects = () => ({
      boxes: Float32Array.from(Array.from({ length: OBJECTS }, box).flat()),
      labels: Int32Array.from({ length: OBJECTS }, () => random.integer(0, classes)),
    });
    return { ...seen, objects: each(objects) };
  }
  const labels = Int32Array.from({ length: pictures * height * width }, () => random.integer(0, classes));
  return { ...seen, labels: { shape: [pictures, height, width], data: labels } };
}

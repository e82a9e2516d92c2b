/** Batches and weights for networks of a few thousand weights. */
import { type Tensor, type Tensors, tensor } from '../../../core/tensor.js';
import type { TrainingBatchTensors } from '../../../images/training_batch.js';
import { buildLosses } from '../../../tasks/build_losses.js';
import { buildModel } from '../../../tasks/build_model.js';
import { formulaInput, formulaNumbers, formulaValue } from '../../formula_weights.js';
import { detector, segmentor } from '../../tools/tiny_configs.js';

const TREES = { detector: detector.model, segmentor: segmentor.model };

/** A model with its losses and weights by the formula, in new arrays. @param keys changes to its backbone and head. */
export function tinyTraining(
  kind: keyof typeof TREES,
  keys: { readonly backbone?: object; readonly head?: object } = {},
) {
  const { backbone, ...parts } = TREES[kind];
  const headed =
    'bbox_head' in parts
      ? { ...parts, bbox_head: { ...parts.bbox_head, ...keys.head } }
      : { ...parts, decode_head: { ...parts.decode_head, ...keys.head } };
  const tree = { ...headed, backbone: { ...backbone, ...keys.backbone } };
  const model = buildModel(tree);
  const weights: Record<string, Tensor> = {};
  for (const { name, shape } of model.wholeGraph.parameters.values()) {
    weights[name] = tensor(shape, formulaValue(name, shape));
  }
  return { model, losses: buildLosses(model, tree), weights: weights satisfies Tensors };
}

/** Two pictures that fill the input. */
function pictures(height: number, width: number) {
  const size = { height, width };
  const transform = { original: size, resized: size, padded: size, scaleX: 1, scaleY: 1, left: 0, top: 0 };
  const shape = [2, 3, height, width];
  return { input: tensor(shape, formulaInput(`tiny.${height}x${width}`, shape)), transforms: [transform, transform] };
}

/** The second picture has a crowd beside its object. */
export function detectionBatch(height = 32, width = 64): TrainingBatchTensors {
  const objects = [
    { boxes: Float32Array.of(2, 3, 30, 28, 20, 4, 60, 30), labels: Int32Array.of(0, 2) },
    {
      boxes: Float32Array.of(5, 5, 25, 25, 30, 0, 64, 32),
      labels: Int32Array.of(1, 0),
      ignored: Uint8Array.of(0, 1),
    },
  ];
  return { ...pictures(height, width), objects };
}

/** A ninth of the pixels does not count. */
export function segmentationBatch(height = 32, width = 64): TrainingBatchTensors {
  const count = 2 * height * width;
  const numbers = formulaNumbers('tiny.labels', count, (u) => Math.floor(9 * u));
  const data = Int32Array.from(numbers, (label) => (label === 8 ? 255 : label % 4));
  return { ...pictures(height, width), labels: { shape: [2, height, width], data } };
}

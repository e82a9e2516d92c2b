/** What is true of a batch, as losses take it. */
import { LowformerError } from '../../core/errors.js';
import type { FrameTransform, Size } from '../../core/frame.js';
import type { Shape, Tensors } from '../../core/tensor.js';
import type { Preprocessor } from '../../images/preprocessors.js';
import type { AnnotatedObjects } from '../../images/sample.js';
import { roundUp } from '../../images/target_size.js';
import type { TrainingBatchTensors } from '../../images/training_batch.js';
import type { DetectionTruth, SegmentationTruth } from '../../registry/define_losses.js';
import type { ModelLosses } from '../../tasks/build_losses.js';

/**
 * The inputs of a network with losses beside its pictures.
 * @throws {LowformerError} `invalid-argument` for a batch of another task, labels of no class, boxes that are no numbers.
 */
export function batchTargets(losses: ModelLosses, batch: TrainingBatchTensors, preprocessor: Preprocessor): Tensors {
  const { shape } = batch.input;
  return losses.task === 'detection'
    ? losses.targets(detectionTruths(batch, preprocessor), shape)
    : losses.targets(segmentationTruths(batch), shape);
}

/** The shapes of these inputs for a batch [N, 3, H, W], which follow from that alone. */
export function targetShapes(
  losses: ModelLosses,
  input: Shape,
  preprocessor: Preprocessor,
): Readonly<Record<string, Shape>> {
  const [pictures = 0, , height = 0, width = 0] = input;
  const each = <Item>(make: () => Item) => Array.from({ length: pictures }, make);
  const size = { width, height };
  const transform = { original: size, resized: size, padded: size, scaleX: 1, scaleY: 1, left: 0, top: 0 };
  const nothing = () => ({ boxes: new Float32Array(), labels: new Int32Array() });
  const targets = batchTargets(
    losses,
    {
      input: { shape: input, data: new Float32Array() },
      transforms: each(() => transform),
      objects: each(nothing),
      labels: { shape: [pictures, height, width], data: new Int32Array(pictures * height * width) },
    },
    preprocessor,
  );
  return Object.fromEntries(Object.entries(targets).map(([name, { shape }]) => [name, shape]));
}

function detectionTruths(
  { input, objects, transforms }: TrainingBatchTensors,
  preprocessor: Preprocessor,
): readonly DetectionTruth[] {
  const [pictures, , height = 0, width = 0] = input.shape;
  if (objects === undefined || objects.length !== pictures) throw otherTask(`objects of ${pictures} pictures`);
  // mmdet's pad_shape is a picture's own, whatever else is in the batch.
  const divisor = preprocessor.type === 'SegDataPreProcessor' ? 1 : preprocessor.pad_size_divisor;
  return objects.map((own, i) => ({ ...separated(own), ...sizesOf(transforms[i], { height, width }, divisor) }));
}

function sizesOf(transform: FrameTransform | undefined, input: Size, divisor: number) {
  const size = transform?.resized ?? input;
  const padded = {
    height: Math.min(roundUp(size.height, divisor), input.height),
    width: Math.min(roundUp(size.width, divisor), input.width),
  };
  return { size, padded };
}

/** Objects, and regions that are neither object nor background. */
function separated({ boxes, labels, ignored }: AnnotatedObjects) {
  if (ignored === undefined || !ignored.includes(1)) return { boxes, labels };
  const corners = (flag: 0 | 1) => boxes.filter((_, i) => ignored[i >> 2] === flag);
  return { boxes: corners(0), labels: labels.filter((_, i) => ignored[i] === 0), ignored: corners(1) };
}

function segmentationTruths({ input, labels }: TrainingBatchTensors): readonly SegmentationTruth[] {
  const [pictures = 0, , height = 0, width = 0] = input.shape;
  if (labels === undefined || labels.shape.join() !== [pictures, height, width].join()) {
    throw otherTask(`label maps [${pictures}, ${height}, ${width}]`);
  }
  const stray = labels.data.find((label) => label < 0 || label > 0xffff);
  if (stray !== undefined) throw otherTask('labels from 0 to 65535', stray);
  const area = height * width;
  return Array.from({ length: pictures }, (_, i) => ({
    height,
    width,
    labels: Uint16Array.from(labels.data.subarray(i * area, (i + 1) * area)),
  }));
}

function otherTask(expected: string, received?: number): LowformerError {
  const given = received === undefined ? {} : { received };
  return new LowformerError({ code: 'invalid-argument', where: 'batch', expected, ...given });
}

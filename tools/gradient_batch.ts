/** The batch that `lowformer gradients` takes: a raw tensor, and what is true of it. */
import { z } from 'zod';
import { LowformerError } from '../core/errors.js';
import type { Tensor, Tensors } from '../core/tensor.js';
import { JsonReader } from '../data/json_reader.js';
import { readRegularFile } from '../files/regular_file.js';
import type { TrainingBatchTensors } from '../images/training_batch.js';
import { parsePart } from '../registry/parse_module.js';
import type { ModelLosses } from '../tasks/build_losses.js';

const number = z.number();
const detectionSchema = z.strictObject({
  boxes_xyxy: z.array(z.array(z.tuple([number, number, number, number]))).describe('x1, y1, x2, y2 of each object'),
  labels: z.array(z.array(z.int())).describe('the class index of each object'),
});
/** Their label maps stand beside the pictures. */
const segmentationSchema = z.strictObject({});

/**
 * @param input [N, 3, H, W], as it is.
 * @param tensors of the same file: a segmentor's `labels` [N, H, W] is one of them.
 * @param file a detector's boxes and labels as JSON; `{}` for a segmentor.
 * @throws {LowformerError} `unreadable-file`, `invalid-argument` for what does not fit together.
 */
export async function readGradientBatch(
  task: ModelLosses['task'],
  input: Tensor,
  tensors: Tensors,
  { inputFile, file }: { readonly inputFile: string; readonly file: string },
): Promise<TrainingBatchTensors> {
  const json = await readJson(file);
  const [pictures = 0, , height = 0, width = 0] = input.shape;
  const size = { height, width };
  const transform = { original: size, resized: size, padded: size, scaleX: 1, scaleY: 1, left: 0, top: 0 };
  const transforms = Array.from({ length: pictures }, () => transform);
  if (task === 'segmentation') {
    parsePart(segmentationSchema, json, { path: file });
    return { input, transforms, labels: labelsOf(tensors, input, inputFile) };
  }
  const { boxes_xyxy: boxes, labels } = parsePart(detectionSchema, json, { path: file });
  for (const [key, { length }] of [['boxes_xyxy', boxes] as const, ['labels', labels] as const]) {
    if (length !== pictures) throw invalid(`${file}: ${key}`, `lists for ${pictures} pictures`, length);
  }
  const objects = boxes.map((own, i) => ({
    boxes: Float32Array.from(own.flat()),
    labels: Int32Array.from(labels[i] ?? []),
  }));
  return { input, transforms, objects };
}

async function readJson(file: string): Promise<unknown> {
  const reader = new JsonReader(await readRegularFile(file, { expected: 'targets as JSON' }), file);
  const value = reader.value();
  reader.end();
  return value;
}

function labelsOf({ labels }: Tensors, input: Tensor, file: string) {
  const [pictures = 0, , height = 0, width = 0] = input.shape;
  const shape = [pictures, height, width] as const;
  const expected = `a tensor 'labels' of shape [${shape.join(', ')}]`;
  if (labels === undefined) throw invalid(file, `${expected}, but there is none of that name`);
  if (labels.shape.join() !== shape.join()) throw invalid(file, expected, labels.shape);
  const stray = labels.data.find((label) => !Number.isInteger(label));
  if (stray !== undefined) throw invalid(`${file}: labels`, 'whole numbers', stray);
  return { shape, data: Int32Array.from(labels.data) };
}

function invalid(where: string, expected: string, received?: unknown): LowformerError {
  const given = received === undefined ? {} : { received };
  return new LowformerError({ code: 'invalid-argument', where, expected, ...given });
}

/** What a segmentor that gives its label map out is told of a picture, and what it says. */
import { LowformerError } from '../core/errors.js';
import type { FrameTransform } from '../core/frame.js';
import { type Tensors, tensor } from '../core/tensor.js';
import { nanError } from '../decoding/refuse_nan.js';
import { LABELS, SIZE_INPUTS } from '../graph/passes/label_map.js';
import type { DecodedLabels } from '../registry/define.js';

/**
 * Beside the input of `pictures` that became what the network sees by the same transform: shapes, whose numbers nobody reads.
 * @throws {LowformerError} `invalid-argument` for pictures that do not lie at the top left of what the network sees.
 */
export function labelSizes({ original, resized, left, top }: FrameTransform, pictures: number): Tensors {
  if (left !== 0 || top !== 0) {
    const expected = 'pictures at the top left of what the network sees, padded at the right and bottom alone,';
    throw new LowformerError({ code: 'invalid-argument', where: 'passes.labelMap', expected, received: [left, top] });
  }
  const extents = [
    [resized.height, 1],
    [1, resized.width],
    [original.height, 1],
    [1, original.width],
  ] as const;
  return Object.fromEntries(
    SIZE_INPUTS.map((name, i) => {
      const [height = 1, width = 1] = extents[i] ?? [];
      return [name, tensor([pictures, 1, height, width], new Float32Array(pictures * height * width))];
    }),
  );
}

/**
 * The label map of a picture of a batch; undefined where the network gave none out.
 * @throws {LowformerError} `not-a-number` where one of its scores was NaN or infinite.
 */
export function givenLabels(outputs: Tensors, index: number, classes: number): DecodedLabels | undefined {
  const found = outputs[LABELS];
  if (found === undefined) return undefined;
  const [, , height = 0, width = 0] = found.shape;
  const numbers = found.data.subarray(index * height * width, (index + 1) * height * width);
  if (Number.isNaN(numbers[0] ?? 0)) throw nanError('class scores');
  return { width, height, labels: classes > 256 ? Uint16Array.from(numbers) : Uint8Array.from(numbers) };
}

/** The decoder of a head whose scores are a map of low resolution: at once, or in two steps with the same labels. */
import { LowformerError } from '../core/errors.js';
import { type Tensor, type Tensors, tensor } from '../core/tensor.js';
import type { SegmentationDecoder } from '../registry/define.js';
import { decodeLabels, enlargeLogits } from './segmentation.js';

/** What the map of a head means. */
export interface SegmentationHeadParts {
  /** The head's type, for messages. */
  readonly head: string;
  /** The output with the scores before softmax or sigmoid, [N, classes, h, w]. */
  readonly output: string;
  readonly alignCorners: boolean;
  /** With a single channel: the probability above which a pixel is of class 1. */
  readonly threshold: number;
}

/**
 * mmseg's `predict_by_feat` and `postprocess_result`. The decoder throws `engine-failure` where the output is missing, and
 * `invalid-argument` for logits of another size than the frame's padded one.
 */
export function createSegmentationDecoder(parts: SegmentationHeadParts): SegmentationDecoder {
  const { head, output, alignCorners, threshold } = parts;
  const scoresOf = (outputs: Tensors): Tensor => {
    const scores = outputs[output];
    if (scores !== undefined) return scores;
    throw new LowformerError({ code: 'engine-failure', where: head, expected: `an output '${output}'` });
  };
  return {
    decode: async (outputs, index, frame, signal) =>
      decodeLabels(scoresOf(outputs), index, frame, { alignCorners, threshold, signal }),
    logits: async (outputs, index, size, signal) =>
      enlargeLogits(scoresOf(outputs), index, size, { alignCorners, signal }),
    async labels(logits, frame, signal) {
      const { height, width } = frame.padded;
      const [, , h, w] = logits.shape;
      if (h !== height || w !== width) {
        const expected = `logits [1, classes, ${height}, ${width}], of the frame's padded size`;
        throw new LowformerError({
          code: 'invalid-argument',
          where: `${head}: labels`,
          expected,
          received: logits.shape,
        });
      }
      // At the size that they have already, the first of the two resizes leaves them as they are.
      return decodeLabels(tensor(logits.shape, logits.data), 0, frame, { alignCorners, threshold, signal });
    },
  };
}

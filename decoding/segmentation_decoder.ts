/** The decoder of a head whose scores are a map of low resolution: at once, or in two steps with the same labels. */
import { LowformerError } from '../core/errors.js';
import type { Tensor, Tensors } from '../core/tensor.js';
import type { SegmentationDecoder } from '../registry/define.js';
import { averageLooks, sourceRows } from './class_probabilities.js';
import { joinedLabels } from './joined_labels.js';
import { decodeLabelRows, decodeLabels, enlargeLogits, paddedRows } from './segmentation.js';
import { type SegmentationTest, windowsOf } from './segmentation_test_cfg.js';

/** What the map of a head means. */
export interface SegmentationHeadParts {
  /** The head's type, for messages. */
  readonly head: string;
  /** The output with the scores before softmax or sigmoid, [N, classes, h, w]. */
  readonly output: string;
  readonly alignCorners: boolean;
  /** With a single channel: the probability above which a pixel is of class 1. */
  readonly threshold: number;
  /** The model's `test_cfg`; the whole picture at once where absent. */
  readonly test?: SegmentationTest;
}

/**
 * mmseg's `predict_by_feat` and `postprocess_result`. The decoder throws `engine-failure` where the output is missing, and
 * `invalid-argument` for logits of another size than the frame's padded one.
 */
export function createSegmentationDecoder(parts: SegmentationHeadParts): SegmentationDecoder {
  const { head, output, alignCorners, threshold, test } = parts;
  const windows = windowsOf(test);
  const scoresOf = (outputs: Tensors): Tensor => {
    const scores = outputs[output];
    if (scores !== undefined) return scores;
    throw new LowformerError({ code: 'engine-failure', where: head, expected: `an output '${output}'` });
  };
  return {
    scores: { output, alignCorners },
    decode: async (outputs, index, frame, signal) =>
      decodeLabels(scoresOf(outputs), index, frame, { alignCorners, threshold, signal }),
    logits: async (outputs, index, size, signal, rows) =>
      enlargeLogits(scoresOf(outputs), index, size, { alignCorners, signal }, rows),
    logitRows: (frame, rows) => sourceRows(frame, rows, alignCorners),
    joinedLabels: (frame, places, signal) => joinedLabels(scoresOf, frame, places, { alignCorners, threshold, signal }),
    averageLooks: (rows, width) => averageLooks(rows, width, { alignCorners, threshold }),
    async labels(logits, frame, signal, rows) {
      const { height, width } = frame.padded;
      const from = rows === undefined ? { start: 0, end: height } : paddedRows(frame, rows, alignCorners);
      const [, , h = 0, w] = logits.shape;
      if (h !== from.end - from.start || w !== width) {
        const part =
          rows === undefined ? "of the frame's padded size" : `rows ${from.start} to ${from.end} of the padded size`;
        throw new LowformerError({
          code: 'invalid-argument',
          where: `${head}: labels`,
          expected: `logits [1, classes, ${from.end - from.start}, ${width}], ${part}`,
          received: logits.shape,
        });
      }
      const made = rows ?? { start: 0, end: frame.original.height };
      return decodeLabelRows(logits, frame, { rows: made, from: from.start }, { alignCorners, threshold, signal });
    },
    ...(windows === undefined ? {} : { windows }),
  };
}

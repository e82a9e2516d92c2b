/** Losses of segmentors' heads from their raw logits, as mmseg 1's `BaseDecodeHead.loss_by_feat`. */
import { z } from 'zod';
import { LowformerError } from '../core/errors.js';
import type { LabelMap } from '../core/frame.js';
import { type Tensor, tensor } from '../core/tensor.js';
import type { Value } from '../graph/value.js';
import { accuracy } from '../losses/accuracy.js';
import { createLoss, lossSchema } from '../losses/index.js';
import type { HeadLosses, SegmentationTruth } from '../registry/define_losses.js';

/** Of the head's keys; mmseg's defaults. */
export const segmentationLossKeys = z.strictObject({
  loss_decode: z
    .union([lossSchema, z.array(lossSchema).min(1)])
    .prefault({ type: 'CrossEntropyLoss', use_sigmoid: false, loss_weight: 1 })
    .describe('one loss or several, which are summed'),
  ignore_index: z.int().min(0).max(65_535).default(255).describe('the label that does not count'),
  dropout_ratio: z.number().min(0).lt(1).default(0.1).describe('of the channels before the last convolution'),
  sampler: z.null().default(null).describe('pixels are not sampled: all count'),
});

export interface SegmentationTraining {
  /** The head's type, for messages. */
  readonly head: string;
  /** The raw output. */
  readonly output: string;
  readonly alignCorners: boolean;
  /** How many classes labels name. */
  readonly classes: number;
}

/**
 * Losses by their `loss_name`, those of one name summed, and the share of pixels that are right, in percent; all with the
 * prefix `decode.`, as mmseg logs them.
 */
export function segmentationLosses(
  { head, output, alignCorners, classes }: SegmentationTraining,
  { loss_decode, ignore_index, dropout_ratio: rate }: z.output<typeof segmentationLossKeys>,
): HeadLosses<SegmentationTruth> {
  const losses = [loss_decode].flat().map((config) => createLoss(config, 'segmentation', `${head}.loss_decode`));

  return {
    build(g, outputs) {
      const raw = outputs.find(({ name }) => name === output)?.value;
      if (raw === undefined) {
        throw new LowformerError({ code: 'invalid-argument', where: head, expected: `an output '${output}'` });
      }
      const labels = g.input('targets.labels', 1);
      const logits = g.emit('resizeBilinearLike', [raw, labels], { alignCorners });
      const sums = new Map<string, Value>();
      for (const [i, loss] of losses.entries()) {
        const value = loss.build(g.scope(`loss_decode.${i}`), {
          use: 'segmentation',
          prediction: logits,
          // A single output is held to the label itself: 0 or 1.
          target: logits.channels === 1 ? { kind: 'values', values: labels } : { kind: 'classes', labels },
          ignoreIndex: ignore_index,
        });
        const known = sums.get(loss.name);
        sums.set(loss.name, known === undefined ? value : g.add(known, value));
      }
      return [
        ...[...sums].map(([name, value]) => ({ name: `decode.${name}`, value })),
        { name: 'decode.acc_seg', value: accuracy(g.scope('acc_seg'), logits, labels, ignore_index) },
      ];
    },

    masks: rate === 0 ? [] : [{ module: 'conv_seg', at: 'input', of: 'channel', rate }],
    targets: (batch) => ({ 'targets.labels': labelTensor(batch, classes, ignore_index) }),
  };
}

/** [N, 1, H, W]. @throws {LowformerError} `invalid-argument` for maps of two sizes, or a label of no class. */
function labelTensor(batch: readonly LabelMap[], classes: number, ignored: number): Tensor {
  const { width = 0, height = 0 } = batch[0] ?? {};
  const data = new Float32Array(batch.length * width * height);
  batch.forEach((map, picture) => {
    const invalid = (expected: string, received: unknown) =>
      new LowformerError({ code: 'invalid-argument', where: `picture ${picture} of the batch`, expected, received });
    if (map.width !== width || map.height !== height || map.labels.length !== width * height) {
      throw invalid(`a label map of ${height}x${width}, as the others have it`, `${map.height}x${map.width}`);
    }
    const stray = map.labels.find((label) => label >= classes && label !== ignored);
    if (stray !== undefined)
      throw invalid(`labels from 0 to ${classes - 1}, or ${ignored} for what does not count`, stray);
    data.set(map.labels, picture * width * height);
  });
  return tensor([batch.length, 1, height, width], data);
}

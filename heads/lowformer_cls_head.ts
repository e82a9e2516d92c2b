/**
 * The classifier of the official LowFormer code (`ClsHead`): 1x1 convolution, mean over all pixels, two linear layers.
 * Parameter names `op_list.0`, `op_list.2`, `op_list.3`.
 */
import { z } from 'zod';
import { LowformerError } from '../core/errors.js';
import { defineClassificationHead } from '../registry/define.js';

const schema = z.strictObject({
  num_classes: z.int().positive().default(1000),
  in_channels: z.int().positive().optional().describe('checked against the backbone when given'),
  widths: z.tuple([z.int().positive(), z.int().positive()]).readonly().default([1536, 1600]),
});

export const lowformerClsHead = defineClassificationHead({
  type: 'LowFormerClsHead',
  schema,
  testSchema: z.strictObject({}).prefault({}),
  trainingKeys: ['loss', 'topk', 'cal_acc', 'init_cfg', 'train_cfg', 'dropout'],

  /** C5 [N, C, H/32, W/32] -> `logits` [N, num_classes]. */
  build(g, inputs, { num_classes, widths: [convolved, hidden], in_channels }) {
    const { value } = inputs.at(-1) ?? inputs[0];
    if (in_channels !== undefined && in_channels !== value.channels) {
      const expected = `${value.channels}, the channels of the backbone's last feature`;
      throw new LowformerError({
        code: 'invalid-config',
        where: 'LowFormerClsHead.in_channels',
        expected,
        received: in_channels,
      });
    }
    const head = g.scope('op_list');
    const wide = head
      .scope('0.norm')
      .batchNorm(head.scope('0.conv').conv(value, { out: convolved, kernel: 1, bias: false }));
    const pooled = g.emit('globalAveragePool', [g.emit('hardswish', [wide], {})], {});
    const narrow = head.scope('2.norm').layerNorm(head.scope('2.linear').linear(pooled, { out: hidden, bias: false }));
    const logits = head.scope('3.linear').linear(g.emit('hardswish', [narrow], {}), { out: num_classes });
    return [{ name: 'logits', value: logits }];
  },
  numClasses: ({ num_classes }) => num_classes,

  /** Softmax over the classes, in float64 from float32 logits. */
  decoder:
    ({ num_classes }) =>
    (outputs, index) => {
      const logits = outputs.logits?.data.subarray(index * num_classes, (index + 1) * num_classes);
      if (logits === undefined || logits.length !== num_classes) {
        const expected = `an output 'logits' of ${num_classes} classes`;
        throw new LowformerError({
          code: 'engine-failure',
          where: 'LowFormerClsHead',
          expected,
          received: logits?.length,
        });
      }
      return softmax(logits);
    },
});

function softmax(logits: Float32Array): Float32Array {
  const largest = logits.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const powers = Float64Array.from(logits, (value) => Math.exp(value - largest));
  const total = powers.reduce((a, b) => a + b, 0);
  return Float32Array.from(powers, (power) => power / total);
}

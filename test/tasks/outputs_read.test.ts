import { expect, test } from 'vitest';
import type { Tensors } from '../../core/tensor.js';
import { elements, tensor } from '../../core/tensor.js';
import { evaluateShapes } from '../../graph/shapes.js';
import { openConfig, predictionParts } from '../../models/open_config.js';
import { createPredictor } from '../../tasks/predictor.js';

/**
 * What an engine gives out crosses from the device to the processor, and from its thread to this one. There is nothing to
 * be saved by leaving some of it behind: a network for pictures has no output that its decoding does not read.
 */
test.each(['retinanet_lowformer-b0_fpn_1x_coco', 'sem-fpn_lowformer-b0_40k_ade20k-512x512', 'lowformer-b0_in1k'])(
  '%s: every output is read',
  async (name) => {
    const opened = await openConfig(name);
    const { graph } = opened.model;
    const read = new Set<PropertyKey>();
    const runner = {
      async run({ input }: Tensors): Promise<Tensors> {
        const shapes = evaluateShapes(graph, { input: input?.shape ?? [] });
        const outputs = graph.outputs.map(({ name: output, value }) => {
          const shape = shapes.get(value.id) ?? [];
          return [output, tensor(shape, new Float32Array(elements(shape)))];
        });
        const get = (tensors: Tensors, output: string) => {
          read.add(output);
          return tensors[output];
        };
        return new Proxy(Object.fromEntries(outputs), { get });
      },
    };
    const predict = createPredictor({ model: opened.model, runner, ...predictionParts(opened) });
    await predict([{ width: 64, height: 48, data: new Uint8Array(64 * 48 * 3) }]);
    for (const output of graph.outputs) expect([...read]).toContain(output.name);
  },
);

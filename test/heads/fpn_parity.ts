/** Holds Semantic FPN on a LowFormer to what mmseg computes with the formula weights. */
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { lowformer } from '../../backbones/lowformer.js';
import type { FrameTransform } from '../../core/frame.js';
import { graphBuilder } from '../../graph/builder.js';
import { optimise } from '../../graph/passes/index.js';
import { fpnHead } from '../../heads/fpn_head.js';
import { fpn } from '../../necks/fpn.js';
import { readReference } from '../reference.js';
import { formulaNetwork, runNetwork } from '../run_network.js';

const module = z.looseObject({ type: z.string() });
const size = z.tuple([z.number(), z.number()]);
const caseSchema = z.object({
  model: z.object({ backbone: module, neck: module, decode_head: module }),
  image_meta: z.object({ ori_shape: size, img_shape: size, pad_shape: size }),
  state_dict: z.array(z.tuple([z.string(), z.array(z.number())])),
});

const without = (config: z.output<typeof module>, keys: readonly string[] = []) =>
  Object.fromEntries(Object.entries(config).filter(([key]) => key !== 'type' && !keys.includes(key)));

/** @param name of the reference in `fixtures/reference/segmentors`. */
export function describeSemanticFpn(name: string): void {
  describe(`Semantic FPN, case ${name}`, () => {
    test('is mmseg’s: keys, logits, label map', async () => {
      const reference = readReference(`segmentors/${name}`);
      const { model, image_meta, state_dict } = caseSchema.parse(reference.description);
      const g = graphBuilder();
      const features = lowformer.build(
        g.scope('backbone'),
        g.input('input', 3),
        lowformer.schema.parse(without(model.backbone)),
      );
      const levels = fpn.build(g.scope('neck'), features, fpn.schema.parse(without(model.neck)));
      const config = fpnHead.schema.parse(without(model.decode_head, fpnHead.trainingKeys));
      const graph = g.finish(fpnHead.build(g.scope('decode_head'), levels, config));
      const keys = new Map([...graph.parameters.values()].map((parameter) => [parameter.name, parameter.shape]));
      expect(keys).toEqual(new Map(state_dict));

      const outputs = await runNetwork(optimise(formulaNetwork(graph)), { input: reference.input('input') });
      expect(reference.error('logits', outputs.logits)).toBeLessThan(1e-5);

      const [[height, width], [h, w], [padHeight, padWidth]] = [
        image_meta.ori_shape,
        image_meta.img_shape,
        image_meta.pad_shape,
      ];
      const frame: FrameTransform = {
        original: { width, height },
        resized: { width: w, height: h },
        padded: { width: padWidth, height: padHeight },
        scaleX: w / width,
        scaleY: h / height,
        left: 0,
        top: 0,
      };
      const { decode } = fpnHead.decoder(config, fpnHead.testSchema.parse({}));
      const { labels } = await decode(outputs, 0, frame);
      const expected = reference.labels('pred');
      expect(labels).toHaveLength(expected.length);
      const differing = expected.reduce((count, label, i) => count + (label === labels[i] ? 0 : 1), 0);
      expect(differing / expected.length).toBeLessThanOrEqual(1e-4);
    });
  });
}

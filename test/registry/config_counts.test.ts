/** Counts with too many zeros: told with their path and bound, at once, and not by a machine that hangs. */
import { describe, expect, test } from 'vitest';
import { MOST_PIXELS } from '../../core/bounded_numbers.js';
import { checkThreads } from '../../engines/thread/threads.js';
import { graphBuilder } from '../../graph/builder.js';
import { toBatch } from '../../images/batch.js';
import { openedConfig } from '../../models/opened_config.js';
import { resolveConfig } from '../../registry/config_merge.js';
import { applyOverrides } from '../../registry/config_overrides.js';
import { prepareFrame, testPipelineSchema } from '../../steps/pipeline.js';
import { classifier, detector, drawPicture, segmentor } from '../tools/tiny_models.js';
import { failure } from '../weights/fixtures.js';

const trees: Readonly<Record<string, unknown>> = { detector, segmentor, classifier };

async function opened(name: string, changes: readonly string[]) {
  const tree: unknown = JSON.parse(JSON.stringify(trees[name]));
  const config = await resolveConfig(name, { read: async () => ({ id: name, tree }) });
  return openedConfig(applyOverrides(config, changes));
}

const million = 1_000_000;
const generator = (key: string, value: number | string) => [
  'model.bbox_head.anchor_generator.type=AnchorGenerator',
  'model.bbox_head.anchor_generator.strides=[8,16,32,64,128]',
  'model.bbox_head.anchor_generator.ratios=[1]',
  'model.bbox_head.anchor_generator.octave_base_scale=4',
  'model.bbox_head.anchor_generator.scales_per_octave=1',
  `model.bbox_head.anchor_generator.${key}=${value}`,
];

describe('one number', () => {
  test.each([
    [
      'detector',
      [`model.backbone.depths=[0,1,${million},1,1]`],
      'model.backbone.depths.2: expected an integer of at most 1000',
    ],
    [
      'detector',
      [`model.backbone.widths=[4,8,${million},16,16]`],
      'model.backbone.widths.2: expected an integer of at most 65536',
    ],
    ['detector', [`model.neck.num_outs=${10 ** 15}`], 'model.neck.num_outs: expected an integer of at most 20'],
    [
      'detector',
      [`model.neck.out_channels=${million}`],
      'model.neck.out_channels: expected an integer of at most 65536',
    ],
    ['detector', [`model.neck.start_level=${million}`], 'model.neck.start_level: expected an integer of at most 20'],
    [
      'detector',
      [`model.bbox_head.stacked_convs=${million}`],
      'model.bbox_head.stacked_convs: expected an integer of at most 100',
    ],
    [
      'detector',
      [`model.bbox_head.feat_channels=${million}`],
      'model.bbox_head.feat_channels: expected an integer of at most 65536',
    ],
    [
      'detector',
      [`model.bbox_head.num_classes=${million}`],
      'model.bbox_head.num_classes: expected an integer of at most 100000',
    ],
    ['detector', generator('scales_per_octave', million), 'scales_per_octave: expected an integer of at most 64'],
    ['detector', generator('ratios', `[${Array(100).fill(1)}]`), 'ratios: expected a list of at most 64 items'],
    [
      'detector',
      [`model.data_preprocessor.pad_size_divisor=${million}`],
      'pad_size_divisor: expected an integer of at most 4096',
    ],
    [
      'detector',
      [`test_pipeline.1.scale=[${million},10]`],
      'test_pipeline.1.scale.0: expected an integer of at most 100000',
    ],
    [
      'segmentor',
      [`model.decode_head.channels=${million}`],
      'model.decode_head.channels: expected an integer of at most 65536',
    ],
    [
      'segmentor',
      [`model.decode_head.norm_cfg={type: GN, num_groups: ${million}}`],
      'num_groups: expected an integer of at most 65536',
    ],
    [
      'segmentor',
      [`model.data_preprocessor.test_cfg.size_divisor=${million}`],
      'size_divisor: expected an integer of at most 4096',
    ],
    ['classifier', [`model.head.widths=[${million},2]`], 'model.head.widths.0: expected an integer of at most 65536'],
    ['classifier', [`test_pipeline.2.crop_size=${million}`], 'test_pipeline.2.crop_size'],
  ])('of a %s: %s', async (name, changes, message) => {
    const start = performance.now();
    const told = await failure(() => opened(name, changes));
    expect(told).toMatch(/^invalid-config: /);
    expect(told).toContain(message);
    expect(performance.now() - start).toBeLessThan(4000);
  });

  test.each([0, 1.5, 1025, million, Number.NaN])('%s threads', async (threads) => {
    expect(await failure(() => checkThreads(threads))).toContain('threads: expected an integer from 1 to 1024');
  });
});

describe('numbers that are in bounds, and make too much together', () => {
  test('operations', async () => {
    expect(await failure(() => opened('detector', ['model.backbone.depths=[1000,1000,1000,1000,1000]']))).toMatch(
      /^invalid-graph: model\.backbone: .+: expected a network of at most 20000 operations$/,
    );
  });

  test('weights', async () => {
    expect(await failure(() => opened('detector', ['model.backbone.widths=[60000,60000,60000,60000,60000]']))).toMatch(
      /^invalid-graph: model\.backbone: .+: expected a network of at most 2147483648 weights$/,
    );
  });

  test('weights that are used twice count once', () => {
    const g = graphBuilder();
    const x = g.input('x', 30_000);
    // 900 million of them each time.
    for (let i = 0; i < 4; i++) g.scope('shared').conv(x, { out: 30_000, kernel: 1 });
    expect(() => g.scope('other').conv(x, { out: 60_000, kernel: 1 })).toThrow('at most 2147483648 weights');
  });

  test('pixels of a picture, before there is memory for them', async () => {
    const picture = drawPicture(8, 6);
    const prepared = (step: object) => prepareFrame(picture, testPipelineSchema().parse([step]));
    const most = `a picture of at most ${MOST_PIXELS} pixels`;
    for (const step of [
      { type: 'Resize', scale: [100_000, 100_000] },
      { type: 'Resize', scale_factor: 1000, keep_ratio: true, scale: [90_000, 80_000] },
      { type: 'ResizeEdge', scale: 20_000 },
      { type: 'Pad', size: [100_000, 100_000] },
      { type: 'CenterCrop', crop_size: 100_000 },
    ]) {
      expect([step.type, await failure(() => prepared(step))]).toEqual([step.type, expect.stringContaining(most)]);
    }
  });

  test('pictures of a batch', async () => {
    const frame = prepareFrame(drawPicture(8, 6), []);
    const { model } = await opened('detector', ['model.data_preprocessor.pad_size_divisor=4096']);
    const frames = Array(9).fill(frame);
    expect(await failure(() => toBatch(frames, model.preprocessor))).toContain(`at most ${MOST_PIXELS} pixels`);
  });
});

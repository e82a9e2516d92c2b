/** Which models run in two parts, and that nothing else is to be seen of it. */
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Detections } from '../../core/results.js';
import { loadDetector, loadSegmentor } from '../../models/load_model.js';
import type { LoadOptions } from '../../models/options.js';
import { startedThreads } from '../engines/thread/threads_started.js';
import { temporaryFolder } from '../tools/command_line.js';
import { detector, drawPicture, segmentor, writeModel } from '../tools/tiny_models.js';

const folder = temporaryFolder();
const threads = startedThreads();

/** With a tower that is worth a thread of its own; only the surest pixel of each level is a candidate. */
const wide = {
  ...detector,
  model: {
    ...detector.model,
    neck: { ...detector.model.neck, out_channels: 64 },
    bbox_head: { ...detector.model.bbox_head, stacked_convs: 4, feat_channels: 128 },
    test_cfg: { ...detector.model.test_cfg, nms_pre: 1 },
  },
  test_pipeline: [
    { type: 'LoadImageFromFile' },
    { type: 'Resize', scale: [256, 192], keep_ratio: true },
    { type: 'PackDetInputs' },
  ],
};

beforeAll(async () => {
  await writeModel(folder, 'wide', wide);
  await writeModel(folder, 'seg', segmentor);
});

const load = (options: LoadOptions = {}) =>
  loadDetector(join(folder, 'wide.json'), {
    checkpoint: join(folder, 'wide.safetensors'),
    threads: 1,
    keepNetwork: false,
    ...options,
  });

const pictures = [drawPicture(240, 180), drawPicture(200, 150, 120)];

function expectSame(actual: readonly Detections[], expected: readonly Detections[]): void {
  expect(actual).toHaveLength(expected.length);
  for (const [i, { detections }] of actual.entries()) {
    const reference = expected[i]?.detections ?? [];
    expect(reference.length).toBeGreaterThan(0);
    expect(detections).toHaveLength(reference.length);
    for (const [j, found] of detections.entries()) {
      expect(found.category).toBe(reference[j]?.category);
      for (const [side, value] of found.box.entries()) {
        expect(Math.abs(value - (reference[j]?.box[side] ?? Number.NaN))).toBeLessThan(0.01);
      }
    }
  }
}

describe('a detector whose tower takes much', () => {
  test('finds the same in a second thread, of single pictures and of batches, and again when its threads have died', async () => {
    const expected: Detections[] = [];
    {
      await using whole = await load({ denseBoxes: true });
      expect(threads.running()).toBe(1);
      expected.push(...(await whole.predictBatch(pictures)));
    }
    const said: string[] = [];
    {
      await using parted = await load({ onMessage: (line) => said.push(line) });
      expect(threads.running()).toBe(2);
      expectSame(await parted.predictBatch(pictures), expected);
      said.length = 0;
      await threads.kill();
      expectSame(await parted.predictBatch(pictures), expected);
      expect(said).toEqual(new Array(2).fill(expect.stringContaining('the network is loaded again')));
      expect(threads.running()).toBe(2);
    }
    expect(threads.running()).toBe(0);
  });

  test('finds the same in sessions side by side', async () => {
    await using whole = await load({ denseBoxes: true });
    await using parted = await load({ sessions: 2 });
    // Its own, and two of each part.
    expect(threads.running()).toBe(5);
    const all = [...pictures, ...pictures, ...pictures];
    const found = await Promise.all(all.map((picture) => parted.predict(picture)));
    const expected = [];
    for (const picture of all) expected.push(await whole.predict(picture));
    expectSame(found, expected);
  });

  test('has a bound on its queue', async () => {
    await using model = await load({ maxWaitingCalls: 1 });
    const results = await Promise.allSettled(Array.from({ length: 4 }, () => model.predictBatch(pictures)));
    const refused = results.filter(({ status }) => status === 'rejected');
    expect(refused).toHaveLength(2);
    for (const result of refused) expect(result).toMatchObject({ reason: { code: 'too-many-calls' } });
  });

  test.each<[string, LoadOptions]>([
    ['in float16', { precision: 'float16' }],
    ['for several looks at a picture', { tta: true }],
    ['where its tower is small', { cfgOptions: ['model.bbox_head.stacked_convs=1'], allowMismatch: ['bbox_head'] }],
  ])('runs whole %s', async (_, options) => {
    await using model = await load(options);
    expect(threads.running()).toBe(1);
    expect(model.device).toBe('cpu');
  });
});

test('denseBoxes of a model without boxes is refused', async () => {
  const checkpoint = join(folder, 'seg.safetensors');
  await expect(loadSegmentor(join(folder, 'seg.json'), { checkpoint, denseBoxes: true })).rejects.toMatchObject({
    code: 'invalid-argument',
    message: expect.stringContaining('denseBoxes: expected a detector'),
  });
  expect(threads.running()).toBe(0);
});

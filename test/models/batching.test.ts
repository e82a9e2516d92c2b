import { describe, expect, test } from 'vitest';
import { LowformerError } from '../../core/errors.js';
import type { RgbImage } from '../../core/frame.js';
import type { Detections } from '../../core/results.js';
import { type BatchingOptions, batching } from '../../models/batching.js';
import { loadDetector } from '../../models/load_model.js';
import type { RunBatch } from '../../models/predict_many.js';
import { type RunningModel, runningModel } from '../../models/running_model.js';

const picture = (width: number, height = 2): RgbImage => ({ width, height, data: new Uint8Array(width * height * 3) });
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** A model that says a picture's width and fails at 13; its runs are written down, and each goes on when it is let. */
function model(options: BatchingOptions, milliseconds = 5) {
  const runs: number[][] = [];
  const given: (AbortSignal | undefined)[] = [];
  const run: RunBatch<Detections> = async (images, { signal, onTiming } = {}, names = []) => {
    runs.push(images.map(({ width }) => width));
    given.push(signal);
    await pause(milliseconds);
    signal?.throwIfAborted();
    const at = images.findIndex(({ width }) => width === 13);
    if (at >= 0) throw new LowformerError({ code: 'not-a-number', where: names[at] ?? '', expected: 'numbers' });
    onTiming?.({ pictures: images.length, prepare: 0, network: 1, decode: 0 });
    return images.map(({ width, height }) => ({ kind: 'detection', width, height, detections: [] }));
  };
  const facts = {
    task: 'detection',
    device: 'cpu',
    engine: { by: 'name', name: 'fake' },
    classes: [],
    palette: [],
    categoryIds: [],
    parameters: 0,
    config: {},
    report: undefined,
    unused: [],
  } as const;
  const pictures = { load: async (image: RgbImage) => image, nameOf: ({ width }: RgbImage) => `picture ${width}` };
  const bare: RunningModel<Detections, RgbImage> = runningModel({ facts, run, pictures, dispose: async () => {} });
  return { batched: batching(bare, options), runs, given };
}

const widths = (results: readonly Detections[]) => results.map(({ width }) => width);

describe('calls at the same time', () => {
  test('share runs of at most maxBatch, and each gets its own result', async () => {
    const { batched, runs } = model({ maxBatch: 4, maxWait: 20 });
    const results = await Promise.all(Array.from({ length: 10 }, () => batched.predict(picture(7))));
    expect(runs.map(({ length }) => length)).toEqual([4, 4, 2]);
    expect(widths(results)).toEqual(new Array(10).fill(7));
  });

  test('of other sizes do not mix, and none waits for ever', async () => {
    const { batched, runs } = model({ maxBatch: 2, maxWait: 100 });
    const asked = [5, 6, 5, 7, 6, 5, 5, 5, 5];
    expect(widths(await Promise.all(asked.map((width) => batched.predict(picture(width)))))).toEqual(asked);
    for (const run of runs) expect(new Set(run).size).toBe(1);
    expect(runs.flat().sort()).toEqual([...asked].sort());
    expect(runs.length).toBe(5);
  });

  test('that come while two batches run are gathered, whatever maxWait', async () => {
    const { batched, runs } = model({ maxBatch: 8, maxWait: 0 }, 50);
    await Promise.all(Array.from({ length: 8 }, () => batched.predict(picture(3))));
    expect(runs.map(({ length }) => length)).toEqual([1, 1, 6]);
  });

  test('of a single one, the run starts after maxWait', async () => {
    const { batched, runs } = model({ maxWait: 100 });
    const result = batched.predict(picture(3));
    await pause(20);
    expect(runs).toEqual([]);
    await result;
    expect(runs).toEqual([[3]]);
  });

  test('are told of the batch that they shared', async () => {
    const { batched } = model({ maxWait: 10 });
    const told: number[] = [];
    const onTiming = ({ pictures }: { readonly pictures: number }) => told.push(pictures);
    await Promise.all([1, 2, 3].map(() => batched.predict(picture(4), { onTiming })));
    expect(told).toEqual([3, 3, 3]);
  });

  test('predictBatch runs as it did', async () => {
    const { batched, runs } = model({ maxWait: 100 });
    await batched.predictBatch([picture(3), picture(4)]);
    expect(runs).toEqual([[3, 4]]);
  });
});

describe('one that fails', () => {
  test('fails alone', async () => {
    const { batched } = model({ maxWait: 10 });
    // Of one size, so that they share a run: 13 is its width.
    const results = await Promise.allSettled(
      [picture(13), picture(13, 3), picture(12, 3)].map((one) => batched.predict(one)),
    );
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
    expect(results[0]).toMatchObject({ reason: { code: 'not-a-number', path: 'picture 13' } });
  });

  test('is refused where too many wait, and the others have their results', async () => {
    const { batched } = model({ maxWait: 20, maxWaitingCalls: 2 });
    const results = await Promise.allSettled([4, 4, 4].map((width) => batched.predict(picture(width))));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    expect(results[2]).toMatchObject({ reason: { code: 'too-many-calls' } });
    expect((await batched.predict(picture(4))).width).toBe(4);
  });
});

describe('one that is aborted', () => {
  test('while it waits is left out', async () => {
    const { batched, runs } = model({ maxWait: 30 });
    const stop = new AbortController();
    const abandoned = batched.predict(picture(4), { signal: stop.signal });
    const others = [batched.predict(picture(4)), batched.predict(picture(4))];
    stop.abort(new Error('enough'));
    await expect(abandoned).rejects.toThrow('enough');
    await Promise.all(others);
    expect(runs).toEqual([[4, 4]]);
  });

  test('while it runs rejects at once; the run is given up when nobody waits for it', async () => {
    const { batched, given } = model({ maxWait: 0 }, 200);
    const stops = [new AbortController(), new AbortController()];
    const calls = stops.map(({ signal }) => batched.predict(picture(4), { signal }));
    await pause(20);
    stops[0]?.abort(new Error('first'));
    await expect(calls[0]).rejects.toThrow('first');
    expect(given.map((signal) => signal?.aborted)).toEqual([true, false]);
    expect((await calls[1])?.width).toBe(4);
  });
});

test('the results are those of a batch, and to rounding those of calls one after another', async () => {
  await using one = await loadDetector('blood-cells');
  const noise = (seed: number): RgbImage => ({
    width: 96,
    height: 64,
    data: Uint8Array.from({ length: 96 * 64 * 3 }, (_, i) => (i * seed * 7919 + (i >> 5) * 131) % 251),
  });
  const images = [1, 2, 3, 4, 5].map(noise);
  const alone: Detections[] = [];
  for (const image of images) alone.push(await one.predict(image));
  const shared = batching(one, { maxWait: 50 });
  const together = await Promise.all(images.map((image) => shared.predict(image)));
  expect(together).toEqual(await one.predictBatch(images));
  // ONNX Runtime sums in another order for another number of pictures.
  for (const [i, { detections }] of together.entries()) {
    const scores = alone[i]?.detections.map(({ score }) => score) ?? [];
    expect(detections.length).toBe(scores.length);
    for (const [rank, { score }] of detections.entries())
      expect(Math.abs(score - (scores[rank] ?? 0))).toBeLessThan(1e-6);
  }
});

test.each([
  [{ maxBatch: 0 }, 'maxBatch'],
  [{ maxWait: -1 }, 'maxWait'],
  [{ maxWaitingCalls: 0.5 }, 'maxWaitingCalls'],
  [{ maxbatch: 3 }, 'maxbatch'],
] satisfies [Record<string, number>, string][])('refuses %o', (options: Record<string, number>, named) => {
  expect(() => model(options)).toThrow(named);
});

import sharp from 'sharp';
import { describe, expect, test, vi } from 'vitest';
import { LowformerError } from '../../core/errors.js';
import type { RgbImage } from '../../core/frame.js';
import type { Detections } from '../../core/results.js';
import { severalSessions } from '../../engines/several_sessions.js';
import { type ImageSource, loadImage, sourceName } from '../../models/image_source.js';
import type { PredictManyOptions } from '../../models/options.js';
import { batchesOfSessions, type Outcome, predictMany } from '../../models/predict_many.js';

const grey = (width: number, height = 2): RgbImage => ({ width, height, data: new Uint8Array(width * height * 3) });

/** A network that says a picture's width, takes no batch with 13 in it, and fails wholly at 99. */
async function run(images: readonly RgbImage[], _?: object, names: readonly string[] = []): Promise<Detections[]> {
  await new Promise((resolve) => setTimeout(resolve, 1));
  if (images.some(({ width }) => width === 99)) {
    throw new LowformerError({ code: 'engine-failure', where: 'onnxruntime', expected: 'the engine to stay alive' });
  }
  const at = images.findIndex(({ width }) => width === 13);
  if (at >= 0) {
    const where = images.length === 1 ? `${names[at]}: cpu` : 'cpu';
    throw new LowformerError({ code: 'out-of-memory', where, expected: 'memory for it' });
  }
  return images.map(({ width, height }) => ({ kind: 'detection', width, height, detections: [] }));
}

const way = { run, pictures: { load: loadImage, nameOf: sourceName } };

async function all(
  sources: Iterable<ImageSource> | AsyncIterable<ImageSource>,
  options?: PredictManyOptions,
): Promise<Outcome<Detections>[]> {
  const outcomes: Outcome<Detections>[] = [];
  for await (const outcome of predictMany(sources, way, options)) outcomes.push(outcome);
  return outcomes;
}

const told = (outcomes: readonly Outcome<Detections>[]) =>
  outcomes.map((outcome) => (outcome.ok ? outcome.result.width : outcome.error.path));

describe('a picture that fails in the network', () => {
  test.each([1, 2, 3, 7])('is named, and the others have their results: batches of %d', async (batchSize) => {
    const widths = [5, 13, 6, 7, 13, 13, 8];
    expect(
      told(
        await all(
          widths.map((width) => grey(width)),
          { batchSize },
        ),
      ),
    ).toEqual([5, 'picture 1: cpu', 6, 7, 'picture 4: cpu', 'picture 5: cpu', 8]);
  });

  test('an engine that fails ends the run', async () => {
    await expect(all([grey(5), grey(99), grey(6)])).rejects.toThrow('the engine to stay alive');
  });
});

describe('a source', () => {
  test('that fails does so after the pictures before it', async () => {
    const seen: unknown[] = [];
    const sources = (function* () {
      yield grey(5);
      yield grey(6);
      throw new Error('no more');
    })();
    const going = (async () => {
      for await (const outcome of predictMany(sources, way)) seen.push(outcome.index);
    })();
    await expect(going).rejects.toThrow('no more');
    expect(seen).toEqual([0, 1]);
  });

  test('that waits is not waited for when aborted, and the pictures before it have their results', async () => {
    const controller = new AbortController();
    const seen: unknown[] = [];
    const sources = (async function* () {
      yield grey(5);
      await new Promise(() => {});
    })();
    const going = (async () => {
      for await (const { index } of predictMany(sources, way, { signal: controller.signal })) {
        seen.push(index);
        setTimeout(() => controller.abort(new Error('no longer wanted')), 5);
      }
    })();
    await expect(going).rejects.toThrow('no longer wanted');
    expect(seen).toEqual([0]);
  });

  test('that gives frames as they come has the first one’s result before the second is there', async () => {
    let next = () => {};
    const sources = (async function* () {
      yield grey(5);
      await new Promise<void>((resolve) => {
        next = resolve;
      });
      yield grey(6);
    })();
    const iteration = predictMany(sources, way);
    expect((await iteration.next()).value).toMatchObject({ ok: true, index: 0 });
    next();
    expect((await iteration.next()).value).toMatchObject({ ok: true, index: 1 });
    expect((await iteration.next()).done).toBe(true);
  });

  test('that fills one buffer again and again gives each frame its own pixels', async () => {
    const data = new Uint8Array(3);
    const frames = (function* () {
      for (let i = 0; i < 9; i++) yield { width: 1, height: 1, data: data.fill(i) };
    })();
    const outcomes = await all(frames, { batchSize: 2 });
    expect(outcomes.map((outcome) => outcome.ok && outcome.image?.data[0])).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  });

  test('is closed when the iteration is left', async () => {
    let closed = false;
    const sources = (function* () {
      try {
        for (;;) yield grey(5);
      } finally {
        closed = true;
      }
    })();
    for await (const { index } of predictMany(sources, way)) if (index === 3) break;
    expect(closed).toBe(true);
  });

  test.each([
    ['undefined', undefined],
    ['a path', 'a.jpg'],
    ['a number', 3],
    ['bytes', new Uint8Array(3)],
  ])('%s is no list of pictures', async (_, sources) => {
    await expect(all(sources as unknown as ImageSource[])).rejects.toThrow('sources: expected a list of pictures');
  });
});

describe('decoding ahead', () => {
  test('of raw pixels beside files goes on', async () => {
    const small = await sharp({ create: { width: 6, height: 6, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    const outcomes = await all([grey(5), small, grey(7), new Uint8Array(3), small, grey(8)], { batchSize: 3 });
    expect(told(outcomes)).toEqual([5, 6, 7, 'picture 3', 6, 8]);
  });
});

/** An engine whose runs end, in order, when the test says so. */
function sessionOnCommand() {
  const ends: (() => void)[] = [];
  const count = { asked: 0, finished: 0 };
  return {
    device: 'cpu',
    async run() {
      count.asked++;
      await new Promise<void>((end) => ends.push(end));
      count.finished++;
      return {};
    },
    asked: () => count.asked,
    finished: () => count.finished,
    finish: () => ends.shift()?.(),
    async [Symbol.asyncDispose]() {},
  };
}

describe('sessions side by side', () => {
  test('have a batch each and one waits; results come in order, though a later batch is done first', async () => {
    const at = { now: 0, most: 0 };
    const slowFirst = async (images: readonly RgbImage[]): Promise<Detections[]> => {
      at.now++;
      at.most = Math.max(at.most, at.now);
      await new Promise((resolve) => setTimeout(resolve, images[0]?.width === 1 ? 60 : 5));
      at.now--;
      return images.map(({ width, height }) => ({ kind: 'detection', width, height, detections: [] }));
    };
    const widths = Array.from({ length: 9 }, (_, i) => i + 1);
    const given = widths.map((width) => grey(width));
    const outcomes: Outcome<Detections>[] = [];
    for await (const outcome of predictMany(given, { ...way, run: slowFirst, batchesAtOnce: 4 }))
      outcomes.push(outcome);
    expect(told(outcomes)).toEqual(widths);
    expect(at.most).toBe(4);
  });

  test('a session that is done goes on, though an earlier picture is not and none after it is prepared yet', async () => {
    const sessions = [sessionOnCommand(), sessionOnCommand()] as const;
    const engine = severalSessions('cpu', sessions);
    const run = async (images: readonly RgbImage[]): Promise<Detections[]> => {
      await engine.run({});
      return images.map(({ width, height }) => ({ kind: 'detection', width, height, detections: [] }));
    };
    const given = [1, 2, 3, 4, 5].map((width) => grey(width));
    const running = predictMany(given, { ...way, run, batchesAtOnce: batchesOfSessions(sessions.length) });
    const first = running.next();
    const [slow, quick] = sessions;
    await vi.waitUntil(() => slow.asked() === 2 && quick.asked() === 2);
    quick.finish();
    await vi.waitUntil(() => quick.finished() === 1);
    // Its second picture was there, while the first of all is still with the other session.
    expect(quick.asked() - quick.finished()).toBe(1);
    while (slow.finished() + quick.finished() < given.length) {
      slow.finish();
      quick.finish();
      await new Promise((resolve) => setTimeout(resolve, 1));
      void running.next();
    }
    expect(told([(await first).value].flatMap((outcome) => outcome ?? []))).toEqual([1]);
    await running.return();
  });

  test('a picture that fails and a source that fails do so in their turn', async () => {
    const seen: unknown[] = [];
    const sources = (function* () {
      yield* [5, 13, 6].map((width) => grey(width));
      throw new Error('no more');
    })();
    const going = (async () => {
      for await (const outcome of predictMany(sources, { ...way, batchesAtOnce: 5 })) seen.push(...told([outcome]));
    })();
    await expect(going).rejects.toThrow('no more');
    expect(seen).toEqual([5, 'picture 1: cpu', 6]);
  });
});

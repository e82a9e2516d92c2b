/** The two steps of decoding label maps, held to the one that makes only what can win. */
import { describe, expect, test } from 'vitest';
import type { FrameTransform, Size } from '../../core/frame.js';
import { elements, tensor } from '../../core/tensor.js';
import { createSegmentationDecoder } from '../../decoding/segmentation_decoder.js';
import { seededRandom } from '../random.js';

const decoderWith = (alignCorners: boolean, threshold = 0.3) =>
  createSegmentationDecoder({ head: 'TestHead', output: 'logits', alignCorners, threshold });

function scoresOf(random: () => number, shape: readonly number[], steps = 0) {
  const value = () => (steps > 0 ? Math.floor(steps * random()) : 18 * random() - 9);
  return tensor(shape, Float32Array.from({ length: elements(shape) }, value));
}

function frameWithin(random: () => number): FrameTransform {
  const between = (low: number, high: number) => low + Math.floor(random() * (high - low + 1));
  const padded = { width: between(4, 90), height: between(4, 90) };
  const [left, top] = [between(0, padded.width >> 2), between(0, padded.height >> 2)];
  const resized = { width: between(1, padded.width - left), height: between(1, padded.height - top) };
  const original = { width: between(1, 90), height: between(1, 90) };
  return { original, resized, padded, scaleX: 1, scaleY: 1, left, top };
}

describe.each([false, true])('alignCorners %s', (alignCorners) => {
  test.each([
    [1, 0],
    [2, 0],
    [19, 0],
    [150, 0],
    [7, 3],
  ])('%i classes, %i different scores: logits and then labels are the labels made at once', async (classes, steps) => {
    const random = seededRandom(classes + 100 * steps);
    const { decode, logits, labels } = decoderWith(alignCorners);
    for (let round = 0; round < (classes > 100 ? 3 : 10); round++) {
      const frame = frameWithin(random);
      const side = () => 1 + Math.floor(24 * random());
      const outputs = { logits: scoresOf(random, [2, classes, side(), side()], steps) };
      for (const index of [0, 1]) {
        const whole = await logits(outputs, index, frame.padded);
        expect(whole.shape).toEqual([1, classes, frame.padded.height, frame.padded.width]);
        expect(await labels(whole, frame)).toEqual(await decode(outputs, index, frame));
      }
    }
  });
});

test('logits at the size of the scores are the scores', async () => {
  const scores = scoresOf(seededRandom(4), [1, 3, 9, 13]);
  const { logits } = decoderWith(false);
  expect(await logits({ logits: scores }, 0, { width: 13, height: 9 })).toEqual(scores);
});

test('logits by hand: half-pixel centres, and corners that meet', async () => {
  const scores = tensor([1, 1, 1, 2], new Float32Array([0, 8]));
  const size: Size = { width: 4, height: 1 };
  expect([...(await decoderWith(false).logits({ logits: scores }, 0, size)).data]).toEqual([0, 2, 6, 8]);
  const met = (await decoderWith(true).logits({ logits: scores }, 0, { width: 5, height: 1 })).data;
  expect([...met]).toEqual([0, 2, 4, 6, 8]);
});

test('two looks at a picture, averaged between the steps', async () => {
  const random = seededRandom(8);
  const { logits, labels } = decoderWith(false);
  const frame = frameWithin(random);
  const [one, other] = [scoresOf(random, [1, 5, 6, 7]), scoresOf(random, [1, 5, 12, 14])];
  const [a, b] = [await logits({ logits: one }, 0, frame.padded), await logits({ logits: other }, 0, frame.padded)];
  const mean = tensor(
    a.shape,
    a.data.map((value, i) => (value + (b.data[i] ?? 0)) / 2),
  );
  const same = await labels(mean, { ...frame, original: frame.padded, resized: frame.padded, left: 0, top: 0 });
  const { width, height } = frame.padded;
  const expected = Array.from({ length: width * height }, (_, i) => {
    const scores = Array.from({ length: 5 }, (_, c) => mean.data[c * width * height + i] ?? Number.NaN);
    return scores.indexOf(Math.max(...scores));
  });
  expect([...same.labels]).toEqual(expected);
});

describe('refusals', () => {
  const { decode, logits, labels } = decoderWith(false);
  const square = { width: 8, height: 8 };
  const frame = { original: square, resized: square, padded: square, scaleX: 1, scaleY: 1, left: 0, top: 0 };
  const scores = scoresOf(seededRandom(1), [1, 2, 4, 4]);

  test('an output that is missing', async () => {
    await expect(decode({}, 0, frame)).rejects.toThrow("TestHead: expected an output 'logits'");
    await expect(logits({}, 0, square)).rejects.toThrow("TestHead: expected an output 'logits'");
  });

  test('logits of another size than the frame has', async () => {
    await expect(labels(scores, frame)).rejects.toThrow(
      "TestHead: labels: expected logits [1, classes, 8, 8], of the frame's padded size but received [1,2,4,4]",
    );
  });

  test('NaN, a picture that is not there, and an aborted signal', async () => {
    const broken = tensor(scores.shape, scores.data.with(5, Number.NaN));
    await expect(logits({ logits: broken }, 0, square)).rejects.toMatchObject({ code: 'not-a-number' });
    await expect(logits({ logits: scores }, 1, square)).rejects.toMatchObject({ code: 'engine-failure' });
    const reason = new Error('enough');
    await expect(logits({ logits: scores }, 0, square, AbortSignal.abort(reason))).rejects.toBe(reason);
    await expect(labels(scores, { ...frame, padded: { width: 4, height: 4 } }, AbortSignal.abort(reason))).rejects.toBe(
      reason,
    );
  });
});

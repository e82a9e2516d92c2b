/** Windows on their way through the network. */
import { describe, expect, test } from 'vitest';
import { type Tensor, tensor } from '../../core/tensor.js';
import { createSegmentationDecoder } from '../../decoding/segmentation_decoder.js';
import { slidingPicture } from '../../tasks/sliding_logits.js';

describe('windows and the network', () => {
  const decoder = createSegmentationDecoder({
    head: 'TestHead',
    output: 'logits',
    alignCorners: false,
    threshold: 0.3,
  });
  const windows = { crop: { width: 40, height: 30 }, stride: { width: 20, height: 20 } };
  const picture = tensor(
    [1, 3, 50, 70],
    Float32Array.from({ length: 3 * 50 * 70 }, (_, i) => i),
  );
  const parts = { decoder, windows, sizeDivisor: 32 };

  test('are padded for it at the right and bottom, and what is padded is left out', async () => {
    const inputs: Tensor[] = [];
    const { logits } = slidingPicture(
      picture,
      {
        ...parts,
        // Gives the first channel back.
        run: async (input) => {
          inputs.push(input);
          const [n = 0, , h = 0, w = 0] = input.shape;
          const first = Array.from({ length: n }, (_, i) => [
            ...input.data.subarray(3 * i * h * w, (3 * i + 1) * h * w),
          ]);
          return { logits: tensor([n, 1, h, w], new Float32Array(first.flat())) };
        },
      },
      7,
    );
    const { data } = await logits({ start: 0, end: 50 });
    expect(data).toEqual(picture.data.subarray(0, 50 * 70));
    expect(inputs.map(({ shape }) => shape)).toEqual([
      [3, 3, 32, 64],
      [3, 3, 32, 64],
    ]);
    const [first] = inputs;
    expect(first?.data[40]).toBe(7);
    expect(first?.data[30 * 64]).toBe(7);
    expect(first?.data[29 * 64 + 39]).toBe(29 * 70 + 39);
  });

  test('large windows go through it one after another; an abort ends it between them', async () => {
    const large = tensor([1, 3, 1100, 2000], new Float32Array(3 * 1100 * 2000));
    const stop = new AbortController();
    const reason = new Error('enough');
    let runs = 0;
    const { logits } = slidingPicture(
      large,
      {
        ...parts,
        windows: { crop: { width: 1024, height: 1024 }, stride: { width: 512, height: 512 } },
        signal: stop.signal,
        run: async ({ shape: [n] }) => {
          expect(n).toBe(1);
          if (++runs === 2) stop.abort(reason);
          return { logits: tensor([1, 1, 256, 256], new Float32Array(256 * 256)) };
        },
      },
      7,
    );
    await expect(logits({ start: 0, end: 1 })).rejects.toBe(reason);
    expect(runs).toBe(2);
  });

  test('the next windows go through it while labels are made, and no more of them than are under way together', async () => {
    let runs = 0;
    const source = slidingPicture(
      tensor([1, 3, 5000, 1024], new Float32Array(3 * 5000 * 1024)),
      {
        ...parts,
        windows: { crop: { width: 1024, height: 1024 }, stride: { width: 1024, height: 1024 } },
        run: async () => {
          runs++;
          return { logits: tensor([1, 40, 1024, 1024], new Float32Array(40 * 1024 * 1024)) };
        },
      },
      0,
    );
    await source.logits({ start: 0, end: 1 });
    await source[Symbol.asyncDispose]();
    // Its outputs are large: one that was asked for, and two ahead.
    expect(runs).toBe(3);
    await expect(source.logits({ start: 1024, end: 1025 })).rejects.toThrow('disposed');
  });

  test('NaN of one window is an error', async () => {
    const { logits } = slidingPicture(
      picture,
      {
        ...parts,
        run: async ({ shape: [n = 0] }) => ({
          logits: tensor([n, 2, 8, 16], new Float32Array(n * 256).fill(Number.NaN)),
        }),
      },
      7,
    );
    await expect(logits({ start: 0, end: 50 })).rejects.toMatchObject({ code: 'not-a-number' });
  });
});

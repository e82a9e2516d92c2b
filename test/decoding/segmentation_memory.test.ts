/** What a label map is made of: never scores of the size classes x height x width, which for 150 classes of 1024x2048 are 1.26 GB. */
import { afterEach, expect, test, vi } from 'vitest';
import { tensor } from '../../core/tensor.js';
import { decodeLabels } from '../../decoding/segmentation.js';
import { seededRandom } from '../random.js';

afterEach(() => void vi.unstubAllGlobals());

/** Counts the bytes of every typed array that is made from now on, whether or not it is given up before the next. */
function countBytes(): () => number {
  let bytes = 0;
  for (const kind of [Float32Array, Float64Array, Int32Array, Uint8Array, Uint16Array]) {
    const counting = new Proxy(kind, {
      construct(target, given) {
        const array: ArrayBufferView = Reflect.construct(target, given);
        // A view of memory that is there makes none.
        if (!(given[0] instanceof ArrayBuffer)) bytes += array.byteLength;
        return array;
      },
    });
    vi.stubGlobal(kind.name, counting);
  }
  return () => bytes;
}

test.each([
  ['of the size that the network saw', { width: 256, height: 128 }],
  ['larger', { width: 512, height: 256 }],
])('a picture %s: labels, bounds of an eighth of the scores, and rows', async (_, original) => {
  const [classes, h, w] = [150, 32, 64];
  const random = seededRandom(3);
  const scores = tensor(
    [1, classes, h, w],
    new Float32Array(classes * h * w).map(() => 20 * random() - 10),
  );
  const padded = { width: 256, height: 128 };
  const [scaleX, scaleY] = [padded.width / original.width, padded.height / original.height];
  const frame = { original, resized: padded, padded, scaleX, scaleY, left: 0, top: 0 };
  const made = countBytes();
  const { labels } = await decodeLabels(scores, 0, frame, { alignCorners: false, threshold: 0.3 });
  const bytes = made();
  const pixels = original.width * original.height;
  expect(labels).toHaveLength(pixels);
  const rows = 4 * (64 + 2) * classes * Float32Array.BYTES_PER_ELEMENT;
  expect(bytes).toBeGreaterThan(pixels);
  expect(bytes).toBeLessThan(pixels + scores.data.byteLength / 8 + rows + 100_000);
  expect(bytes).toBeLessThan((classes * pixels * Float32Array.BYTES_PER_ELEMENT) / 20);
});

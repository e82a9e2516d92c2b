/** Labels of joined logits that come some rows at a time. */
import { expect, test } from 'vitest';
import { tensor } from '../../core/tensor.js';
import { createSegmentationDecoder } from '../../decoding/segmentation_decoder.js';
import { labelsOfRows } from '../../tasks/sliding_labels.js';
import { seededRandom } from '../random.js';

test('rows of labels, where the picture lies inside of what was padded', async () => {
  const random = seededRandom(31);
  for (let round = 0; round < 40; round++) {
    const between = (low: number, high: number) => low + Math.floor(random() * (high - low + 1));
    const decoder = createSegmentationDecoder({
      head: 'TestHead',
      output: 'logits',
      alignCorners: round % 2 === 0,
      threshold: 0.3,
    });
    const padded = { width: between(4, 60), height: between(4, 60) };
    const [left, top] = [between(0, padded.width >> 2), between(0, padded.height >> 2)];
    const resized = { width: between(1, padded.width - left), height: between(1, padded.height - top) };
    const frame = {
      original: { width: between(1, 60), height: between(1, 60) },
      resized,
      padded,
      scaleX: 1,
      scaleY: 1,
      left,
      top,
    };
    const classes = [1, 3, 300][round % 3] ?? 1;
    const data = Float32Array.from({ length: classes * padded.width * padded.height }, () => 18 * random() - 9);
    const logits = tensor([1, classes, padded.height, padded.width], data);
    const rowsOf = async ({ start, end }: { start: number; end: number }) => {
      const length = (end - start) * padded.width;
      const rows = new Float32Array(classes * length);
      for (let c = 0; c < classes; c++) {
        const from = (c * padded.height + start) * padded.width;
        rows.set(data.subarray(from, from + length), c * length);
      }
      return tensor([1, classes, end - start, padded.width], rows);
    };
    expect(await labelsOfRows({ logits: rowsOf }, frame, decoder, { classes: 2 ** 30 })).toEqual(
      await decoder.labels(logits, frame),
    );
  }
});

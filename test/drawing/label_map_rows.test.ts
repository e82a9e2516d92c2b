import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readLabelMap } from '../../data/label_map.js';
import { encodeLabelMap } from '../../drawing/label_map.js';
import { openLabelMapRows } from '../../drawing/label_map_rows.js';
import { pngChunks } from '../../images/png_chunks.js';

const folder = mkdtempSync(join(tmpdir(), 'label-rows-'));
afterAll(() => rmSync(folder, { recursive: true }));
const size = { width: 301, height: 97 };

test.each([
  ['8 bits', 7, (i: number) => (i * 31) % 7],
  ['16 bits', 400, (i: number) => (i * 31) % 400],
])('%s: what is written at once, in parts of any height', async (name, classCount, labelAt) => {
  const labels = Uint16Array.from({ length: size.width * size.height }, (_, i) => labelAt(i));
  const path = join(folder, `${name}.png`);
  {
    await using rows = await openLabelMapRows(path, size, { classCount });
    for (let row = 0, count = 1; row < size.height; row += count, count = (count * 3) % 31) {
      await rows.add(labels.subarray(row * size.width, Math.min(row + count, size.height) * size.width));
    }
    await rows.finish();
  }
  const whole = {
    kind: 'segmentation',
    ...size,
    labels: classCount > 256 ? labels : Uint8Array.from(labels),
    classes: [],
  } as const;
  const expected = await encodeLabelMap(whole, { classCount });
  const head = (file: Buffer) => (pngChunks(file) ?? []).filter(({ type }) => type === 'IHDR' || type === 'PLTE');
  expect(head(readFileSync(path))).toEqual(head(expected));
  expect(Uint16Array.from((await readLabelMap(path)).labels)).toEqual(labels);
});

test('what is not finished leaves nothing', async () => {
  const before = readdirSync(folder);
  {
    await using rows = await openLabelMapRows(join(folder, 'half.png'), size, { classCount: 4 });
    await rows.add(new Uint8Array(size.width * 3));
    await expect(rows.add(new Uint8Array(size.width).fill(4))).rejects.toThrow('label map: expected labels below 4');
    await expect(rows.finish()).rejects.toThrow('expected 97 rows of labels but received 3');
  }
  expect(readdirSync(folder)).toEqual(before);
});

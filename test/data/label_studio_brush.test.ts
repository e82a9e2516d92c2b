/** Label Studio's brush masks as they are read, and what is none. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { collectNotes } from '../../core/notes.js';
import { readLabelStudio } from '../../data/label_studio.js';
import { packBrush } from '../../geometry/brush_mask.js';
import { temporaryFolder } from './temporary.js';

const read = (value: object, size: object = { original_width: 4, original_height: 3 }, notes = collectNotes()) => {
  const file = join(temporaryFolder({}), 'tasks.json');
  const result = [{ type: 'brushlabels', ...size, value: { brushlabels: ['cell'], ...value } }];
  writeFileSync(file, JSON.stringify([{ data: { image: 'a.png' }, annotations: [{ result }] }]));
  return readLabelStudio(file, { outlines: 'kept', notes });
};

test('pixels, row by row', async () => {
  // The second pixel of the second row, and the one behind it.
  const { samples } = await read({ rle: packBrush([5, 2, 5]) });
  expect(samples[0]?.objects).toMatchObject([
    { box: [1, 1, 2, 1], area: 2, shape: { kind: 'runs', runs: [4, 1, 2, 1, 4], size: { width: 4, height: 3 } } },
  ]);
});

test('a mask without a pixel is left out, with a note', async () => {
  const notes = collectNotes();
  const { samples } = await read({ rle: packBrush([12]) }, undefined, notes);
  expect(samples[0]?.objects).toEqual([]);
  expect(notes.list()).toMatchObject([{ kind: 'empty-mask', count: 1 }]);
});

test.each([
  ['no bytes', {}, undefined, /result\[0\]\.value\.rle: expected the bytes of a brush mask/],
  [
    'another size',
    { rle: packBrush([9]) },
    undefined,
    /rle: expected a brush mask of 4x3 pixels but received .*it is of 9 pixels/,
  ],
  [
    'cut off',
    { rle: packBrush([5, 2, 5]).slice(0, 9) },
    undefined,
    /expected a brush mask of 4x3 pixels but received .*it ends too soon/,
  ],
  ['numbers that are no bytes', { rle: [256] }, undefined, /value\.rle\[0\]/],
  ['no size', { rle: packBrush([12]) }, {}, /result\[0\]: expected original_width and original_height/],
])('%s', async (_, value, size, message) => {
  await expect(read(value, size)).rejects.toThrow(message);
});

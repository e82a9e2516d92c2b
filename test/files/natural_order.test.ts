import { expect, test } from 'vitest';
import { naturalOrder } from '../../files/natural_order.js';

test('digits by their value, the rest by code units', () => {
  const names = ['frame_10.png', 'frame_2.png', 'b', 'frame_1.png', 'a9', 'a10b', 'a10', 'a010', 'A', '2', '10', ''];
  expect(names.toSorted(naturalOrder)).toEqual([
    ...['', '2', '10', 'A', 'a9', 'a010', 'a10', 'a10b', 'b'],
    ...['frame_1.png', 'frame_2.png', 'frame_10.png'],
  ]);
});

test('numbers that are too long for one', () => {
  const names = ['9007199254740993', '9007199254740992', '00', '0'];
  expect(names.toSorted(naturalOrder)).toEqual(['0', '00', '9007199254740992', '9007199254740993']);
});

import { expect, test } from 'vitest';
import { clock } from '../../tools/clip_options.js';

test.each([
  ['0', 0],
  ['12.5', 12.5],
  ['1:30', 90],
  ['00:01:30', 90],
  ['1:02:03.25', 3723.25],
])('%s is a time', (text, seconds) => {
  expect(clock(text)).toBe(seconds);
});

test.each(['', '-1', '1e3', '1:2:3:4', '1:', 'noon', '0x10'])("'%s' is no time", (text) => {
  expect(() => clock(text)).toThrow('Expected seconds, or hh:mm:ss.');
});

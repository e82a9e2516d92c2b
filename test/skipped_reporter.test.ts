import { expect, test } from 'vitest';
import { describeSkipped } from './skipped_reporter.js';

test('tests stand below their files, and these below what they need, in the order of the alphabet', () => {
  const skipped = new Map([
    ['a bed', new Map([['a.test.js', ['rests']]])],
    [
      'a balloon',
      new Map([
        ['a.test.js', ['flies > high > up', 'flies > high > down']],
        ['b.test.js', ['floats']],
      ]),
    ],
  ]);
  expect(describeSkipped(skipped)).toBe(`Skipped 4 tests, by what they need:

  a balloon: 3
    a.test.js
      flies > high > up
      flies > high > down
    b.test.js
      floats

  a bed: 1
    a.test.js
      rests
`);
});

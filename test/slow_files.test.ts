/** What `npm test` leaves out, and that nothing is left out altogether. */
import { describe, expect, test } from 'vitest';
import { isSlow, SLOW } from './slow_files.js';
import { describeLeftOut } from './slow_reporter.js';
import { FILES, OWN, SHARED } from './test_order.js';

describe.each([...SLOW])('%s', (file, instead) => {
  test('is there, and so is what stands for it in `npm test`', () => {
    expect([file, ...instead].filter((one) => !FILES.includes(one))).toEqual([]);
    expect(instead).not.toEqual([]);
    expect(instead.filter(isSlow)).toEqual([]);
  });
});

test('no file is listed twice, and each is in one project', () => {
  expect([...OWN, ...SHARED].toSorted()).toEqual(FILES.toSorted());
  expect(FILES.filter(isSlow).length).toBeGreaterThan(SLOW.size);
});

test('the line at the end of a run names folders and the command', () => {
  expect(describeLeftOut(['test/docs/more/a.test.ts', 'test/b.test.ts', 'test/docs/c.test.ts'])).toBe(
    'Left out: 3 slow files of tests (docs 2, others 1), listed in test/slow_files.ts. npm run test:slow runs them.',
  );
});

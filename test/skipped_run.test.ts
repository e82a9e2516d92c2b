import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run } from './run_program.js';
import { temporaryFolder } from './tools/command_line.js';
import { ROOT } from './workspace.js';

const SUITE = `
describe('flies', { skip: true, meta: { needs: 'a balloon' } }, () => {
  describe('high', () => test.each(['up', 'down'])('%s', () => {}));
});
test('rests', { skip: true, meta: { needs: 'a bed' } }, () => {});
test('says so itself', ({ skip }) => skip('a voice'));
test.skip('says nothing', () => {});
test.todo('comes later');
test('runs', () => {});
`;

/** A run of vitest in which this reporter alone speaks. */
async function reported(folder: string, ...args: readonly string[]): Promise<string> {
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--root', folder, '--globals'];
  const reporter = `--reporter=${join(ROOT, 'test/skipped_reporter.ts')}`;
  const { code, stdout, stderr } = await run(process.execPath, [...vitest, reporter, ...args], ROOT);
  expect(code, stderr).toBe(0);
  return stdout;
}

test('every skipped test is named below what it needs', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'a.test.js'), SUITE);
  writeFileSync(join(folder, 'b.test.js'), "test('floats', { skip: true, meta: { needs: 'a balloon' } }, () => {});");
  expect(await reported(folder)).toBe(`Skipped 7 tests, by what they need:

  a balloon: 3
    a.test.js
      flies > high > up
      flies > high > down
    b.test.js
      floats

  a bed: 1
    a.test.js
      rests

  a voice: 1
    a.test.js
      says so itself

  no reason given (test/needs.ts): 1
    a.test.js
      says nothing

  still to be written: 1
    a.test.js
      comes later

`);
  // Tests that another name was asked for are not skipped for want of anything.
  expect(await reported(folder, '-t', 'rests')).not.toContain('says nothing');
});

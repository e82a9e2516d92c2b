import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { run } from './run_program.js';
import { ROOT } from './workspace.js';

const folder = mkdtempSync(join(tmpdir(), 'lowformer-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Test = readonly [fullName: string, status: string];

/** A report of one file, as vitest writes it. */
function reportOf(file: string, name: string, ...tests: readonly Test[]): string {
  const assertionResults = tests.map(([fullName, status]) => ({ fullName, status }));
  const path = join(folder, `${name}.json`);
  writeFileSync(path, JSON.stringify({ testResults: [{ name: file, assertionResults }] }));
  return path;
}

const report = (name: string, ...tests: readonly Test[]) => reportOf('/here/test/a.test.ts', name, ...tests);

async function summary(status: number, ...reports: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run(process.execPath, ['.ci/summary.js', `${status}`, ...reports], ROOT);
  expect(code, stderr).toBe(0);
  return stdout;
}

const plain = report(
  'plain',
  ['one', 'passed'],
  ['same', 'passed'],
  ['same', 'skipped'],
  ['slow', 'skipped'],
  ['no', 'todo'],
);

test('a test of two reports counts once, as what it came to', async () => {
  expect(await summary(0, plain)).toBe('2 passed, 0 failed, 3 skipped\n');
  const devices = report('devices', ['slow', 'passed'], ['same', 'skipped'], ['same', 'failed'], ['new', 'passed']);
  expect(await summary(1, plain, devices)).toBe('4 passed, 1 failed, 1 skipped\n');
  expect(await summary(1, devices, plain)).toBe('4 passed, 1 failed, 1 skipped\n');
});

test('a run that failed without a failed test, or wrote no report, is one failure', async () => {
  expect(await summary(2, plain)).toBe('2 passed, 1 failed, 3 skipped\n');
  expect(await summary(1, join(folder, 'none.json'))).toBe('0 passed, 1 failed, 0 skipped\n');
});

test('copies of the project in several folders have the same tests', async () => {
  const bare = reportOf(
    '/tmp/test/bare/test/a.test.ts',
    'bare',
    ['one', 'passed'],
    ['same', 'failed'],
    ['slow', 'skipped'],
  );
  expect(await summary(1, bare, plain)).toBe('1 passed, 1 failed, 3 skipped\n');
  const other = reportOf('/tmp/bare/test/more/a.test.ts', 'other', ['one', 'passed']);
  expect(await summary(0, other, plain)).toBe('3 passed, 0 failed, 3 skipped\n');
});

test('what a run left is run again: files with tests that were skipped, or all where it wrote no report', async () => {
  const unfinished = (path: string) => run(process.execPath, ['.ci/unfinished.js', path], ROOT);
  const done = { name: '/tmp/test/bare/test/a.test.ts', assertionResults: [{ fullName: 'one', status: 'passed' }] };
  const left = {
    name: '/tmp/test/bare/test/more/b.test.ts',
    assertionResults: [{ fullName: 'two', status: 'skipped' }],
  };
  const broken = { name: '/tmp/test/bare/test/c.test.ts', assertionResults: [] };
  const path = join(folder, 'left.json');
  writeFileSync(path, JSON.stringify({ testResults: [left, done, broken] }));
  expect((await unfinished(path)).stdout).toBe('test/c.test.ts\ntest/more/b.test.ts\n');
  expect((await unfinished(join(folder, 'none.json'))).stdout).toBe('test\n');
});

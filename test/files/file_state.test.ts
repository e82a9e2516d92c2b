import { closeSync, mkdtempSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { builtCode } from '../../files/built_code.js';
import { fileState } from '../../files/file_state.js';
import { folderIn } from '../tools/command_line.js';

const folder = mkdtempSync(join(tmpdir(), 'lowformer-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function stateOf(path: string, now?: number) {
  const descriptor = openSync(path, 'r');
  try {
    return fileState(descriptor, now);
  } finally {
    closeSync(descriptor);
  }
}

test('a file is the same until it is written to or replaced', async () => {
  const path = join(folder, 'weights');
  writeFileSync(path, 'abc');
  const first = stateOf(path);
  expect(stateOf(path).text).toBe(first.text);
  await new Promise((resolve) => setTimeout(resolve, 20));
  writeFileSync(path, 'abd');
  const second = stateOf(path);
  expect(second.text).not.toBe(first.text);
  writeFileSync(`${path}.new`, 'abd');
  renameSync(`${path}.new`, path);
  expect(stateOf(path).text).not.toBe(second.text);
});

test('it is settled once another change would have another time', () => {
  const path = join(folder, 'settled');
  writeFileSync(path, 'abc');
  expect(stateOf(path).settled).toBe(false);
  expect(stateOf(path, Date.now() + 10_000).settled).toBe(true);
});

test('a build is the same until a file of its folders changes; sources and bundles have none', () => {
  const dist = folderIn(folder, 'dist');
  for (const name of ['graph', 'weights']) writeFileSync(join(folderIn(dist, name), 'a.js'), 'export {};');
  const root = new URL(`file://${dist}/`);
  const first = builtCode(['graph', 'weights'], root);
  expect(first).toMatch(/^[0-9a-f]{64}$/);
  expect(builtCode(['graph', 'weights'], root)).toBe(first);
  expect(builtCode(['graph'], root)).not.toBe(first);
  writeFileSync(join(dist, 'weights', 'a.js'), 'export { };');
  expect(builtCode(['graph', 'weights'], root)).not.toBe(first);
  expect(builtCode(['graph', 'heads'], root)).toBeUndefined();
  expect(builtCode(['graph'])).toBeUndefined();
});

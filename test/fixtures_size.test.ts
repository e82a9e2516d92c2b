import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from './workspace.js';

const MEGABYTE = 2 ** 20;

test('fixtures stay small: whoever clones the project takes all of them', () => {
  const folder = join(ROOT, 'test/fixtures');
  const sizes = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => ({ name, size: statSync(join(parentPath, name)).size }));
  expect(sizes.length).toBeGreaterThan(100);
  expect(sizes.filter(({ size }) => size > 1.5 * MEGABYTE)).toEqual([]);
  expect(sizes.reduce((sum, { size }) => sum + size, 0) / MEGABYTE).toBeLessThan(16);
});

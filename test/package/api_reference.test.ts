/** `npm run docs`: every path that can be imported has a page, and TypeDoc has nothing to warn of. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { z } from 'zod';
import { needs } from '../needs.js';
import { run } from '../run_program.js';
import { ROOT } from '../workspace.js';

const folder = mkdtempSync(join(tmpdir(), 'lowformer-api-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const options = needs('registry', process.env.LOWFORMER_TEST_DEVICES === '1');
test('the API reference is made without a warning', { ...options, timeout: 600_000 }, async () => {
  const args = ['tools/release/api_reference.js', '--out', folder];
  const { code, stdout, stderr } = await run(process.execPath, args, ROOT);
  expect({ code, stderr: code === 0 ? '' : stdout + stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout + stderr).not.toContain('[warning]');
  const manifest = z.object({ exports: z.record(z.string(), z.unknown()) });
  const { exports } = manifest.parse(JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')));
  const paths = Object.keys(exports).filter((path) => JSON.stringify(exports[path]).includes('.d.ts'));
  expect(paths.length).toBeGreaterThan(5);
  for (const path of paths) {
    const page = `modules/${['lowformer', ...path.split('/').slice(1)].join('_')}.html`;
    expect(existsSync(join(folder, page)), page).toBe(true);
  }
});

/** The README's first commands in an empty project, with the package as the registry would hand it out. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { needs } from '../needs.js';
import { packPackage } from '../packed_package.js';
import { run } from '../run_program.js';
import { ROOT } from '../workspace.js';

const folder = mkdtempSync(join(tmpdir(), 'lowformer-installed-'));
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));

const options = needs('registry', process.env.LOWFORMER_TEST_DEVICES === '1');
test('npm installs it without running a script, and what the README shows first works', {
  ...options,
  timeout: 600_000,
}, async () => {
  const ended = async (program: string, args: readonly string[]) => {
    const { code, stdout, stderr } = await run(program, args, folder);
    expect({ program, args, code, stderr: code === 0 ? '' : stderr }).toEqual({ program, args, code: 0, stderr: '' });
    return stdout;
  };
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  const tarball = await packPackage(folder);
  await ended('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', tarball]);

  await ended('npx', ['lowformer', 'demo']);
  expect(existsSync(join(folder, 'demo/blood_cells.png'))).toBe(true);
  const picture = 'node_modules/lowformer/assets/blood_cells.jpg';
  const [found] = JSON.parse(await ended('npx', ['lowformer', 'detect', 'blood-cells', picture, '--score-thr', '0.5']));
  expect(found.detections.length).toBeGreaterThan(10);
  const [sample = ''] = /^import \{ loadDetector \}.*?(?=^```$)/ms.exec(readFileSync(`${ROOT}README.md`, 'utf8')) ?? [];
  writeFileSync(join(folder, 'sample.ts'), sample);
  expect((await ended('npx', ['jiti', 'sample.ts'])).trimEnd().split('\n').length).toBeGreaterThan(8);
});

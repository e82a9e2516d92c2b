/** `npm run release` in a small repository of its own, and what it would do in this one. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '../run_program.js';
import { ROOT } from '../workspace.js';

const SCRIPT = 'tools/release/release.js';
const folder = mkdtempSync(join(tmpdir(), 'lowformer-release-'));
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));

const write = (path: string, content: string) => writeFileSync(join(folder, path), content);
const read = (path: string) => readFileSync(join(folder, path), 'utf8');
const release = (...args: readonly string[]) => run(process.execPath, [SCRIPT, ...args], folder);

async function git(...args: readonly string[]): Promise<string> {
  const identity = ['-c', 'user.name=A', '-c', 'user.email=a@example.com'];
  const { code, stdout, stderr } = await run('git', [...identity, ...args], folder);
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  return stdout.trim();
}

async function changelog(heading: string): Promise<void> {
  write('CHANGELOG.md', `# Changelog\n\n## ${heading}\n- New things.\n\n## 0.1.0\n- The first.\n`);
  await git('commit', '--all', '--allow-empty', '--message', heading);
}

beforeAll(async () => {
  mkdirSync(join(folder, 'dist'));
  mkdirSync(join(folder, 'assets'));
  cpSync(join(ROOT, 'tools/release'), join(folder, 'tools/release'), { recursive: true });
  for (const file of ['LICENSE', 'NOTICE', 'README.md', 'dist/index.js', 'dist/index.d.ts', 'assets/a.bin'])
    write(file, '');
  const manifest = {
    name: 'released',
    type: 'module',
    version: '0.1.0',
    files: ['dist', 'assets', 'CHANGELOG.md', 'NOTICE'],
    exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' } },
    repository: { type: 'git', url: 'git+https://github.com/owner/released.git' },
    scripts: { 'test:all': 'node --eval 0' },
  };
  write('package.json', `${JSON.stringify(manifest, null, 2)}\n`);
  const lock = { name: 'released', version: '0.1.0', packages: { '': { version: '0.1.0' }, a: { version: '0.1.0' } } };
  write('package-lock.json', `${JSON.stringify(lock, null, 2)}\n`);
  write('CHANGELOG.md', '');
  await git('init', '--quiet');
  await git('config', 'user.name', 'A');
  await git('config', 'user.email', 'a@example.com');
  await git('add', '--all');
  await changelog('Unreleased');
});

test('a dry run in this repository lists the package and says what stands against a release', async () => {
  const { code, stdout } = await run(process.execPath, [SCRIPT, '--dry-run'], ROOT);
  expect(code).toBe(0);
  expect(stdout).toMatch(/MB packed\n(?:would release \d+\.\d+\.\d+: |no release would be made now:\n- )/);
});

describe.sequential('is refused', () => {
  test('while the changelog opens with no version', async () => {
    expect(await release()).toMatchObject({ code: 1, stderr: expect.stringContaining("opens with '## Unreleased'") });
  });
  test('for a version that does not follow the last one', async () => {
    await changelog('0.3.0');
    const stderr = 'after 0.1.0 comes 0.1.1, 0.2.0, 1.0.0, not 0.3.0\n';
    expect(await release()).toMatchObject({ code: 1, stderr });
  });
  test('with changes in the tree', async () => {
    await changelog('0.2.0');
    write('assets/new.bin', '');
    expect(await release()).toMatchObject({ code: 1, stderr: expect.stringContaining('the tree has changes') });
    rmSync(join(folder, 'assets/new.bin'));
  });
  test('where the links of the package page would lead elsewhere', async () => {
    await git('remote', 'add', 'origin', 'git@github.com:other/released.git');
    expect(await release()).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('origin is git@github.com:other'),
    });
    await git('remote', 'set-url', 'origin', 'git@github.com:owner/released.git');
  });
  test('with a test in the package', async () => {
    write('dist/old.js.map', '{}');
    await git('add', '--all');
    await changelog('0.2.0');
    expect(await release()).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('fault: dist/old.js.map is packed'),
    });
    rmSync(join(folder, 'dist/old.js.map'));
    await changelog('0.2.0');
  });
});

test('a version becomes a commit and a tag with its part of the changelog', async () => {
  expect((await release('--dry-run')).stdout).toContain('would release 0.2.0: commit, tag v0.2.0\n');
  expect(await git('tag', '--list')).toBe('');
  expect(await release()).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('npm publish') });
  expect(await git('tag', '--list', '--format', '%(contents)', 'v0.2.0')).toBe('0.2.0\n\n- New things.');
  expect(await git('status', '--porcelain')).toBe('');
  expect(await git('log', '-1', '--format=%s')).toBe('Version 0.2.0');
  expect(JSON.parse(read('package.json')).version).toBe('0.2.0');
  const { version, packages } = JSON.parse(read('package-lock.json'));
  expect([version, packages[''].version, packages.a.version]).toEqual(['0.2.0', '0.2.0', '0.1.0']);
  expect(await release()).toMatchObject({ code: 1, stderr: 'there is a tag v0.2.0 already\n' });
});

/** The package as real bundlers take it: the same boxes as without them, from a network in a thread of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { needs } from '../needs.js';
import { installPacked } from '../packed_package.js';
import { type Finished, run } from '../run_program.js';
import { ROOT } from '../workspace.js';
import { packagesFolder } from './tfjs_packages.js';

const found = packagesFolder('bundlers', 'next');
const project = found ?? '';
/** Built applications go where nothing of the project is beside them. */
const elsewhere = mkdtempSync(join(tmpdir(), 'lowformer-bundled-'));
afterAll(() => rmSync(elsewhere, { recursive: true, force: true, maxRetries: 3 }));

/** As docs/bundling.md has it. */
const NATIVE = ['onnxruntime-node', 'sharp', 'canvas', 'jiti'].map((name) => `--external:${name}`);
const THREAD = 'node_modules/lowformer/dist/engines/onnxruntime/onnxruntime_worker.js';
const ADDRESS = [
  '--define:import.meta.url=bundleAddress',
  "--banner:js=const bundleAddress = require('node:url').pathToFileURL(__filename).href;",
];

describe('bundled', { timeout: 400_000, ...needs('bundlers', found !== undefined) }, () => {
  let expected: unknown;

  beforeAll(async () => {
    // A describe block's hooks are skipped with it.
    cpSync(join(ROOT, 'test/fixtures/bundlers'), project, { recursive: true });
    await installPacked(join(project, 'node_modules/lowformer'), { packages: [] });
    cpSync(join(ROOT, 'assets'), join(project, 'models'), { recursive: true });
    writeFileSync(join(project, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
    expected = boxes(await run(process.execPath, ['detect.js'], project));
  }, 120_000);

  describe('by esbuild', () => {
    test.each([
      ['ESM', 'esm', 'module', [THREAD], false],
      ['CommonJS', 'cjs', 'commonjs', [THREAD, ...ADDRESS], false],
      ['ESM without the thread’s program', 'esm', 'module', [], true],
      ['CommonJS without an address of its own', 'cjs', 'commonjs', [THREAD], true],
    ])('as %s', async (name, format, type, more, inCallingThread) => {
      const folder = join(project, 'out', name.replaceAll(/\W/g, '_'));
      rmSync(folder, { recursive: true, force: true });
      const options = [
        '--bundle',
        '--platform=node',
        `--format=${format}`,
        `--outdir=${folder}`,
        '--entry-names=[name]',
      ];
      const esbuild = [join(project, 'node_modules/esbuild/bin/esbuild'), 'detect.js', ...options, ...NATIVE, ...more];
      expect(await run(process.execPath, esbuild, project)).toMatchObject({ code: 0 });
      writeFileSync(join(folder, 'package.json'), JSON.stringify({ type }));
      const finished = await run(process.execPath, [join(folder, 'detect.js')], project);
      expect(boxes(finished)).toEqual(expected);
      const warnings = finished.stderr.match(/LOWFORMER_NO_THREAD/g) ?? [];
      expect(warnings, finished.stderr).toHaveLength(inCallingThread ? 1 : 0);
      if (!inCallingThread) expect(finished.stderr).toBe('');
    });
  });

  test('by Next, for production, its standalone output in another folder', async () => {
    rmSync(join(project, '.next'), { recursive: true, force: true });
    const next = ['NEXT_TELEMETRY_DISABLED=1', process.execPath, 'node_modules/next/dist/bin/next', 'build'];
    const built = await run('env', next, project);
    expect(built, built.stdout + built.stderr).toMatchObject({ code: 0 });
    const moved = join(elsewhere, 'site');
    cpSync(join(project, '.next/standalone'), moved, { recursive: true });
    await using site = await startSite(moved);
    const picture = readFileSync(join(ROOT, 'assets/blood_cells.jpg'));
    for (let i = 0; i < 2; i++) {
      const response = await fetch(`${site.address}/detect`, { method: 'POST', body: picture });
      expect(response.status, site.said()).toBe(200);
      expect(await response.json()).toEqual(expected);
    }
    expect(site.said()).not.toContain('LOWFORMER_NO_THREAD');
  });
});

function boxes({ code, stdout, stderr }: Finished): unknown {
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  const list: unknown = JSON.parse(stdout);
  expect(Array.isArray(list) && list.length).toBeGreaterThan(5);
  return list;
}

/** The server of a standalone output; it ends with its owner. */
async function startSite(folder: string) {
  const port = await freePort();
  const env = { ...process.env, PORT: String(port), HOSTNAME: '127.0.0.1', NODE_ENV: 'production' };
  const server = spawn(process.execPath, ['server.js'], { cwd: folder, env });
  let said = '';
  for (const stream of [server.stdout, server.stderr]) stream.on('data', (piece) => (said += String(piece)));
  const address = `http://127.0.0.1:${port}`;
  for (let i = 0; ; i++) {
    const up = await fetch(address).then(
      () => true,
      () => false,
    );
    if (up) break;
    if (i === 100 || server.exitCode !== null) throw new Error(`the site does not answer: ${said}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return {
    address,
    said: () => said,
    async [Symbol.asyncDispose]() {
      server.kill();
      if (server.exitCode === null) await once(server, 'exit');
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** The image as Docker builds and runs it, where there is one. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { packageVersion } from '../../files/package_version.js';
import { needs } from '../needs.js';
import { run } from '../run_program.js';
import { ROOT } from '../workspace.js';
import { DEVICES_WANTED } from './emulators.js';

const TAG = 'lowformer-test';
/** As compose.yaml has it. */
const BOUND = ['--read-only', '--tmpfs', '/tmp', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges:true'];
const docker = (...args: readonly string[]) => run('docker', args, ROOT);
const succeeds = (timeout: number, ...args: readonly string[]) =>
  spawnSync('docker', args, { stdio: 'ignore', timeout }).status === 0;
const [, base = ''] = /^ARG NODE_VERSION=(\S+)/m.exec(readFileSync(join(ROOT, 'Dockerfile'), 'utf8')) ?? [];
/** A client alone, without the service that builds, is none; nor is one that cannot have what the image stands on. */
const hasDocker = DEVICES_WANTED && succeeds(20_000, 'info') && succeeds(150_000, 'pull', `node:${base}-bookworm-slim`);

describe('the image, built by Docker', needs('docker', hasDocker), () => {
  test('answers as a user without rights on a read-only file system', { timeout: 900_000 }, async () => {
    const built = await docker('build', '--tag', TAG, '.');
    expect(built.code, built.stderr).toBe(0);
    const version = await docker('run', '--rm', ...BOUND, TAG, '--version');
    expect(version.stdout.trim(), version.stderr).toContain(packageVersion());

    const started = await docker('run', '--detach', ...BOUND, '--publish', '127.0.0.1::8080', TAG);
    expect(started.code, started.stderr).toBe(0);
    const container = started.stdout.trim();
    try {
      const address = (await docker('port', container, '8080/tcp')).stdout.trim();
      const healthy = () =>
        fetch(`http://${address}/healthz`).then(
          ({ ok }) => ok,
          () => false,
        );
      for (let i = 0; i < 120 && !(await healthy()); i++) await setTimeout(500);
      expect(await healthy(), (await docker('logs', container)).stderr).toBe(true);
      expect((await docker('exec', container, 'id', '-u')).stdout.trim()).toBe('1000');
    } finally {
      await docker('rm', '--force', container);
    }
  });
});

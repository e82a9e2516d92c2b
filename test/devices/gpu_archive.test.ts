/** The folder that measures a graphics card: packed here, run in a root that has no Node, no network and no loader. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { type RunRecord, runSchema } from '../../benchmarks/gpu/record.js';
import { needs } from '../needs.js';
import { type Finished, run } from '../run_program.js';
import { temporaryFolder } from '../tools/command_line.js';
import { ROOT } from '../workspace.js';
import { FOLDER, graphicsEnvironment, hasGraphics } from './emulators.js';

const MOST_BYTES = 58e6;
/** What the driver in software has compiled: minutes of work, the first time. */
const SHADERS = join(FOLDER, 'shaders');
/** With processes and a network of their own: containers may forbid it. */
const NAMESPACES = ['--mount', '--net', '--pid', '--fork', '--kill-child'];
const canUnshare =
  hasGraphics && spawnSync('unshare', [...NAMESPACES, 'mount', '-t', 'proc', 'proc', '/proc']).status === 0;

describe('the archive for graphics cards', needs('bareRoot', canUnshare), () => {
  const folder = temporaryFolder();
  const root = join(folder, 'root');
  const packed = join(root, 'packed');

  beforeAll(async () => {
    mkdirSync(SHADERS, { recursive: true });
    mkdirSync(join(root, 'shaders'), { recursive: true });
    const driver = graphicsEnvironment.VK_DRIVER_FILES;
    const made = await run('env', [`DRIVER=${driver}`, 'sh', join(ROOT, 'test/devices/bare_root.sh'), root], ROOT);
    expect(made.code, made.stderr).toBe(0);
    const { code, stderr } = await run('bash', [join(ROOT, 'benchmarks/gpu/pack.sh'), packed], ROOT);
    expect(code, stderr).toBe(0);
  }, 600_000);

  /** In that root, with no network and processes of its own. */
  function bare(before: string, ...args: readonly string[]): Promise<Finished> {
    const mounts = `mount -t proc proc ${root}/proc && mount --bind /dev ${root}/dev && mount --bind ${SHADERS} ${root}/shaders`;
    const script = `${mounts} && exec env -i PATH=/usr/sbin:/usr/bin:/bin chroot ${root} /bin/sh -c '${before} exec sh /packed/run.sh "$@"' run "$@"`;
    return run('unshare', [...NAMESPACES, 'sh', '-c', script, 'sh', ...args], folder);
  }

  const recordAt = (path: string): RunRecord => runSchema.parse(JSON.parse(readFileSync(join(root, path), 'utf8')));

  test('is at most 58 MB', () => {
    const sizes = readdirSync(packed, { recursive: true, encoding: 'utf8' }).map((name) =>
      statSync(join(packed, name)),
    );
    expect(sizes.reduce((sum, { size }) => sum + size, 0)).toBeLessThan(MOST_BYTES);
  });

  test('measures on a Vulkan driver, says it in a table and leaves nothing but the results', async () => {
    const before =
      'export VK_DRIVER_FILES=/driver.json VK_ICD_FILENAMES=/driver.json; export MESA_SHADER_CACHE_DIR=/shaders; cd /tmp;';
    const { code, stdout, stderr } = await bare(before, '--short', '--minutes', '9', '--out', '/results.json');
    expect(code, stderr + stdout).toBe(0);
    const record = recordAt('results.json');
    expect(record).toMatchObject({ complete: true, short: true, vulkan: '/driver.json' });
    const told = record.steps.map(({ name, outcome, reason = '' }) => `${name}: ${outcome} ${reason}`).join('\n');
    expect(
      record.steps.filter(({ outcome }) => outcome !== 'done' && outcome !== 'not here'),
      told,
    ).toEqual([]);
    const rows = record.steps.flatMap((step) => step.rows);
    expect(rows.filter((row) => row.agrees === true).length).toBeGreaterThanOrEqual(6);
    expect(rows.filter((row) => row.agrees === false || 'reason' in row)).toEqual(
      rows.filter((row) => row.here === false),
    );
    expect(rows.filter(({ pair }) => pair === 'tiny')).not.toHaveLength(0);
    expect(stdout).toMatch(/step +outcome +seconds +rows +why/);
    expect(stdout.trimEnd().endsWith('results: /results.json')).toBe(true);
    expect(readdirSync(join(root, 'tmp')).filter((name) => name.startsWith('lowformer-gpu'))).toEqual([]);
  }, 600_000);

  test('says what is missing without a driver, in a folder that takes no files, and goes on', async () => {
    const before = 'cd /proc;';
    const { code, stderr } = await bare(before, '--short', '--minutes', '2');
    expect(code, stderr).toBe(0);
    expect(stderr).toContain('/proc takes no files: the results go to /tmp/lowformer-gpu-');
    expect(stderr).toContain('WebGPU opens with no driver of this machine:');
    const name = readdirSync(join(root, 'tmp')).find((file) => file.endsWith('.json')) ?? '';
    const record = recordAt(join('tmp', name));
    expect(record.steps.find(({ name: step }) => step.startsWith('pairs'))).toMatchObject({
      outcome: 'not here',
      reason: 'no webgpu',
    });
  });

  test.each([
    [['--minutes', 'x'], "run.sh: expected whole minutes from 1 on for --minutes but received 'x'"],
    [
      ['--out', '/proc/none.json'],
      'run.sh: expected a file that can be written for --out but received /proc/none.json',
    ],
    [['--fast'], 'run.sh: expected --short, --minutes N, --step-seconds N or --out FILE but received --fast'],
  ])('%s is one message', async (args, message) => {
    const { code, stderr } = await bare('', ...args);
    expect({ code, stderr: stderr.trim() }).toEqual({ code: 2, stderr: message });
  });
});

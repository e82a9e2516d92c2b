/** The folder that measures a graphics card: packed here, run in a root that has no Node, no network and no loader. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { DriverFaults } from '../../benchmarks/gpu/driver_faults.js';
import { type RunRecord, runSchema } from '../../benchmarks/gpu/record.js';
import { needs } from '../needs.js';
import { type Finished, run } from '../run_program.js';
import { temporaryFolder } from '../tools/command_line.js';
import { ROOT } from '../workspace.js';
import { compiledFaults } from './driver_faults.js';
import { FOLDER, graphicsEnvironment, hasGraphics } from './emulators.js';

const MOST_BYTES = 58e6;
const MEMORY = /^webgpu: expected memory for a network that runs on input .*Try a smaller batch/;
/** What the driver in software has compiled: minutes of work, the first time. */
const SHADERS = join(FOLDER, 'shaders');
/** With processes and a network of their own: containers may forbid it. */
const NAMESPACES = ['--mount', '--net', '--pid', '--fork', '--kill-child'];
/** Names the processes that carry a run's environment. */
const LEFT = 'grep -ls LOWFORMER_GPU_RUN= /proc/[0-9]*/environ';
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

  /** In that root, with no network and processes of its own: stdout ends with those that it has left behind. */
  function bare(before: string, ...args: readonly string[]): Promise<Finished> {
    return within(`mount --bind /dev ${root}/dev && mount --bind ${SHADERS} ${root}/shaders`, before, args);
  }

  function within(mounting: string, before: string, args: readonly string[]): Promise<Finished> {
    const mounts = `mount -t proc proc ${root}/proc && ${mounting}`;
    const script = `${mounts} && exec env -i PATH=/usr/sbin:/usr/bin:/bin chroot ${root} /bin/sh -c '${before} sh /packed/run.sh "$@"; code=$?; ${LEFT}; exit $code' run "$@"`;
    return run('unshare', [...NAMESPACES, 'sh', '-c', script, 'sh', ...args], folder);
  }

  /** With the driver in software, in which the layer of driver_faults.c makes calls fail. */
  function faulty(env: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<Finished> {
    const all = { ...env, VK_LAYER_PATH: '/layer', VK_DRIVER_FILES: '/driver.json', VK_ICD_FILENAMES: '/driver.json' };
    const exports = Object.entries(all).map(([name, value]) => `export ${name}=${value};`);
    return bare(`${exports.join(' ')} export MESA_SHADER_CACHE_DIR=/shaders; cd /tmp;`, '--short', ...args);
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
    expectTidy(stdout, '/results.json');
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

  describe('with a driver that fails', () => {
    let faults: DriverFaults;
    beforeAll(() => {
      mkdirSync(join(root, 'layer'));
      faults = compiledFaults(join(root, 'layer'), '/layer/driver_faults.so');
    });

    test('a step that hangs is ended in its time, the others go on, and nothing is left', async () => {
      writeFileSync(join(root, 'tmp/hang'), '');
      const env = faults.hanging('vkQueueSubmit', '/tmp/hang');
      const chosen = ['--step-seconds', '12', '--only', 'equality webgpu,lost device'];
      const { code, stdout, stderr } = await faulty(env, ...chosen, '--minutes', '2', '--out', '/hang.json');
      expect(code, stderr).toBe(0);
      const { complete, steps } = recordAt('hang.json');
      expect({ complete, steps }).toMatchObject({
        complete: true,
        steps: [
          { name: 'doctor', outcome: 'done' },
          { name: 'equality webgpu', outcome: 'out of time', reason: 'no end after 20 s; it was killed' },
          { name: 'lost device webgpu', outcome: 'done' },
        ],
      });
      expect(steps[1]?.seconds).toBeLessThan(25);
      expectTidy(stdout, '/hang.json');
    });

    test('where every call of the driver hangs, it counts as not there', async () => {
      const env = faults.hanging('vkCreateDevice');
      const { code, stdout, stderr } = await faulty(
        env,
        '--step-seconds',
        '4',
        '--minutes',
        '2',
        '--out',
        '/none.json',
      );
      expect(code, stderr).toBe(0);
      expect(stderr).toContain('/driver.json: its driver has not answered within 4 s: it hangs, or is very slow\n');
      const { steps } = recordAt('none.json');
      expect(steps.length).toBeGreaterThan(10);
      expect(new Set(steps.slice(1).map(({ outcome }) => outcome))).toEqual(new Set(['not here']));
      expectTidy(stdout, '/none.json');
    });

    test('where the card has too little memory, each network says so', async () => {
      const chosen = ['--only', 'equality webgpu,500 runs'];
      const { code, stdout, stderr } = await faulty(
        faults.small(1),
        ...chosen,
        '--minutes',
        '3',
        '--out',
        '/small.json',
      );
      expect(code, stderr).toBe(0);
      const { complete, steps } = recordAt('small.json');
      const [, equality, runs] = steps;
      expect(complete).toBe(true);
      expect(equality?.rows.map(({ network }) => network)).toEqual([
        'tiny classifier',
        'tiny detector',
        'tiny segmentor',
      ]);
      for (const row of equality?.rows ?? []) {
        expect(row).toMatchObject({ agrees: false, reason: expect.stringMatching(MEMORY) });
      }
      expect(runs).toMatchObject({ outcome: 'failed', reason: expect.stringMatching(MEMORY) });
      expectTidy(stdout, '/small.json');
    });
  });

  /** The table, where the results are, and nothing else: no process, no folder. */
  function expectTidy(stdout: string, results: string): void {
    expect(stdout.trimEnd().endsWith(`results: ${results}`), stdout).toBe(true);
    const left = readdirSync(join(root, 'tmp')).filter((name) => name.startsWith('lowformer-gpu'));
    expect(left.filter((name) => !name.endsWith('.json'))).toEqual([]);
  }

  test('names of steps that there are not are one message, with those that there are', async () => {
    const { code, stdout, stderr } = await bare('', '--only', 'euqality', '--out', '/names.json');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(
      "run.sh: expected parts of names of steps for --only but received 'euqality'. Steps are:\n  equality webgpu\n",
    );
    expect(readdirSync(root)).not.toContain('names.json');
  });

  test.each([
    [
      'none to take its temporary files',
      'mount --bind . . && mount -o remount,ro,bind .',
      'run.sh: expected a folder for temporary files: TMPDIR, /tmp, /var/tmp and /dev/shm take none, or run none',
    ],
    [
      'one that is too small',
      'mount -t tmpfs -o size=20m tmpfs tmp',
      /^run\.sh: could not unpack to \/tmp\/lowformer-gpu\.\w+: some 200 MB are needed there$/m,
    ],
  ])('of folders there is %s: that is said, and nothing is left', async (_, mounting, message) => {
    const { code, stdout, stderr } = await within(`cd ${root} && ${mounting}`, '', []);
    expect({ code, stdout }, stderr).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });

  test.each([
    [['--minutes', 'x'], "run.sh: expected whole minutes from 1 on for --minutes but received 'x'"],
    [
      ['--out', '/proc/none.json'],
      'run.sh: expected a file that can be written for --out but received /proc/none.json',
    ],
    [
      ['--fast'],
      'run.sh: expected --short, --minutes N, --step-seconds N, --only NAME or --out FILE but received --fast',
    ],
  ])('%s is one message', async (args, message) => {
    const { code, stderr } = await bare('', ...args);
    expect({ code, stderr: stderr.trim() }).toEqual({ code: 2, stderr: message });
  });
});

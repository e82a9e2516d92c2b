import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { packageVersion } from '../../files/package_version.js';
import { filesIn, folderIn, lowformer, temporaryFolder } from './command_line.js';
import { detector, drawPicture, writeModel, writePicture } from './tiny_models.js';

const cwd = temporaryFolder();

describe.concurrent('lowformer', () => {
  test('--version and --help', async () => {
    expect(await lowformer(['--version'], { cwd })).toEqual({ code: 0, stdout: `${packageVersion()}\n`, stderr: '' });
    const { code, stdout, stderr } = await lowformer(['--help'], { cwd });
    expect([code, stderr]).toEqual([0, '']);
    for (const verb of [
      'detect',
      'segment',
      'classify',
      'serve',
      'inspect',
      'forward',
      'gradients',
      'train',
      'export',
      'quantize',
      'config',
      'doctor',
      'demo',
      'evaluate',
      'score',
      'browse',
      'benchmark',
    ]) {
      expect(stdout).toMatch(new RegExp(`^ {2}${verb}\\b`, 'm'));
    }
  });

  test('without a command, says what there is', async () => {
    const { code, stdout, stderr } = await lowformer([], { cwd });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^Usage: lowformer /);
  });

  test.each([
    [['detec', 'a'], "unknown command 'detec'. Did you mean detect?"],
    [['config', 'prnt'], "unknown command 'prnt'. Did you mean print?"],
    [['inspect', 'a', '--jsn', '-'], "unknown option '--jsn'. Did you mean --json?"],
    [['inspect'], "missing required argument 'config'"],
    [['detect', 'a'], "missing required argument 'image'"],
    [['inspect', 'a', 'b'], "too many arguments for 'inspect'. Expected 1 argument but got 2."],
    [['export', 'a'], "required option '--out <file>' not specified"],
    [['inspect', 'a', '--json'], "option '--json <file>' argument missing"],
  ])('%j', async (args, message) => {
    expect(await lowformer(args, { cwd })).toEqual({ code: 2, stdout: '', stderr: `lowformer: ${message}\n` });
  });
});

describe('what a run leaves behind', () => {
  const COUNT = 150;
  const pictures = folderIn(cwd, 'pictures');
  const scratch = folderIn(cwd, 'scratch');
  const env = { TMPDIR: scratch, HOME: scratch, XDG_CACHE_HOME: scratch };

  beforeAll(async () => {
    await writeModel(cwd, 'det', detector);
    await writePicture(join(pictures, '0.png'), drawPicture(400, 300));
    for (let i = 1; i < COUNT; i++) copyFileSync(join(pictures, '0.png'), join(pictures, `${i}.png`));
  });

  test('its outputs: no temporary file, and none in which a runtime marks this machine', async () => {
    const args = ['detect', 'det.json', 'pictures/0.png', '--checkpoint', 'det.safetensors', '--out', 'one'];
    const { code, stderr } = await lowformer(args, { cwd, env });
    expect(code, stderr).toBe(0);
    expect(filesIn(join(cwd, 'one'))).toEqual(['0.png']);
    expect(filesIn(scratch)).toEqual([]);
  });

  test('interrupted by Ctrl-C: what is done is whole, nothing else is there, exit code 130', async () => {
    const args = [
      'detect',
      'det.json',
      'pictures',
      '--checkpoint',
      'det.safetensors',
      '--out',
      'out',
      '--json',
      'out.json',
    ];
    const { code, stdout, stderr } = await lowformer(args, {
      cwd,
      env,
      interrupt: { signal: 'SIGINT', at: /^\[3\//m },
    });
    expect([code, stdout], stderr).toEqual([130, '']);
    expect(stderr).toMatch(/\nlowformer: interrupted\n$/);
    const written = filesIn(join(cwd, 'out'));
    expect(written.length).toBeGreaterThanOrEqual(3);
    expect(written.length).toBeLessThan(COUNT);
    for (const name of written) expect((await sharp(join(cwd, 'out', name)).stats()).channels).toHaveLength(3);
    expect(filesIn(cwd)).not.toContain('out.json');
    expect(filesIn(scratch)).toEqual([]);
  });

  test('asked to end while it loads: no temporary file, exit code 143', async () => {
    const asset = (name: string) => fileURLToPath(new URL(`../../assets/${name}`, import.meta.url));
    const args = ['detect', asset('blood_cells.json'), 'pictures', '--checkpoint', asset('blood_cells.safetensors')];
    const { code, stdout, stderr } = await lowformer(args, {
      cwd,
      env,
      interrupt: { signal: 'SIGTERM', at: /loaded/ },
    });
    expect([code, stdout], stderr).toEqual([143, '']);
    expect(stderr).toMatch(/\nlowformer: interrupted\n$/);
    expect(filesIn(scratch)).toEqual([]);
  });
});

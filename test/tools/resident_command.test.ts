/** A call among others gives what it gives in a process of its own, and nothing of the one before shows in it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { folderIn, lowformer, temporaryFolder } from './command_line.js';
import { detector } from './tiny_models.js';

const cwd = temporaryFolder();
const below = folderIn(cwd, 'below');
writeFileSync(join(cwd, 'det.json'), JSON.stringify(detector));
writeFileSync(join(cwd, 'broken.json'), '{"model": {"type": }}');

describe('shared and alone are the same', () => {
  test.each([
    [['--version']],
    [['help', 'models']],
    [[]],
    [['inspect']],
    [['inspect', 'broken.json', '--json', '-']],
    [['inspect', 'det.json', '--json', '-']],
    [['config', 'print', 'det.json']],
  ])('%j', async (args) => {
    expect(await lowformer(args, { cwd })).toEqual(await lowformer(args, { cwd, process: 'own' }));
  });
});

test('an exit code, a folder and an environment are of one call alone', async () => {
  const read = ['inspect', 'det.json'];
  expect((await lowformer(read, { cwd: below })).code).toBe(2);
  expect((await lowformer(read, { cwd })).code).toBe(0);
  const fetching = ['inspect', 'det.json', '--checkpoint', 'http://127.0.0.1:9/a-00000000.pth'];
  const offline = await lowformer(fetching, { cwd, env: { LOWFORMER_OFFLINE: '1' } });
  expect(offline.stderr).toContain('nothing is downloaded offline');
  const online = await lowformer(fetching, { cwd, env: { LOWFORMER_OFFLINE: '0' } });
  expect(online.stderr).not.toContain('offline');
  expect([offline.code, online.code]).toEqual([2, 2]);
});

test('calls at the same time do not mix what they say', async () => {
  const calls = await Promise.all(['a', 'b', 'c'].map((name) => lowformer(['inspect', `${name}.json`], { cwd })));
  for (const [i, name] of ['a', 'b', 'c'].entries()) {
    expect(calls[i]).toMatchObject({ code: 2, stdout: '' });
    expect(calls[i]?.stderr.match(/\b[abc]\.json/g)?.every((file) => file === `${name}.json`)).toBe(true);
  }
});

test('a process that is ended in the middle is a result, and the next call has another', async () => {
  const slow = await lowformer(['inspect', 'det.json'], { cwd, most: 0.001 });
  expect(slow).toMatchObject({ code: -1, stderr: '(ended by SIGTERM)' });
  expect((await lowformer(['--version'], { cwd })).code).toBe(0);
});

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { needs } from '../../needs.js';
import { COMMAND, filesIn, folderIn, lowformer, temporaryFolder } from '../command_line.js';
import { detector, drawPicture, expectMistake, writeModel, writePicture } from '../tiny_models.js';

const cwd = temporaryFolder();
const COUNT = 100;
const evaluate = ['evaluate', 'det.json', '--checkpoint', 'det.safetensors', '--images', 'images'];
const args = (name: string) => [...evaluate, '--annotations', 'gt.json', '--predictions', `${name}.json`];
const read = (name: string) => readFileSync(join(cwd, name), 'utf8');
const named = (name: string) => filesIn(cwd).filter((file) => file.startsWith(`${name}.`));

beforeAll(async () => {
  await writeModel(cwd, 'det', detector);
  const folder = folderIn(cwd, 'images');
  const images = Array.from({ length: COUNT }, (_, i) => ({ id: i, file_name: `${i}.png`, width: 90, height: 60 }));
  for (const { id, file_name } of images) await writePicture(join(folder, file_name), drawPicture(90, 60, 2 * id));
  const categories = [7, 3, 12].map((id, i) => ({ id, name: detector.metainfo.classes[i] }));
  writeFileSync(join(cwd, 'gt.json'), JSON.stringify({ images, categories, annotations: [] }));
  const whole = await lowformer(args('whole'), { cwd });
  expect(whole.code, whole.stderr).toBe(0);
});

interface Started {
  readonly child: ChildProcess;
  end(): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }>;
}

function start(words: readonly string[]): Started {
  const child = spawn(process.execPath, [COMMAND, ...words], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (piece: Buffer) => (stdout += piece.toString()));
  child.stderr.on('data', (piece: Buffer) => (stderr += piece.toString()));
  const ended = once(child, 'close');
  return {
    child,
    async end() {
      await ended;
      return { code: child.exitCode ?? -1, stdout, stderr };
    },
  };
}

/** Starts an evaluation and stops it, as Ctrl-Z does, once a few pictures are in its journal. */
async function stopped(name: string): Promise<Started> {
  const run = start(args(name));
  const journal = join(cwd, `${name}.json.journal.jsonl`);
  while (run.child.exitCode === null) {
    if (existsSync(journal) && readFileSync(journal, 'utf8').split('\n').length > 5) break;
    await setTimeout(2);
  }
  run.child.kill('SIGSTOP');
  return run;
}

/** Does something to the files of an evaluation that is at work. */
async function meanwhile(name: string, work: () => void): Promise<{ code: number; stderr: string }> {
  const run = await stopped(name);
  work();
  run.child.kill('SIGCONT');
  return run.end();
}

describe('one journal', () => {
  test('has one run at a time: a second is refused, without advice that destroys the first; a killed one is taken over', async () => {
    const first = await stopped('shared');
    for (const more of [[], ['--resume']]) {
      const message = expectMistake(await lowformer([...args('shared'), ...more, '--quiet'], { cwd }));
      expect(message).toMatch(/^shared\.json\.journal\.jsonl: .*Process \d+ on this machine holds it since/);
      expect(message).toContain('give this run another --predictions');
      expect(message).not.toContain('--resume');
    }
    first.child.kill('SIGKILL');
    await first.end();
    expect(named('shared')).toEqual(['shared.json.journal.jsonl', 'shared.json.journal.jsonl.lock']);
    const resumed = await lowformer([...args('shared'), '--resume'], { cwd });
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(resumed.stderr).toMatch(/Process \d+, which held the lock since .* is gone: it is taken over/);
    expect(resumed.stderr).toContain('pictures are done already');
    expect(read('shared.json')).toBe(read('whole.json'));
    expect(named('shared')).toEqual(['shared.json']);
  });

  test('two started together: one is done, the other refused', async () => {
    const runs = [start(args('both')), start(args('both'))];
    const ends = await Promise.all(runs.map((run) => run.end()));
    expect(ends.map(({ code }) => code).sort()).toEqual([0, 2]);
    expect(read('both.json')).toBe(read('whole.json'));
    expect(named('both')).toEqual(['both.json']);
  });

  test('removed while it is written: a mistake, and nothing is lost', async () => {
    const { code, stderr } = await meanwhile('removed', () => rmSync(join(cwd, 'removed.json.journal.jsonl')));
    expect(code, stderr).toBe(2);
    expect(stderr).toContain('is there again, whole');
    expect(stderr).toMatch(/lowformer: removed\.json\.journal\.jsonl: .* It was removed\. Nothing is lost/);
    expect(read('removed.json')).toBe(read('whole.json'));
    expect(named('removed')).toEqual(['removed.json']);
  });

  test('replaced: likewise, and what took its place stays', async () => {
    writeFileSync(join(cwd, 'other'), 'other\n');
    const journal = join(cwd, 'replaced.json.journal.jsonl');
    const { code, stderr } = await meanwhile('replaced', () => renameSync(join(cwd, 'other'), journal));
    expect(code, stderr).toBe(2);
    expect(stderr).toContain('It was replaced. Nothing is lost');
    expect(read('replaced.json')).toBe(read('whole.json'));
    expect(named('replaced')).toEqual(['replaced.json', 'replaced.json.journal.jsonl']);
    expect(read('replaced.json.journal.jsonl')).toBe('other\n');
  });

  test('written to by something else: a mistake at once', async () => {
    const { code, stderr } = await meanwhile('cut', () => writeFileSync(join(cwd, 'cut.json.journal.jsonl'), ''));
    expect(code, stderr).toBe(2);
    // Stopped between looking and writing, it has written one line more before it looks again.
    const [, written, found] = /expected the (\d+) bytes that were written but received (\d+)/.exec(stderr) ?? [];
    expect(Number(found), stderr).toBeLessThan(Number(written));
    expect(named('cut')).toEqual(['cut.json.journal.jsonl']);
  });
});

describe('where output goes nowhere', needs('linux', process.platform === 'linux'), () => {
  test('a journal that is a device, a full stdout: one message, and what was found stays', async () => {
    symlinkSync('/dev/full', join(cwd, 'device.json.journal.jsonl'));
    expect(expectMistake(await lowformer([...args('device'), '--quiet'], { cwd }))).toContain('a file for the journal');
    const full = openSync('/dev/full', 'w');
    const child = spawn(process.execPath, [COMMAND, ...args('full')], { cwd, stdio: ['ignore', full, 'pipe'] });
    let stderr = '';
    child.stderr?.on('data', (piece: Buffer) => (stderr += piece.toString()));
    await once(child, 'close');
    closeSync(full);
    expect([child.exitCode, expectMistake({ code: 2, stdout: '', stderr })]).toEqual([
      2,
      'stdout: expected a place that can be written to. The disk is full.',
    ]);
    expect(read('full.json')).toBe(read('whole.json'));
    const again = await lowformer([...args('full'), '--resume', '--quiet'], { cwd });
    expect([again.code, again.stderr]).toEqual([0, '']);
    expect(named('full')).toEqual(['full.json']);
  });

  test('a stderr that nobody reads keeps no result from coming', async () => {
    const child = spawn(process.execPath, [COMMAND, ...args('deaf'), '--json', '-'], {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stderr.once('data', () => child.stderr.destroy());
    let stdout = '';
    child.stdout.on('data', (piece: Buffer) => (stdout += piece.toString()));
    await once(child, 'close');
    expect(child.exitCode).toBe(0);
    expect(JSON.parse(stdout)).toHaveProperty('stats.AP');
    expect(read('deaf.json')).toBe(read('whole.json'));
  });
});

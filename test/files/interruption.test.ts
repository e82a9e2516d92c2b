import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { COMMAND, filesIn, folderIn, temporaryFolder } from '../tools/command_line.js';
import { drawPicture, writePicture } from '../tools/tiny_models.js';

const cwd = temporaryFolder();
const module = new URL('../../dist/files/interruption.js', import.meta.url).href;

/** Runs until stderr says `at`, sends the signals, and waits. */
async function signalled(words: readonly string[], signals: readonly NodeJS.Signals[], at: RegExp, tmp = cwd) {
  const env = { ...process.env, TMPDIR: tmp };
  const child = spawn(process.execPath, words, { cwd, env, stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  const sent = [...signals];
  const send = () => {
    const next = sent.shift();
    if (next === undefined) return;
    child.kill(next);
    setTimeout(send, 200);
  };
  let begun = false;
  child.stderr.on('data', (piece: Buffer) => {
    stderr += piece.toString();
    if (begun || !at.test(stderr)) return;
    begun = true;
    send();
  });
  const tooLong = setTimeout(() => child.kill('SIGKILL'), 20_000);
  await once(child, 'close');
  clearTimeout(tooLong);
  return { code: child.exitCode, signal: child.signalCode, stderr };
}

describe.skipIf(process.platform === 'win32')('a signal', () => {
  beforeAll(async () => {
    writeFileSync(join(cwd, 'loop.mjs'), `process.stderr.write('round and round\\n'); for (;;) {}`);
    const pictures = folderIn(cwd, 'pictures');
    for (let i = 0; i < 40; i++) await writePicture(join(pictures, `${i}.png`), drawPicture(300, 200, i));
  });

  // Nothing is there to tidy: the system ends it.
  test.each([
    ['inspect', 'SIGINT', []],
    ['detect', 'SIGTERM', ['pictures', '--checkpoint', 'none.pth']],
  ] as const)('ends %s while a config is caught in its own code', async (verb, name, more) => {
    const { signal } = await signalled([COMMAND, verb, 'loop.mjs', ...more], [name], /round/);
    expect(signal).toBe(name);
  });

  test('a second one ends the process, whatever it is doing', async () => {
    const program = `import { interruption, listening } from '${module}';
      setInterval(() => {}, 1000);
      await listening(async () => {
        process.stderr.write('at work\\n');
        await new Promise((resolve) => interruption.signal.addEventListener('abort', () => setImmediate(resolve)));
        for (;;) {}
      });`;
    writeFileSync(join(cwd, 'program.mjs'), program);
    const { signal } = await signalled(['program.mjs'], ['SIGINT', 'SIGINT'], /at work/);
    expect(signal).toBe('SIGINT');
  });

  test('after all is done, does not make it look undone', async () => {
    const program = `import { finished } from '${module}';
      process.exitCode = 2;
      finished();
      process.stderr.write('done\\n');
      setTimeout(() => {}, 15_000);`;
    writeFileSync(join(cwd, 'done.mjs'), program);
    expect(await signalled(['done.mjs'], ['SIGINT'], /done/)).toMatchObject({ code: 2, signal: null });
  });

  test('of a closed terminal leaves no temporary folder; what a killed process left, the next one removes', async () => {
    const asset = (name: string) => fileURLToPath(new URL(`../../assets/${name}`, import.meta.url));
    const checkpoint = ['--checkpoint', asset('blood_cells.safetensors')];
    const words = [COMMAND, 'detect', asset('blood_cells.json'), 'pictures', ...checkpoint, '--json', 'found.json'];
    const scratch = join(cwd, 'scratch');
    mkdirSync(scratch);
    const killed = await signalled(words, ['SIGKILL'], /^\[2\//m, scratch);
    expect(killed.signal).toBe('SIGKILL');
    expect(readdirSync(cwd).filter((name) => name.endsWith('.tmp'))).toHaveLength(1);
    const { code, stderr } = await signalled(words, ['SIGHUP'], /^\[2\//m, scratch);
    expect([code, stderr.split('\n').at(-2)]).toEqual([129, 'lowformer: interrupted']);
    expect(filesIn(scratch)).toEqual([]);
    expect(readdirSync(cwd).filter((name) => name.includes('found.json'))).toEqual([]);
  });
});

import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'engine-processes-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a program of `processes/` with a temporary folder of its own. */
function run(program: string, ...args: string[]) {
  const file = fileURLToPath(new URL(`./processes/${program}.ts`, import.meta.url));
  return new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) => {
    const options = { timeout: 30_000, env: { ...process.env, TMPDIR: folder, TEMP: folder } };
    const argv = ['--import', import.meta.resolve('jiti/register'), file, ...args];
    execFile(process.execPath, argv, options, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : (error.code ?? error.signal), stdout, stderr }),
    );
  });
}

/** What engines left behind; the loader of the sources keeps a cache of its own there. */
function left(): string[] {
  return readdirSync(folder).filter((name) => name.startsWith('lowformer-'));
}

describe('a process with an undisposed engine', () => {
  it('ends by itself', async () => {
    expect(await run('undisposed')).toEqual({ code: 0, stdout: 'done\n', stderr: '' });
  });

  it('may exit while a network runs', async () => {
    expect(await run('undisposed', 'exit')).toEqual({ code: 7, stdout: 'done\n', stderr: '' });
  });

  it('leaves no file behind when it exits while a model loads', async () => {
    expect(await run('undisposed', 'throw')).toEqual({ code: 8, stdout: 'done\n', stderr: '' });
    expect(left()).toEqual([]);
  });
});

describe('loading', () => {
  it('holds less than three times the weights in memory', async () => {
    const { stdout, stderr } = await run('load_memory');
    expect(stderr).toBe('');
    const { multiple } = JSON.parse(stdout);
    expect(multiple).toBeGreaterThan(0.5);
    expect(multiple).toBeLessThan(3);
    expect(left()).toEqual([]);
  });
});

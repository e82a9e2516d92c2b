import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { needs } from '../../needs.js';

/** What it ended with, and what it said. */
function ended(program: string): Promise<{ readonly by: unknown; readonly stderr: string }> {
  const file = fileURLToPath(new URL(`./processes/${program}.ts`, import.meta.url));
  const child = spawn(process.execPath, ['--import', import.meta.resolve('jiti/register'), file]);
  let stderr = '';
  child.stderr.on('data', (piece) => {
    stderr += String(piece);
  });
  return new Promise((resolve) => {
    child.once('close', (code, signal) => resolve({ by: signal ?? code, stderr }));
  });
}

it(
  'a process whose thread never comes back from native code says so, and ends',
  needs('notWindows', process.platform !== 'win32'),
  async () => {
    expect(await ended('never_idle')).toEqual({
      by: 'SIGKILL',
      stderr: [
        'lowformer: waiting for what still runs in native code, 1 s at most\n',
        'lowformer: native code has not returned within 1 s, as where a driver hangs: the process is killed\n',
      ].join(''),
    });
  },
);

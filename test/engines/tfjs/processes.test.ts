import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { run } from '../../run_program.js';
import { ROOT } from '../../workspace.js';

/** The output is the program's own: TensorFlow.js and its libraries greet and warn on the console otherwise. */
describe('a process with an undisposed engine', () => {
  const program = fileURLToPath(new URL('./undisposed.ts', import.meta.url));
  const start = (...args: readonly string[]) =>
    run(process.execPath, ['--import', import.meta.resolve('jiti/register'), program, ...args], ROOT);

  it('ends by itself', async () => {
    expect(await start()).toEqual({ code: 0, stdout: 'done\n', stderr: '' });
  });

  it('may exit while a network runs', async () => {
    expect(await start('exit')).toEqual({ code: 7, stdout: 'done\n', stderr: '' });
  });
});

/** Programs of a line in the place of a worker. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { guard } from '../../queue/guard.js';
import { needs } from '../needs.js';
import { temporaryFolder } from '../tools/command_line.js';

const folder = temporaryFolder();
const abort = new AbortController();

/** Appends a letter to a file each time it starts. */
function program(name: string, code: string) {
  const file = join(folder, `${name}.mjs`);
  const starts = join(folder, `${name}.starts`);
  const text = `import { appendFileSync, readFileSync } from 'node:fs';
appendFileSync(${JSON.stringify(starts)}, 'x');
const starts = readFileSync(${JSON.stringify(starts)}, 'utf8').length;
${code}`;
  writeFileSync(file, text);
  return { file, starts: () => readFileSync(starts, 'utf8').length };
}

function run(file: string, args: readonly string[] = [], signal = abort.signal) {
  const told: string[] = [];
  const code = guard({ program: file, args, signal, log: { warn: (line) => void told.push(line) } });
  return { code, told };
}

const signals = needs('notWindows', process.platform !== 'win32');

test('an exit code is passed on, and the arguments are those of the first', async () => {
  const { file, starts } = program('codes', 'process.exitCode = Number(process.argv[2]);');
  expect(await run(file, ['0']).code).toBe(0);
  expect(await run(file, ['2']).code).toBe(2);
  expect(starts()).toBe(2);
});

test('a process that was ended has a successor', signals, async () => {
  const { file, starts } = program('ended', "if (starts < 2) process.kill(process.pid, 'SIGKILL');");
  const { code, told } = run(file);
  expect(await code).toBe(0);
  expect(starts()).toBe(2);
  expect(told).toEqual([
    expect.stringMatching(/^process \d+ of this worker was ended by SIGKILL: another takes its place$/),
  ]);
});

test('it ends when its guard is told to, after what is at hand', async () => {
  const { file } = program('stopped', "process.on('message', (m) => { if (m === 'stop') process.exit(7); });");
  const controller = new AbortController();
  const { code } = run(file, [], controller.signal);
  setTimeout(() => controller.abort(), 300);
  expect(await code).toBe(7);
});

// Runs commands of a shell at the same time: node tools/side_by_side.js 'npm run lint' 'npm run types' [-- 'vitest run']
// What each of them writes comes in one piece, when it ends. A command after `--`, which takes all further arguments, writes as it goes; what those beside it write
// comes after it, and only where they failed. All run to their end, so that one run tells everything that is wrong; then the last line
// names those that failed, and the exit code is 1.
import { spawn } from 'node:child_process';

const given = process.argv.slice(2);
const bar = given.indexOf('--');
const [beside, [command, ...rest]] = bar < 0 ? [given, []] : [given.slice(0, bar), given.slice(bar + 1)];
const foremost = command && [command, ...rest.map((word) => JSON.stringify(word))].join(' ');

const results = beside.map((command) => run(command, 'pipe'));
const last = foremost === undefined ? undefined : await run(foremost, 'inherit');
const ended = await Promise.all(results.map(tell));
const failed = [...ended, ...(last === undefined ? [] : [last])].filter(({ failure }) => failure !== undefined);
if (failed.length > 0) {
  console.error(`Failed: ${failed.map(({ failure }) => failure).join(', ')}`);
  process.exitCode = 1;
}

async function tell(running) {
  const result = await running;
  if (foremost === undefined || result.failure !== undefined) process.stdout.write(result.written);
  return result;
}

/** `failure` is what is said where it failed. */
function run(command, output) {
  return new Promise((resolve) => {
    const child = spawn(command, { shell: true, stdio: ['ignore', output, output] });
    const pieces = [];
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (piece) => pieces.push(piece));
    const end = (reason) => resolve({ written: Buffer.concat(pieces), failure: reason && `${command} (${reason})` });
    child.on('error', (error) => end(error.message));
    child.on('close', (code, signal) => end(code === 0 ? undefined : (signal ?? `exit code ${code}`)));
  });
}

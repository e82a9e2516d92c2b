// Runs commands of a shell at the same time: node tools/side_by_side.js 'npm run lint' 'npm run types'
// What each of them writes comes in one piece, when it ends. All run to their end, so that one run tells everything that is wrong; then
// the last line names those that failed, and the exit code is 1.
import { spawn } from 'node:child_process';

const failed = (await Promise.all(process.argv.slice(2).map(run))).filter((failure) => failure !== undefined);
if (failed.length > 0) {
  console.error(`Failed: ${failed.join(', ')}`);
  process.exitCode = 1;
}

/** What is said where it failed. */
function run(command) {
  return new Promise((resolve) => {
    const child = spawn(command, { shell: true, stdio: ['ignore', 'pipe', 'pipe'] });
    const pieces = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece) => pieces.push(piece));
    child.on('error', (error) => resolve(`${command} (${error.message})`));
    child.on('close', (code, signal) => {
      process.stdout.write(Buffer.concat(pieces));
      resolve(code === 0 ? undefined : `${command} (${signal ?? `exit code ${code}`})`);
    });
  });
}

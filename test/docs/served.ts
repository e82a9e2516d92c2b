/** Servers as a document starts them: in the background, on free ports, until the test is over. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { COMMAND } from '../tools/command_line.js';

export interface RunningServer extends AsyncDisposable {
  /** As it is shown. */
  readonly command: string;
  readonly pid: number;
  /** What it listens on, called by this machine's own name: `http://127.0.0.1:41234`. */
  readonly address: string;
}

/** Of a shell: `npx lowformer …` in its place, so that its signals are the server's. */
const SCRIPT = 'node=$1; program=$2; npx() { shift; exec "$node" "$program" "$@" --port 0 --quiet; }\n';

/** Waits until it tells its address. @throws where it ends before. */
export async function startServer(command: string, cwd: string): Promise<RunningServer> {
  const child = spawn('sh', ['-c', SCRIPT + command, 'sh', process.execPath, COMMAND], { cwd });
  const stderr = text(child.stderr);
  const ended = once(child, 'exit').then(async ([code]) => `${command}: ended with ${code}: ${await stderr}`);
  const told = once(createInterface(child.stdout), 'line').then(([line]) => ({ address: new URL(String(line)) }));
  const started = await Promise.race([told, ended]);
  if (typeof started === 'string') throw new Error(started);
  const { protocol, port } = started.address;
  return {
    command,
    pid: child.pid ?? 0,
    address: `${protocol}//127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

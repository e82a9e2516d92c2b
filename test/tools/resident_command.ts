/** Calls of the built command that share a process: most of a small call is Node's start and reading the toolkit. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { CommandResult } from './command_line.js';

const PROGRAM = fileURLToPath(new URL('./resident_program.js', import.meta.url));

export interface ResidentCall {
  readonly args: readonly string[];
  readonly cwd: string;
  /** All of it. */
  readonly env: NodeJS.ProcessEnv;
  /** Seconds after which the process is ended. */
  readonly most: number;
}

let resident: ChildProcess | undefined;
let last: Promise<unknown> = Promise.resolve();

/** What a process of its own would have written and ended with. Calls wait for one another. */
export function callResident(call: ResidentCall): Promise<CommandResult> {
  const result = last.then(() => answered(call));
  last = result;
  return result;
}

function answered({ args, cwd, env, most }: ResidentCall): Promise<CommandResult> {
  resident ??= startResident();
  const child = resident;
  // No text of a command: it tells where in what the process writes the call's own ends, libraries' words included.
  const mark = `\0${randomUUID()}\0`;
  const [stdout, stderr] = [collect(child.stdout, mark), collect(child.stderr, mark)];
  return new Promise((resolve) => {
    const timer = setTimeout(() => child.kill(), most * 1000);
    const finish = (code: number, reason = '') => {
      clearTimeout(timer);
      child.off('message', onMessage).off('close', onClose);
      resolve({ code, stdout: stdout.text(), stderr: stderr.text() + reason });
    };
    const onMessage = async ({ code }: { readonly code: number }) => {
      await Promise.all([stdout.marked, stderr.marked]);
      finish(code);
    };
    const onClose = (code: number | null, signal: NodeJS.Signals | null) =>
      code === null ? finish(-1, `(ended by ${signal})`) : finish(code);
    child.on('message', onMessage).on('close', onClose);
    child.send({ args, cwd, env, mark });
  });
}

function startResident(): ChildProcess {
  const child = spawn(process.execPath, [PROGRAM], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  child.on('exit', () => {
    resident = undefined;
  });
  return child;
}

/** What comes until the mark, which is no part of it, or until the end. */
function collect(stream: Readable | null, mark: string) {
  let bytes = Buffer.alloc(0);
  const marked = new Promise<void>((resolve) => {
    const onData = (piece: Buffer) => {
      bytes = Buffer.concat([bytes, piece]);
      if (!bytes.subarray(-mark.length).equals(Buffer.from(mark))) return;
      bytes = bytes.subarray(0, -mark.length);
      stream?.off('data', onData);
      resolve();
    };
    stream?.on('data', onData);
  });
  return { marked, text: () => bytes.toString() };
}

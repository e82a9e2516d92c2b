/** Commands that meet at a Redis: each test has a server of its own, so that many go on at once. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { afterAll, expect } from 'vitest';
import { COMMAND, type CommandResult, folderIn } from '../tools/command_line.js';
import { PROGRAM, type RedisServer, startedServer } from './redis_server.js';

const children = new Set<ChildProcess>();
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
});

export interface Started {
  readonly child: ChildProcess;
  readonly stderr: () => string;
  /** Once `text` is in stderr. */
  until(text: string | RegExp): Promise<void>;
  /** The exit code. */
  end(): Promise<number>;
  whole(): Promise<CommandResult>;
}

interface Where {
  readonly cwd: string;
  /** Another installation's command. */
  readonly command?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export function start(args: readonly string[], { cwd, env = {}, command = COMMAND }: Where): Started {
  const child = spawn(process.execPath, [command, ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.add(child);
  const texts = { stdout: '', stderr: '' };
  child.stdout.on('data', (piece: Buffer) => (texts.stdout += piece.toString()));
  child.stderr.on('data', (piece: Buffer) => (texts.stderr += piece.toString()));
  const ended = once(child, 'close').then(() => children.delete(child));
  const end = async () => {
    await ended;
    return child.exitCode ?? -1;
  };
  return {
    child,
    stderr: () => texts.stderr,
    async until(wanted) {
      while (child.exitCode === null && texts.stderr.match(wanted) === null) await setTimeout(5);
      expect(texts.stderr).toMatch(wanted);
    },
    end,
    whole: async () => ({ code: await end(), ...texts }),
  };
}

export interface OwnRedis extends AsyncDisposable {
  readonly server: RedisServer;
  readonly address: string;
  worker(args?: readonly string[], env?: Readonly<Record<string, string>>): Started;
}

/** @param name of its folder in `cwd`, where workers are started. @param program Redis, or another like it. */
export async function ownRedis(cwd: string, name: string, program = PROGRAM): Promise<OwnRedis> {
  const options = ['--appendonly', 'yes', '--appendfsync', 'always'];
  const server = await startedServer(program, folderIn(cwd, `redis.${name}`), options);
  const { address } = server;
  return {
    server,
    address,
    worker: (args = [], env = {}) => start(['worker', '--queue', address, '--sessions', '1', ...args], { cwd, env }),
    [Symbol.asyncDispose]: () => server.kill(),
  };
}

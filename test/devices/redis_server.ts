/** A Redis of a test's own, which can be killed and started again, and a network to it that can be cut. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { DEVICES_WANTED, FOLDER } from './emulators.js';

export const PROGRAM = '/usr/bin/redis-server';
export const hasRedis = DEVICES_WANTED && existsSync(PROGRAM);

/** What `valkey.sh` brings. */
export const VALKEY = join(FOLDER, 'valkey', 'valkey-server');
export const hasValkey = DEVICES_WANTED && existsSync(VALKEY);

export interface RedisServer extends AsyncDisposable {
  readonly port: number;
  readonly address: string;
  start(): Promise<void>;
  /** As with -9. */
  kill(): Promise<void>;
}

/** @param options of the program. @param folder for its append-only file. */
export function redisServer(folder: string, ...options: readonly string[]): Promise<RedisServer> {
  return startedServer(PROGRAM, folder, options);
}

/** @param program Redis, or another that speaks its protocol. */
export async function startedServer(program: string, folder: string, options: readonly string[]): Promise<RedisServer> {
  const port = await freePort();
  let child: ChildProcess | undefined;
  const server: RedisServer = {
    port,
    address: `redis://127.0.0.1:${port}`,
    async start() {
      child = spawn(program, ['--port', `${port}`, '--dir', folder, '--save', '', ...options], { stdio: 'ignore' });
      while (!(await answers(port))) await setTimeout(20);
    },
    async kill() {
      if (child === undefined || child.exitCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
      child = undefined;
    },
    [Symbol.asyncDispose]: () => server.kill(),
  };
  await server.start();
  return server;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => socket.end(() => resolve(true)));
    socket.once('error', () => resolve(false));
  });
}

export interface Network extends AsyncDisposable {
  readonly address: string;
  /** Nothing comes through, in either direction, and nobody is told. */
  cut(): void;
  mend(): void;
}

/** A way to a port that can be cut. */
export async function network(port: number): Promise<Network> {
  const sockets = new Set<Socket>();
  let open = true;
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      if (!open) socket.pause();
      socket.on('data', (piece) => other.write(piece));
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const own = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    address: `redis://127.0.0.1:${own}`,
    cut() {
      open = false;
      for (const socket of sockets) socket.pause();
    },
    mend() {
      open = true;
      for (const socket of sockets) socket.resume();
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

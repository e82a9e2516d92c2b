/** `lowformer serve` as a process of its own, for measuring it from outside. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { packageRoot } from '../files/package_version.js';

export interface Served extends AsyncDisposable {
  /** `http://127.0.0.1:PORT` */
  readonly address: string;
  readonly port: number;
  /** Resident memory now, in MB; undefined where there is no /proc. */
  memory(): number | undefined;
}

/** The built command with a model, on a free port. Disposing of it ends it, and fails where it does not end well. */
export async function serveModel(config: string, checkpoint: string): Promise<Served> {
  const program = fileURLToPath(new URL('dist/tools/lowformer.js', packageRoot()));
  const args = ['serve', `model=${config}`, '--checkpoint', checkpoint, '--port', '0', '--quiet'];
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const [line] = await Promise.race([
    once(createInterface(child.stdout), 'line'),
    ended.then(([code]) => Promise.reject(new Error(`serve ended with ${code}`))),
  ]);
  const address = String(line);
  return {
    address,
    port: Number(new URL(address).port),
    memory() {
      try {
        const [, kilobytes] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8')) ?? [];
        return kilobytes === undefined ? undefined : Number(kilobytes) / 1000;
      } catch {
        return undefined;
      }
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      const [code] = await ended;
      if (code !== 0) throw new Error(`serve ended with ${code}`);
    },
  };
}

/** Devices tried in processes of their own, with an end in time: a driver that hangs or crashes costs its device alone. */
import type { ChildProcess } from 'node:child_process';
import { LowformerError } from '../../core/errors.js';
import type { DeviceState } from '../define_engine.js';
import type { ProbeMessage } from './try_devices.js';

export interface Probing {
  /** A process that sends `ProbeMessage`s; undefined, or one that sends none, where none can be started. */
  readonly start: (skipped: readonly string[]) => ChildProcess | undefined;
  /** The same in this process, without an end in time. */
  readonly here: (skipped: readonly string[], tell: (message: ProbeMessage) => void) => Promise<void>;
  /** Seconds that a device may take. */
  readonly patience: number;
}

export interface TriedDevices {
  readonly version: string;
  readonly devices: readonly DeviceState[];
}

/**
 * @throws {LowformerError} `missing-package`, and what else the runtime cannot be loaded for; `engine-failure` where it hangs, or
 *   ends its process, before a device is tried.
 */
export async function probeDevices({ start, here, patience }: Probing): Promise<TriedDevices> {
  const devices: DeviceState[] = [];
  for (;;) {
    const skipped = devices.map(({ name }) => name);
    const messages: ProbeMessage[] = [];
    const child = start(skipped);
    const end = child === undefined ? undefined : await watch(child, patience, (message) => messages.push(message));
    if (child === undefined || (messages.length === 0 && end?.kind === 'ended')) {
      await here(skipped, (message) => messages.push(message));
    }
    devices.push(...messages.flatMap((message) => (message.kind === 'tried' ? [message.state] : [])));
    const last = messages.at(-1);
    if (last?.kind === 'done') return { version: last.version, devices };
    if (last?.kind === 'failure') throw new LowformerError(last.failure);
    const late = end?.kind === 'late';
    const how = late
      ? `not answered within ${patience} s`
      : `ended the process that tried it (${end?.how}): ${end?.said}`;
    if (last?.kind !== 'trying') {
      const expected = 'the process that tries the devices to answer';
      const hint = late ? `It has ${how}` : `A driver may have ${how}`;
      throw new LowformerError({ code: 'engine-failure', where: 'devices', expected, hint });
    }
    const reason = `its driver has ${how}${late ? ': it hangs, or is very slow' : ''}`;
    devices.push({ name: last.name, available: false, reason });
  }
}

interface End {
  /** `ended` without a signal, `killed` by one that was not ours, `late` where it was ended here. */
  readonly kind: 'ended' | 'killed' | 'late';
  readonly how: string;
  /** The last that it wrote to stderr. */
  readonly said: string;
}

/** Until the process has ended, or nothing has come from it for `patience` seconds. */
function watch(child: ChildProcess, patience: number, tell: (message: ProbeMessage) => void): Promise<End> {
  let said = '';
  child.stderr?.on('data', (piece) => {
    said = (said + String(piece)).slice(-2000);
  });
  return new Promise((resolve) => {
    const end = (kind: End['kind'], how: string) => {
      clearTimeout(timer);
      resolve({ kind, how, said: said.trim().split('\n').at(-1) ?? '' });
    };
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      // A process that a driver holds may outlive even that: nobody waits for it.
      child.unref();
      child.channel?.unref();
      end('late', '');
    }, 1000 * patience);
    child.on('message', (message: ProbeMessage) => {
      timer.refresh();
      tell(message);
    });
    child.once('error', ({ message }) => end('ended', message));
    child.once('close', (code, signal) => end(signal === null ? 'ended' : 'killed', signal ?? `exit code ${code}`));
  });
}

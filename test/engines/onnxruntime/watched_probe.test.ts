/** Drivers that hang or crash while devices are tried, by a program that does so. */
import { type ChildProcess, fork } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { probeDevices } from '../../../engines/onnxruntime/watched_probe.js';

const PROGRAM = new URL('./processes/hanging_probe.js', import.meta.url);

async function probed(fault: string, patience: number) {
  const started: ChildProcess[] = [];
  const probing = {
    start(skipped: readonly string[]) {
      const child = fork(PROGRAM, [fault, ...skipped], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
      started.push(child);
      return child;
    },
    here: () => Promise.reject(new Error('expected it to be tried in a process')),
    patience,
  };
  try {
    return (await probeDevices(probing)).devices;
  } finally {
    for (const child of started) {
      if (child.exitCode === null && child.signalCode === null) {
        await new Promise((resolve) => child.once('close', resolve));
      }
    }
  }
}

const there = (name: string) => ({ name, available: true });
const not = (name: string, reason: string) => ({ name, available: false, reason });

describe('devices that are tried', () => {
  it('are all there where none fails', async () => {
    expect(await probed('nothing', 30)).toEqual([there('one'), there('two'), there('three')]);
  });

  it('are given up when they have not answered in time, and the others are tried', async () => {
    const reason = 'its driver has not answered within 3 s: it hangs, or is very slow';
    expect(await probed('hangs', 3)).toEqual([there('one'), not('two', reason), there('three')]);
  });

  it('may crash', async () => {
    const reason = 'its driver has ended the process that tried it (SIGSEGV): ';
    expect(await probed('crashes', 30)).toEqual([there('one'), not('two', reason), there('three')]);
  });

  it('are an error where the runtime itself does not answer', async () => {
    await expect(probed('silent', 0.5)).rejects.toThrow(
      'devices: expected the process that tries the devices to answer. It has not answered within 0.5 s',
    );
  });
});

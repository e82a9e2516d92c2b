import { type ChildProcess, fork } from 'node:child_process';
import type { DeviceState } from '../define_engine.js';
import { ownProgram } from '../thread/own_program.js';
import { type ThreadLimit, threadLimit } from '../thread/threads.js';
import { DEVICE_NAMES, type DeviceName, deviceNeeds } from './device_guide.js';
import { tryDevices } from './try_devices.js';
import { probeDevices } from './watched_probe.js';

/** What this machine offers to a network. */
export interface Devices {
  /** The version of onnxruntime-node. */
  readonly onnxruntime: string;
  /** `linux x64`, as Node calls them. */
  readonly platform: string;
  /**
   * Every device that a build of the runtime knows for some machine. Those of this machine's build were tried on a network
   * of one operation.
   */
  readonly devices: readonly DeviceState[];
  /** How many threads an engine takes unless told otherwise. */
  readonly threads: ThreadLimit;
}

/** Seconds that a device may take, unless told otherwise: libraries of gigabytes are read from a slow disk in less. */
const PATIENCE = 30;

/**
 * Tries each device, in a process of its own: the drivers of graphics devices write warnings to stderr that concern
 * nobody who does not use them, and one that crashes or hangs costs its own device alone.
 * @param options `patience`: seconds after which a device that has not answered counts as not there; 30 unless told otherwise.
 * @throws {LowformerError} `missing-package`; `engine-failure` where that process ends, or does not answer, before a device is tried.
 */
export async function inspectDevices({ patience = PATIENCE }: { readonly patience?: number } = {}): Promise<Devices> {
  const tried = await probeDevices({ start: started, here: tryDevices, patience });
  const { platform, arch } = process;
  const devices = DEVICE_NAMES.map((name) => advised(name, tried.devices));
  return { onnxruntime: tried.version, platform: `${platform} ${arch}`, devices, threads: threadLimit() };
}

/** undefined where no process can be started, as in an emulator or a sandbox. */
function started(skipped: readonly string[]): ChildProcess | undefined {
  try {
    const { program, execArgv = process.execArgv } = ownProgram(new URL('./device_probe.js', import.meta.url));
    return fork(program, skipped, { execArgv, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  } catch {
    return undefined;
  }
}

function advised(name: DeviceName, tried: readonly DeviceState[]): DeviceState {
  const state = tried.find((device) => device.name === name);
  if (state?.available === true) return state;
  const reason = state?.reason ?? `the runtime for ${process.platform} ${process.arch} is built without it`;
  return { name, available: false, reason, needs: deviceNeeds(name, process) };
}

import { type ChildProcess, fork } from 'node:child_process';
import { LowformerError } from '../../core/errors.js';
import type { DeviceState } from '../define_engine.js';
import { ownProgram } from '../thread/own_program.js';
import { type ThreadLimit, threadLimit } from '../thread/threads.js';
import { DEVICE_NAMES, type DeviceName, deviceNeeds } from './device_guide.js';
import { type TriedDevices, tryDevices } from './try_devices.js';

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

/**
 * Tries each device, in a process of its own: the drivers of graphics devices write warnings to stderr that concern
 * nobody who does not use them, and one that crashes takes nothing else with it.
 * @throws {LowformerError} `missing-package`; `engine-failure` where a driver has ended that process.
 */
export async function inspectDevices(): Promise<Devices> {
  const reply = await probe();
  if (reply.failure !== undefined) throw new LowformerError(reply.failure);
  const { platform, arch } = process;
  const devices = DEVICE_NAMES.map((name) => advised(name, reply.devices));
  return { onnxruntime: reply.version, platform: `${platform} ${arch}`, devices, threads: threadLimit() };
}

/** Of a process of its own; in this one where none can be started, as in an emulator or a sandbox. */
async function probe(): Promise<TriedDevices> {
  const child = started();
  if (child === undefined) return tryDevices();
  let said = '';
  child.stderr?.on('data', (piece) => {
    said = (said + String(piece)).slice(-2000);
  });
  const answer = await new Promise<TriedDevices | undefined>((resolve, reject) => {
    child.once('message', (reply: TriedDevices) => resolve(reply));
    child.once('error', () => resolve(undefined));
    child.once('close', (_, signal) => {
      if (signal === null) return resolve(undefined);
      const expected = 'the process that tries the devices to answer';
      const hint = `A driver may have ended it (${signal}): ${said.trim()}`;
      reject(new LowformerError({ code: 'engine-failure', where: 'devices', expected, hint }));
    });
  });
  return answer ?? tryDevices();
}

function started(): ChildProcess | undefined {
  try {
    const { program, execArgv = process.execArgv } = ownProgram(new URL('./device_probe.js', import.meta.url));
    return fork(program, [], { execArgv, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
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

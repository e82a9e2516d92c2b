import { DEVICE_NAMES, type DeviceName, deviceNeeds } from './device_guide.js';
import type { DeviceState } from './onnxruntime_protocol.js';
import { ask, startOnnxruntimeThread } from './onnxruntime_thread.js';
import { type ThreadLimit, threadLimit } from './threads.js';

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
 * Tries each device. The driver of a graphics device may write a warning of its own to stderr.
 * @throws {LowformerError} `missing-package`.
 */
export async function inspectDevices(): Promise<Devices> {
  const calls = startOnnxruntimeThread();
  try {
    const { version, devices } = await ask(
      'described',
      calls.call(() => ({ request: { kind: 'describe' } })),
    );
    const { platform, arch } = process;
    const states = DEVICE_NAMES.map((name) => advised(name, devices));
    return { onnxruntime: version, platform: `${platform} ${arch}`, devices: states, threads: threadLimit() };
  } finally {
    await calls.close({ kind: 'release' });
  }
}

function advised(name: DeviceName, tried: readonly DeviceState[]): DeviceState {
  const state = tried.find((device) => device.name === name);
  if (state?.available === true) return state;
  const reason = state?.reason ?? `the runtime for ${process.platform} ${process.arch} is built without it`;
  return { name, available: false, reason, needs: deviceNeeds(name, process) };
}

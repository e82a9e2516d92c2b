import type { DeviceState } from './onnxruntime_protocol.js';
import { ask, startOnnxruntimeThread } from './onnxruntime_thread.js';
import { type ThreadLimit, threadLimit } from './threads.js';

/** What this machine offers to a network. */
export interface Devices {
  /** The version of onnxruntime-node. */
  readonly onnxruntime: string;
  /** `linux x64`, as Node calls them. */
  readonly platform: string;
  /** Every device that this build of the runtime knows, each tried on a network of one operation. */
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
    return { onnxruntime: version, platform: `${process.platform} ${process.arch}`, devices, threads: threadLimit() };
  } finally {
    await calls.close({ kind: 'release' });
  }
}

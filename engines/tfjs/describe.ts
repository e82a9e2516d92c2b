import { LowformerError } from '../../core/errors.js';
import { answerOfKind } from '../thread/answers.js';
import { TFJS_DEVICES } from './backends.js';
import { startTfjsThread } from './thread.js';

/** A device of the engine tfjs: with the backend that serves it, or why there is none. */
export interface TfjsDeviceState {
  readonly name: string;
  readonly available: boolean;
  /** `tfjs-node`, `wasm`, `webgpu`. */
  readonly backend?: string;
  readonly reason?: string;
}

export interface TfjsDescription {
  /** The version of TensorFlow.js. */
  readonly version: string;
  readonly devices: readonly TfjsDeviceState[];
}

/** Tries each device, in a thread of its own that ends with the answer. */
export async function inspectTfjs(): Promise<TfjsDescription> {
  const opened = await Promise.all(TFJS_DEVICES.map(inspectDevice));
  return {
    version: opened.find(({ version }) => version !== undefined)?.version ?? '',
    devices: opened.map(({ state }) => state),
  };
}

async function inspectDevice(name: string): Promise<{ readonly state: TfjsDeviceState; readonly version?: string }> {
  const calls = startTfjsThread();
  try {
    const opening = calls.call(() => ({ request: { kind: 'open', device: name } }));
    const { backend, version } = await answerOfKind('tfjs', 'opened', opening);
    return { state: { name, available: true, backend }, version };
  } catch (error) {
    if (!(error instanceof LowformerError)) throw error;
    const { expected, hint = '' } = error.parts;
    return { state: { name, available: false, reason: `needs ${expected}. ${hint}` } };
  } finally {
    await calls.close({ kind: 'release' });
  }
}

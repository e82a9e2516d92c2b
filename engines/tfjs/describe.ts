import { LowformerError } from '../../core/errors.js';
import type { DeviceState, EngineDescription } from '../define_engine.js';
import { answerOfKind } from '../thread/answers.js';
import { TFJS_DEVICES } from './definition.js';
import { startTfjsThread } from './thread.js';

/** Tries each device, in a thread of its own that ends with the answer. */
export async function inspectTfjs(): Promise<EngineDescription> {
  const opened = await Promise.all(TFJS_DEVICES.map(inspectDevice));
  return {
    version: opened.find(({ version }) => version !== undefined)?.version ?? '',
    devices: opened.map(({ state }) => state),
  };
}

async function inspectDevice(name: string): Promise<{ readonly state: DeviceState; readonly version?: string }> {
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

import { type ErrorParts, LowformerError } from '../../core/errors.js';
import type { DeviceState } from '../define_engine.js';
import { ask, startOnnxruntimeThread } from './thread.js';

/** What is told while the devices of this machine's build are tried, in a form that processes can send one another. */
export type ProbeMessage =
  | { readonly kind: 'trying'; readonly name: string }
  | { readonly kind: 'tried'; readonly state: DeviceState }
  | { readonly kind: 'failure'; readonly failure: Pick<ErrorParts, 'code' | 'where' | 'expected' | 'hint'> }
  | { readonly kind: 'done'; readonly version: string };

/**
 * Tries one device after the other on a network of one operation, in a thread: drivers may write to this process's stderr.
 * `failure` or `done` comes last.
 * @param skipped devices that are not tried.
 */
export async function tryDevices(skipped: readonly string[], tell: (message: ProbeMessage) => void): Promise<void> {
  const calls = startOnnxruntimeThread();
  try {
    const { version, devices } = await ask(
      'described',
      calls.call(() => ({ request: { kind: 'describe' } })),
    );
    for (const name of devices.filter((device) => !skipped.includes(device))) {
      tell({ kind: 'trying', name });
      const { state } = await ask(
        'tried',
        calls.call(() => ({ request: { kind: 'try', device: name } })),
      );
      tell({ kind: 'tried', state });
    }
    tell({ kind: 'done', version });
  } catch (error) {
    if (!(error instanceof LowformerError)) throw error;
    const { code, where, expected, hint } = error.parts;
    tell({ kind: 'failure', failure: { code, where, expected, ...(hint === undefined ? {} : { hint }) } });
  } finally {
    await calls.close({ kind: 'release' });
  }
}

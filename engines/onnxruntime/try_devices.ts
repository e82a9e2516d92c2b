import { type ErrorParts, LowformerError } from '../../core/errors.js';
import type { DeviceState } from '../define_engine.js';
import { ask, startOnnxruntimeThread } from './thread.js';

/** What came of trying every device of this machine's build, in a form that processes can send one another. */
export type TriedDevices =
  | { readonly version: string; readonly devices: readonly DeviceState[]; readonly failure?: undefined }
  | { readonly failure: Pick<ErrorParts, 'code' | 'where' | 'expected' | 'hint'> };

/** Tries every device on a network of one operation, in a thread: drivers may write to this process's stderr. */
export async function tryDevices(): Promise<TriedDevices> {
  const calls = startOnnxruntimeThread();
  try {
    const request = { kind: 'describe' } as const;
    const { version, devices } = await ask(
      'described',
      calls.call(() => ({ request })),
    );
    return { version, devices };
  } catch (error) {
    if (!(error instanceof LowformerError)) throw error;
    const { code, where, expected, hint } = error.parts;
    return { failure: { code, where, expected, ...(hint === undefined ? {} : { hint }) } };
  } finally {
    await calls.close({ kind: 'release' });
  }
}

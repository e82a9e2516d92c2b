/** A program: tries every device, and sends what came of it to the process that started it. */
import { LowformerError } from '../core/errors.js';
import type { ProbeReply } from './devices.js';
import { ask, startOnnxruntimeThread } from './onnxruntime_thread.js';

const reply = async (): Promise<ProbeReply> => {
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
};

process.send?.(await reply());
process.disconnect?.();

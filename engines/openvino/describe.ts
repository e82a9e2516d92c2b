import { dirname } from 'node:path';
import { LowformerError } from '../../core/errors.js';
import type { EngineDescription } from '../define_engine.js';
import { checkVersion, findLibrary } from './library.js';
import { ask, startOpenvinoThread } from './thread.js';

/** The processor as OpenVINO serves it: where the library lies and what it calculates in here, or what is missing. */
export async function inspectOpenvino(): Promise<EngineDescription> {
  try {
    const library = await findLibrary();
    const { buildNumber, bfloat16 } = await openedLibrary(library);
    const version = checkVersion(buildNumber, library);
    const backend = `${dirname(library)} (${bfloat16 ? 'float32, bfloat16' : 'float32; the processor has no bfloat16'})`;
    return { version, devices: [{ name: 'cpu', available: true, backend }] };
  } catch (error) {
    if (!(error instanceof LowformerError)) throw error;
    return { version: '', devices: [{ name: 'cpu', available: false, reason: error.message }] };
  }
}

async function openedLibrary(library: string) {
  const calls = startOpenvinoThread();
  try {
    const { version, bfloat16 } = await ask(
      'opened',
      calls.call(() => ({ request: { kind: 'open', library } })),
    );
    return { buildNumber: version, bfloat16 };
  } finally {
    await calls.close({ kind: 'release' });
  }
}

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** MiB in use on the first card, by all its programs; null where nvidia-smi does not say. */
export async function usedOnCard(): Promise<number | null> {
  const query = ['--query-gpu=memory.used', '--format=csv,noheader,nounits', '--id=0'];
  try {
    const { stdout } = await execute('nvidia-smi', query, { timeout: 5000, killSignal: 'SIGKILL' });
    const used = Number.parseInt(stdout, 10);
    return Number.isNaN(used) ? null : used;
  } catch {
    return null;
  }
}

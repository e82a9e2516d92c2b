/** Opens one network, runs it twice and says what that took: `memory_child.js JOB`, JSON in and out. */
import { writeFileSync } from 'node:fs';
import { LowformerError } from '../../core/errors.js';
import { noisyBatch, openContestant } from '../networks/contestants.js';
import { openNetwork } from '../networks/network.js';
import type { Memory } from '../record.js';
import { memoryJobSchema } from './estimate.js';

try {
  process.stdout.write(JSON.stringify(await tried()));
} catch (error) {
  process.stderr.write(`${error instanceof LowformerError ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

async function tried(): Promise<Memory> {
  const job = memoryJobSchema.parse(JSON.parse(process.argv[2] ?? ''));
  const {
    config,
    part,
    cfgOptions,
    checkpoint,
    checkpointKey,
    allowMismatch,
    size,
    batch,
    device,
    threads,
    ...settings
  } = job;
  const network = await openNetwork({ config, part, cfgOptions, checkpoint, checkpointKey, allowMismatch });
  forgetPeak();
  const before = process.memoryUsage.rss();
  const running = { device, signal: undefined };
  await using contestant = await openContestant(network, [size], { ...settings, threads }, running);
  const input = noisyBatch(3, size, batch);
  for (let run = 0; run < 2; run++) await contestant.runNetwork(input);
  const peak = process.resourceUsage().maxRSS * 1024;
  return { peak_bytes: peak, network_bytes: Math.max(0, peak - before) };
}

/** Linux: what starting took at its height must not count. Elsewhere it does, and the figures are upper bounds. */
function forgetPeak(): void {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // No such file outside Linux.
  }
}

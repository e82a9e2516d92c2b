/** `node --import tell_peak.js PROGRAM`: at its end the program says, as its last line on stderr, the most memory that it had (bytes). */
import { readFileSync, writeSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

if (isMainThread) process.on('exit', () => writeSync(2, `\n${JSON.stringify({ peak: peakBytes() })}\n`));

/** Linux tells it of this program alone; what `getrusage` says counts the program that started this one. */
function peakBytes() {
  try {
    const status = readFileSync('/proc/self/status', 'utf8');
    return 1024 * Number(/^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1]);
  } catch {
    return 1024 * process.resourceUsage().maxRSS;
  }
}

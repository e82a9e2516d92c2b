/** What of a machine the runtime's optimisations look at: instructions decide how weights are laid out. */
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';

/** The processor's name, and on Linux the instruction sets that the system says it has. */
export function machineText(): string {
  return [process.platform, process.arch, cpus()[0]?.model ?? '', instructionSets()].join('\n');
}

function instructionSets(): string {
  try {
    return /^(?:flags|Features)\s*:.*$/m.exec(readFileSync('/proc/cpuinfo', 'latin1'))?.[0] ?? '';
  } catch {
    return '';
  }
}

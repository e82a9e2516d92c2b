/** What of a machine decides how an engine lays out a network, and how fast it runs: above all its instructions. */
import { processorFlags, processorName } from '../files/processor.js';

/** The processor's name, and on Linux the instruction sets that the system says it has. */
export function machineText(): string {
  return [process.platform, process.arch, processorName(), processorFlags()].join('\n');
}

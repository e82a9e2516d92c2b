/** What of a machine the runtime's optimisations look at: instructions decide how weights are laid out. */
import { processorFlags, processorName } from '../../files/processor.js';

/** The processor's name, and on Linux the instruction sets that the system says it has. */
export function machineText(): string {
  return [process.platform, process.arch, processorName(), processorFlags()].join('\n');
}

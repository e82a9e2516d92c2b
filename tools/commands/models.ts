import { Command } from 'commander';
import { fetchCommand } from './models/fetch.js';
import { listCommand } from './models/list.js';
import { rmCommand } from './models/rm.js';

/** `lowformer models`, `models fetch NAME…` and `models rm NAME…`: weights that others have published. */
export function modelsCommand(signal: AbortSignal): Command {
  return new Command('models')
    .addCommand(listCommand(), { isDefault: true })
    .addCommand(fetchCommand(signal))
    .addCommand(rmCommand());
}

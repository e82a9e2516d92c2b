import { Command } from 'commander';
import { fetchCommand } from './models/fetch.js';
import { rmCommand } from './models/rm.js';

/** `lowformer models fetch NAME…` and `models rm NAME…`: weights that others have published. */
export function modelsCommand(signal: AbortSignal): Command {
  return new Command('models')
    .description('published models: download their weights, remove them')
    .addCommand(fetchCommand(signal))
    .addCommand(rmCommand());
}

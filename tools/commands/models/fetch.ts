import { Command } from 'commander';
import { listening } from '../../../files/interruption.js';
import { fetchPublished } from '../../../models/fetch_checkpoint.js';
import { commonOptions, withIdleOptions } from '../../common_options.js';
import { createConsole } from '../../console.js';
import { fetchOptions, OFFLINE } from '../../fetching.js';
import { checkJsonTarget, writeJson } from '../../json_output.js';
import { writeStdout } from '../../standard_streams.js';
import { namedModel } from './names.js';

/** `lowformer models fetch NAME…`: weights into the cache, checked again where they are there. */
export function fetchCommand(signal: AbortSignal): Command {
  const command = new Command('fetch')
    .argument('<name...>', 'published models, as lowformer models names them')
    .option('--offline', OFFLINE)
    .option('--json <file>', 'write JSON, to stdout for -')
    .option('--quiet', 'say nothing but errors');
  return withIdleOptions(command)
    .description('download the weights of published models, and print where they are')
    .action(async (names: readonly string[], given: unknown) => {
      const options = commonOptions(given);
      const models = [...new Set(names)].map(namedModel);
      await checkJsonTarget(options.json);
      const log = createConsole(options.quiet);
      const fetched: object[] = [];
      await listening(async () => {
        for (const model of models) {
          const fetching = { ...fetchOptions(options, log, signal), verify: true };
          const { path, address, bytes, sha256, wasCached } = await fetchPublished(model, fetching);
          if (wasCached) log.say(`${model.name}: was here already, and is as it was published`);
          if (options.json === undefined) await writeStdout(`${path}\n`);
          fetched.push({ name: model.name, file: path, address, bytes, sha256, cached: wasCached });
        }
      });
      if (options.json !== undefined) await writeJson(options.json, fetched);
    });
}

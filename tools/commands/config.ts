import { Command } from 'commander';
import { z } from 'zod';
import { SHIPPED_CONFIGS } from '../../configs/index.js';
import { printConfig, printJson, withDefaults } from '../../registry/config_print.js';
import { writeJson, writeStdout } from '../json_output.js';
import { openConfig } from '../model/open_config.js';

/** `lowformer config print CONFIG` and `lowformer config list`. */
export function configCommand(): Command {
  const command = new Command('config').description('show configs');
  command
    .command('print')
    .description('the resolved config, with the origin of each value')
    .argument('<config>', 'a file, or the name of a shipped config')
    .option('--cfg-options <key=value...>', 'changes to the config')
    .option('--json <file>', 'write it as JSON, which is a config again; to stdout for -')
    .action(async (name: string, given: unknown) => {
      const { cfgOptions, json } = z
        .object({ cfgOptions: z.array(z.string()).default([]), json: z.string().optional() })
        .parse(given);
      const { config, pipeline, metaInfo, unused } = await openConfig(name, cfgOptions);
      if (json !== undefined) return writeJson(json, JSON.parse(printJson(config)));
      const whole = withDefaults(withDefaults(config, ['test_pipeline'], pipeline), ['metainfo'], metaInfo);
      return writeStdout(`${printConfig(whole, unused)}\n`);
    });
  command
    .command('list')
    .description('the configs that ship with the package')
    .option('--json <file>', 'write JSON, to stdout for -')
    .action(async (given: unknown) => {
      const { json } = z.object({ json: z.string().optional() }).parse(given);
      const names = Object.keys(SHIPPED_CONFIGS);
      return json === undefined ? writeStdout(`${names.join('\n')}\n`) : writeJson(json, names);
    });
  return command;
}

import { Command } from 'commander';
import { SHIPPED_CONFIGS } from '../../configs/index.js';
import { openConfig } from '../../models/open_config.js';
import { printConfig, printJson, withDefaults } from '../../registry/config_print.js';
import { commonOptions, withIdleOptions } from '../common_options.js';
import { writeJson } from '../json_output.js';
import { writeStdout } from '../standard_streams.js';

/** `lowformer config print CONFIG` and `lowformer config list`. */
export function configCommand(): Command {
  const command = new Command('config');
  withIdleOptions(
    command
      .command('print')
      .option('--cfg-options <key=value...>', 'changes to the config')
      .option('--json <file>', 'write it as JSON, which is a config again; to stdout for -'),
  )
    .description('the resolved config, with the origin of each value')
    .argument('<config>', 'a file, or the name of a shipped config')
    .action(async (name: string, given: unknown) => {
      const { cfgOptions, json } = commonOptions(given);
      const { config, model, pipeline, isPipelineWritten, metaInfo, unused } = await openConfig(name, cfgOptions);
      if (json !== undefined) return writeJson(json, JSON.parse(printJson(config)));
      const parts = [
        ...model.checked,
        { path: 'model.data_preprocessor', config: model.preprocessor },
        { path: 'test_pipeline', config: isPipelineWritten ? pipeline : undefined },
        { path: 'metainfo', config: metaInfo },
      ];
      const whole = parts.reduce((filled, part) => withDefaults(filled, part.path.split('.'), part.config), config);
      return writeStdout(`${printConfig(whole, unused)}\n`);
    });
  withIdleOptions(command.command('list').option('--json <file>', 'write JSON, to stdout for -'))
    .description('the configs that ship with the package')
    .action(async (given: unknown) => {
      const { json } = commonOptions(given);
      const names = Object.keys(SHIPPED_CONFIGS);
      return json === undefined ? writeStdout(`${names.join('\n')}\n`) : writeJson(json, names);
    });
  return command;
}

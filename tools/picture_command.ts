import { Command, Option } from 'commander';
import { positiveInteger, withCommonOptions } from './common_options.js';

/**
 * A command of the form `VERB CONFIG IMAGE…`. What reads and draws pictures is imported when it is needed: the native
 * libraries behind it take longer to load than the rest, and every command would wait for them.
 */
export function pictureCommand(verb: string, description: string): Command {
  return withCommonOptions(new Command(verb))
    .description(description)
    .argument('<config>', 'a file, or the name of a shipped config')
    .argument('<image...>', 'pictures, folders, globs')
    .addOption(
      new Option('--batch-size <n>', 'pictures in one run of the network').default(1).argParser(positiveInteger),
    );
}

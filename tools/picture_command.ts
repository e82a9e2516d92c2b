import { Command, Option } from 'commander';
import { positiveInteger, withCommonOptions } from './common_options.js';

/** A command of the form `VERB CONFIG IMAGE…`. */
export function pictureCommand(verb: string, description: string): Command {
  return withCommonOptions(new Command(verb))
    .description(description)
    .argument('<config>', 'a file, or the name of a shipped config')
    .argument('<image...>', 'pictures, folders, globs')
    .addOption(
      new Option('--batch-size <n>', 'pictures in one run of the network').default(1).argParser(positiveInteger),
    );
}

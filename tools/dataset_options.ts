import { type Command, Option } from 'commander';
import { z } from 'zod';
import type { TaskKind } from '../registry/define_task.js';
import { type CommandFlag, flagKey, flagName, valuesOf } from '../scoring/command_flag.js';
import { formatNames, formatsOf } from '../scoring/formats/choose.js';
import type { DatasetFormatOptions } from '../scoring/formats/index.js';
import { flagOption } from './flag_option.js';

/** Options that say what ground truth is, the same wherever ground truth is read. */
export const datasetOptionsSchema = z.object({
  format: z.string().optional(),
  classes: z.string().optional(),
  list: z.string().optional(),
  strict: z.boolean().default(false),
});

/** @param tasks that the command knows; by default all. */
export function withDatasetOptions(command: Command, ...tasks: readonly TaskKind[]): Command {
  const option = new Option('--format <name>', 'by default, what the annotations look like');
  return withReadingOptions(command.addOption(option.choices(formatNames(...tasks))), ...tasks);
}

/** The same but for the format itself. */
export function withReadingOptions(command: Command, ...tasks: readonly TaskKind[]): Command {
  const common = withStrict(command)
    .option(
      '--classes <names>',
      'a,b or a file with a name a line: of COCO and of data.yaml the classes that count; of VOC and YOLO labels all, in the order of their ids',
    )
    .option('--list <file>', 'the pictures that count, a name a line');
  return formatFlags(...tasks).reduce((all, flag) => all.addOption(flagOption(flag)), common);
}

/** Options that one format alone takes, as far as the command has them of it. */
function formatFlags(...tasks: readonly TaskKind[]): readonly CommandFlag[] {
  return formatsOf(...tasks).flatMap(({ flags = [] }) =>
    flags.flatMap(({ description, ...flag }) => (description === undefined ? [] : [{ ...flag, description }])),
  );
}

/** Of a command's parsed options, those that one format alone takes: checked when it is opened. */
export function formatOptions(given: unknown): DatasetFormatOptions {
  return typeof given === 'object' && given !== null ? valuesOf(formatFlags(), given) : {};
}

/** An option of a format of another task than this one, where one was given. */
export function formatFlagOf(options: object, task: TaskKind) {
  const own = new Set(formatFlags(task).map(flagKey));
  for (const other of formatsOf().filter((format) => format.task !== task)) {
    const given = valuesOf(formatFlags(other.task), options);
    const flag = formatFlags(other.task).find((one) => flagKey(one) in given && !own.has(flagKey(one)));
    if (flag !== undefined) return { where: flagName(flag), task: other.task };
  }
  return undefined;
}

/** For commands that read data of others. */
export function withStrict(command: Command): Command {
  return command.option('--strict', 'take nothing that is not quite as its format says: what is noted is an error');
}

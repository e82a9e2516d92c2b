import { Command, Option } from 'commander';
import { z } from 'zod';
import { type PublishedModel, publishedModels } from '../../../configs/zoo/index.js';
import { LowformerError, nearestName } from '../../../core/errors.js';
import { table } from '../../../drawing/text_table.js';
import { withIdleOptions } from '../../common_options.js';
import { checkJsonTarget, writeJson } from '../../json_output.js';
import { writeStdout } from '../../standard_streams.js';

const COMMANDS = ['list', 'fetch', 'rm'];
const TASKS = ['detection', 'segmentation'] as const;
const options = z.object({ task: z.enum(TASKS).optional(), json: z.string().optional() });

const HEADING = ['name', 'task', 'backbone', 'data set', 'accuracy', 'parameters', 'licence', 'sha256', 'address'];

/** `lowformer models`, `lowformer models list`: published models whose configs are shipped. */
export function listCommand(): Command {
  const command = new Command('list')
    .addOption(new Option('--task <name>', 'those of one task').choices(TASKS))
    .option('--json <file>', 'write JSON, to stdout for -');
  return (
    withIdleOptions(command)
      .description('the published models, with the accuracy that their publishers give')
      // A name that is no command of `models` comes here, to the one that needs none.
      .allowExcessArguments()
      .action(async (given: unknown, { args: [name] }: Command) => {
        if (name !== undefined) throw noCommand(name);
        const { task, json } = options.parse(given);
        await checkJsonTarget(json);
        const models = publishedModels.filter((model) => task === undefined || model.task === task);
        if (json === undefined) await writeStdout(`${table(HEADING, models.map(row))}\n`);
        else await writeJson(json, models);
      })
  );
}

function noCommand(received: string): LowformerError {
  const near = nearestName(received, COMMANDS);
  return new LowformerError({
    code: 'invalid-argument',
    where: 'models',
    expected: `one of its commands, ${COMMANDS.join(', ')}`,
    received,
    ...(near === undefined ? {} : { hint: `Did you mean '${near}'?` }),
  });
}

function row(model: PublishedModel): readonly string[] {
  const { name, task, backbone, dataset, accuracy, parameters, licence, checkpoint } = model;
  return [
    name,
    task,
    backbone,
    dataset,
    `${accuracy.value.toFixed(accuracy.metric === 'mIoU' ? 2 : 1)} ${accuracy.metric}`,
    `${(parameters / 1e6).toFixed(1)} M`,
    licence,
    checkpoint.sha256,
    checkpoint.address,
  ];
}

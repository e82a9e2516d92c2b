import { Command, Option } from 'commander';
import { z } from 'zod';
import { noteText } from '../../core/notes.js';
import { table } from '../../drawing/text_table.js';
import { countByModule, countMacs, countParameters } from '../../graph/count.js';
import { evaluateShapes } from '../../graph/shapes.js';
import { openConfigFor } from '../../models/checkpoint_form.js';
import { openModelWeights } from '../../models/network_weights.js';
import { openConfig } from '../../models/open_config.js';
import { usualInputSize } from '../../tasks/input_size.js';
import type { Model } from '../../tasks/model.js';
import {
  CHECKPOINT_KEY,
  commonOptions,
  inputSize,
  positiveInteger,
  weightsOptions,
  withIdleOptions,
} from '../common_options.js';
import { createConsole } from '../console.js';
import { OFFLINE } from '../fetching.js';
import { checkJsonTarget, writeJson } from '../json_output.js';
import { writeStdout } from '../standard_streams.js';

const optionsSchema = z.object({
  inputSize: z.object({ height: z.number(), width: z.number() }).optional(),
  depth: z.number(),
});

/** `lowformer inspect CONFIG`: parameters, MACs, feature maps, a table by module. No weights are needed. */
export function inspectCommand(): Command {
  const command = new Command('inspect')
    .argument('<config>', 'a file, or the name of a shipped config')
    .addOption(
      new Option('--input-size <HxW>', 'picture size; 512x512, or 224x224 for a classifier').argParser(inputSize),
    )
    .addOption(new Option('--depth <n>', 'name parts a module in the table has').default(3).argParser(positiveInteger))
    .option('--checkpoint <file>', 'tell also how these weights fit')
    .option('--checkpoint-key <key>', CHECKPOINT_KEY)
    .option('--offline', OFFLINE)
    .option('--allow-mismatch <part...>', 'parts of the network that the checkpoint need not fill')
    .option('--cfg-options <key=value...>', 'changes to the config')
    .option('--json <file>', 'write JSON, to stdout for -')
    .option('--quiet', 'say nothing but errors');
  return withIdleOptions(command).action(async (config: string, given: unknown) => {
    const common = commonOptions(given);
    const { json, cfgOptions, checkpoint, checkpointKey, quiet } = common;
    const options = optionsSchema.parse(given);
    await checkJsonTarget(json);
    const log = createConsole(quiet);
    const { say } = log;
    const weighted = weightsOptions(common, log);
    const isWeighted = checkpoint !== undefined || checkpointKey !== undefined;
    const opened = !isWeighted
      ? await openConfig(config, cfgOptions)
      : await openConfigFor(checkpoint, config, cfgOptions, { ...weighted, use: 'measuring' });
    for (const note of opened.notes) say(noteText(note));
    if (isWeighted) {
      using _ = await openModelWeights(opened, weighted, say);
    }
    const description = describeModel(opened.model, options);
    if (json !== undefined) await writeJson(json, description);
    else await writeStdout(asText(description));
  });
}

/** What `inspect` writes as JSON, at one picture of the given size, or of the one that the task is usually measured at. */
export function describeModel(model: Model, { inputSize, depth }: z.output<typeof optionsSchema>) {
  const { height, width } = inputSize ?? usualInputSize(model);
  const input = [1, 3, height, width];
  const graph = model.wholeGraph;
  const shapes = evaluateShapes(graph, { input });
  return {
    parameters: countParameters(graph),
    macs: countMacs(graph, { input }),
    input,
    features: model.features.map(({ name, value, stride }) => ({ name, shape: shapes.get(value.id) ?? [], stride })),
    modules: countByModule(graph, { input }, depth).filter((module) => module.parameters + module.macs > 0),
    state_dict: [...graph.parameters.values()].map(({ name, shape }) => [name, shape] as const),
    unused: model.unused,
  };
}

function asText({ parameters, macs, input, features, modules, unused }: ReturnType<typeof describeModel>): string {
  const millions = (value: number) => (value / 1e6).toFixed(2);
  const isOfPredicting = (path: string) => path.startsWith('model.test_cfg.');
  const [training, others] = [unused.filter((path) => !isOfPredicting(path)), unused.filter(isOfPredicting)];
  const listed = (title: string, paths: readonly string[]) => (paths.length === 0 ? [] : [title + paths.join(', ')]);
  const summary = [
    `input       ${input.join(' x ')}`,
    `parameters  ${millions(parameters)} M`,
    `MACs        ${millions(macs)} M`,
    ...listed('for train   ', training),
    ...listed('not used    ', others),
  ];
  const maps = table(
    ['feature', 'stride', 'shape'],
    features.map(({ name, stride, shape }) => [name, String(stride), shape.join(' x ')]),
  );
  const costs = table(
    ['module', 'parameters (M)', 'MACs (M)'],
    modules.map((module) => [module.name, millions(module.parameters), millions(module.macs)]),
    ['left', 'right', 'right'],
  );
  return `${summary.join('\n')}\n\n${maps}\n\n${costs}\n`;
}

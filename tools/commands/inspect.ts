import { Command, Option } from 'commander';
import { z } from 'zod';
import { countByModule, countMacs, countParameters } from '../../graph/count.js';
import { evaluateShapes } from '../../graph/shapes.js';
import type { Model } from '../../tasks/model.js';
import { inputSize } from '../common_options.js';
import { writeJson, writeStdout } from '../json_output.js';
import { openConfig } from '../model/open_config.js';
import { table } from '../text_table.js';

const optionsSchema = z.object({
  inputSize: z.object({ height: z.number(), width: z.number() }).optional(),
  depth: z.number(),
  cfgOptions: z.array(z.string()).default([]),
  json: z.string().optional(),
});

/** `lowformer inspect CONFIG`: parameters, MACs, feature maps, a table by module. No weights are needed. */
export function inspectCommand(): Command {
  return new Command('inspect')
    .description('parameters, MACs and feature maps of a network')
    .argument('<config>', 'a file, or the name of a shipped config')
    .addOption(
      new Option('--input-size <HxW>', 'picture size; 512x512, or 224x224 for a classifier').argParser(inputSize),
    )
    .addOption(new Option('--depth <n>', 'name parts a module in the table has').default(3).argParser(Number))
    .option('--cfg-options <key=value...>', 'changes to the config')
    .option('--json <file>', 'write JSON, to stdout for -')
    .action(async (config: string, given: unknown) => {
      const options = optionsSchema.parse(given);
      const { model } = await openConfig(config, options.cfgOptions);
      const side = model.task === 'classification' ? 224 : 512;
      const { height, width } = options.inputSize ?? { height: side, width: side };
      const description = describe(model, [1, 3, height, width], options.depth);
      if (options.json !== undefined) await writeJson(options.json, description);
      else await writeStdout(asText(description));
    });
}

function describe(model: Model, input: readonly number[], depth: number) {
  const graph = model.wholeGraph;
  const shapes = evaluateShapes(graph, { input });
  return {
    parameters: countParameters(graph),
    macs: countMacs(graph, { input }),
    input,
    features: model.features.map(({ name, value, stride }) => ({ name, shape: shapes.get(value.id) ?? [], stride })),
    modules: countByModule(graph, { input }, depth),
    state_dict: [...graph.parameters.values()].map(({ name, shape }) => [name, shape] as const),
    unused: model.unused,
  };
}

function asText({ parameters, macs, input, features, modules, unused }: ReturnType<typeof describe>): string {
  const millions = (value: number) => (value / 1e6).toFixed(2);
  const summary = [
    `input       ${input.join(' x ')}`,
    `parameters  ${millions(parameters)} M`,
    `MACs        ${millions(macs)} M`,
    ...(unused.length === 0 ? [] : [`not used    ${unused.join(', ')}`]),
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

import { Command, Option } from 'commander';
import { z } from 'zod';
import { LowformerError } from '../../core/errors.js';
import { BLOCK_COMPARISON_NAMES } from '../../measuring/blocks/comparisons.js';
import { sizeSchema } from '../../measuring/record.js';
import { deviceOption, each, finish, measuringSchema, withMeasuringOptions } from '../benchmarking/command_options.js';
import { CHECKPOINT_KEY, inputSize, positiveInteger } from '../common_options.js';
import { fetchOptions, OFFLINE } from '../fetching.js';

const configsSchema = measuringSchema.extend({
  device: z.array(z.string()).default(['cpu']),
  size: z.array(sizeSchema).optional(),
  batch: z.array(z.number()).default([1]),
  checkpoint: z.array(z.string()).default([]),
  checkpointKey: z.string().optional(),
  offline: z.boolean().default(false),
  cfgOptions: z.array(z.string()).default([]),
  allowMismatch: z.array(z.string()).default([]),
  backbone: z.boolean().default(false),
  stages: z.boolean().default(false),
  picture: z.string().optional(),
  memory: z.boolean(),
});
const paperSchema = measuringSchema.extend({
  device: z.string(),
  pairs: z.array(z.string()).optional(),
  batch: z.number().optional(),
  memory: z.boolean(),
});
const blocksSchema = measuringSchema.extend({
  device: z.string(),
  only: z.array(z.enum(BLOCK_COMPARISON_NAMES)).default([...BLOCK_COMPARISON_NAMES]),
  channels: z.array(z.number()).default([16, 32, 64, 128, 256]),
  maps: z.array(z.number()).default([7, 14, 28, 56]),
});

/** `lowformer benchmark CONFIG…`, `benchmark paper`, `benchmark blocks`: how fast networks and layers are here. */
export function benchmarkCommand(signal: AbortSignal): Command {
  const command = new Command('benchmark')
    .argument('<config...>', 'files, or names of shipped configs')
    .addOption(each('--devices, --device <name...>', 'cpu (the default), webgpu, cuda, tensorrt, coreml, dml', String))
    .addOption(
      each('--sizes, --size <HxW...>', '512x512, or 224x224 for a classifier, unless others are given', inputSize),
    )
    .addOption(each('--batches, --batch <n...>', 'pictures in one run; 1 by default', positiveInteger))
    .option('--checkpoint <file...>', 'weights, one file for each config in their order; initial weights without')
    .option('--checkpoint-key <key>', CHECKPOINT_KEY)
    .option('--offline', OFFLINE)
    .option('--allow-mismatch <part...>', 'parts of the network that a checkpoint need not fill')
    .option('--cfg-options <key=value...>', 'changes to every config')
    .option('--backbone', 'the backbones alone')
    .option('--stages', 'time decoding a file, preparing, network and decoding results, on a picture')
    .option('--picture <file>', 'the picture for --stages; by default a drawn one of 640x480')
    .option('--no-memory', 'do not measure peak memory, which takes a process for each network');
  const parent = withMeasuringOptions(command, 15).action(async (configs: readonly string[], given: unknown) => {
    const { backbone, checkpoint, checkpointKey, offline, cfgOptions, allowMismatch, device, size, batch, ...options } =
      configsSchema.parse(given);
    const names = [...new Set(configs)];
    if (checkpoint.length > 0 && checkpoint.length !== names.length) throw wrongCheckpoints(names, checkpoint);
    await finish(options, signal, async (surroundings) => {
      const fetching = fetchOptions({ offline }, surroundings.log, signal);
      const { fetchedFile } = await import('../../models/fetch_checkpoint.js');
      const files: string[] = [];
      for (const one of checkpoint) files.push(await fetchedFile(one, fetching));
      const [{ runBenchmark }, { benchmarkReport }, { latencyChart }] = await Promise.all([
        import('../../measuring/run_benchmark.js'),
        import('../../measuring/presentation/tables.js'),
        import('../../measuring/presentation/charts.js'),
      ]);
      const part = backbone ? ('backbone' as const) : ('whole' as const);
      const subjects = names.map((config, i) => ({
        config,
        part,
        cfgOptions,
        allowMismatch,
        checkpoint: files[i],
        checkpointKey,
      }));
      const [devices, batches] = [[...new Set(device)], [...new Set(batch)]];
      const { threads, picture, ...rest } = options;
      const job = { ...rest, threads, picture, subjects, devices, batches, sizes: size };
      const { record, failure } = await runBenchmark(job, surroundings);
      const chart = record.results.length === 0 ? undefined : latencyChart(record.results);
      return { name: 'benchmark', record, failure, report: benchmarkReport(record), chart };
    });
  });
  // What follows a verb below is that verb's own.
  return parent.enablePositionalOptions().addCommand(paperCommand(signal)).addCommand(blocksCommand(signal));
}

function paperCommand(signal: AbortSignal): Command {
  const command = new Command('paper')
    .description("the LowFormer paper's pairs: each published ratio beside the measured one")
    .addOption(deviceOption())
    .option('--pairs <name...>', 'only these: b0:mobileone-s2, b1:fastvit-sa12 …')
    .addOption(
      new Option('--batch <n>', 'pictures of 224x224 in a run for throughput; 4 on cpu, else 200').argParser(
        positiveInteger,
      ),
    )
    .option('--no-memory', 'do not measure peak memory, which takes a process for each network');
  return withMeasuringOptions(command, 15).action(async (given: unknown) => {
    const { threads, pairs, batch, ...options } = paperSchema.parse(given);
    await finish(options, signal, async (surroundings) => {
      const [{ runPaper }, { paperChart, paperReport }] = await Promise.all([
        import('../../measuring/paper/run.js'),
        import('../../measuring/paper/report.js'),
      ]);
      const { record, failure } = await runPaper({ ...options, threads, pairs, batch }, surroundings);
      return { name: 'paper', record, failure, report: paperReport(record), chart: paperChart(record) };
    });
  });
}

function blocksCommand(signal: AbortSignal): Command {
  const command = new Command('blocks')
    .description("LowFormer's choices layer by layer: time beside MACs")
    .addOption(deviceOption())
    .addOption(new Option('--only <name...>', 'only these comparisons').choices(BLOCK_COMPARISON_NAMES))
    .addOption(each('--channels <n...>', 'of the maps; 16 32 64 128 256 by default', positiveInteger))
    .addOption(each('--maps <n...>', 'height and width of the maps; 7 14 28 56 by default', positiveInteger));
  return withMeasuringOptions(command, 15).action(async (given: unknown) => {
    const { threads, maps: sides, ...options } = blocksSchema.parse(given);
    await finish(options, signal, async (surroundings) => {
      const [{ runBlocks }, { blocksChart, blocksReport }] = await Promise.all([
        import('../../measuring/blocks/run.js'),
        import('../../measuring/blocks/report.js'),
      ]);
      const { record, failure } = await runBlocks({ ...options, threads, sides }, surroundings);
      return { name: 'blocks', record, failure, report: blocksReport(record), chart: blocksChart(record) };
    });
  });
}

function wrongCheckpoints(configs: readonly string[], files: readonly string[]): LowformerError {
  return new LowformerError({
    code: 'invalid-argument',
    where: '--checkpoint',
    expected: `${configs.length === 1 ? 'one file' : `${configs.length} files`}, one for each config in their order`,
    received: files.length,
  });
}

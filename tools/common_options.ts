import { Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import type { Log } from '../core/log.js';
import { DEFAULT_ENGINE, ENGINES } from '../engines/engines.js';
import { MOST_THREADS } from '../engines/thread/threads.js';
import { PRECISIONS } from '../graph/onnx/precision.js';
import { fetchOptions, OFFLINE } from './fetching.js';

const schema = z.object({
  checkpoint: z.string().optional(),
  checkpointKey: z.string().optional(),
  offline: z.boolean().default(false),
  allowMismatch: z.array(z.string()).default([]),
  cfgOptions: z.array(z.string()).default([]),
  device: z.string(),
  engine: z.string(),
  threads: z.number().optional(),
  precision: z.enum(PRECISIONS).default('float32'),
  fastMath: z.boolean().default(false),
  cache: z.boolean().default(true),
  json: z.string().optional(),
  quiet: z.boolean().default(false),
});

/** What `--checkpoint-key` is for. */
export const CHECKPOINT_KEY =
  'where the weights lie in the file, where it has several sets: state_dict_ema, model.state_dict';

/** What every command that runs a network takes. */
export type CommonOptions = z.output<typeof schema>;

const WITH_AUTO = 'auto, for predicting: the fastest of those that are installed, measured once and remembered';

/** Adds the options that all commands share. */
export function withCommonOptions(command: Command): Command {
  const devices = [...new Set(ENGINES.list().flatMap((engine) => engine.devices))];
  return command
    .option('--checkpoint <file>', 'weights: .pth, .pt or .safetensors, a file or its https: address')
    .option('--checkpoint-key <key>', CHECKPOINT_KEY)
    .option('--offline', OFFLINE)
    .option('--allow-mismatch <part...>', 'parts of the network that the checkpoint need not fill: neck bbox_head')
    .option('--cfg-options <key=value...>', 'changes to the config: model.test_cfg.score_thr=0.3')
    .addOption(new Option('--device <name>', devices.join(', ')).default('cpu'))
    .addOption(new Option('--engine <name>', `${ENGINES.names().join(', ')}; ${WITH_AUTO}`).default(DEFAULT_ENGINE))
    .addOption(
      new Option('--threads <n>', 'threads of the network; by default the cores that this process may use').argParser(
        threadCount,
      ),
    )
    .addOption(
      new Option('--precision <name>', 'what the network calculates in').choices(PRECISIONS).default('float32'),
    )
    .option('--fast-math', 'bfloat16 products on ARM64 processors that have them: faster, less exact')
    .option('--no-cache', 'optimise the network and measure engines anew, and keep nothing of it for the next start')
    .option('--json <file>', 'write the result as JSON, to stdout for -')
    .option('--quiet', 'say nothing but errors');
}

/** Adds the shared options to a command that runs no network: they are taken, so that all commands take the same. */
export function withIdleOptions(command: Command): Command {
  const shared = withCommonOptions(new Command()).options;
  const own = new Set(command.options.map(({ long }) => long));
  for (const option of shared) if (!own.has(option.long)) command.addOption(option.hideHelp());
  return command;
}

/** The shared options of a command's parsed ones. */
export function commonOptions(options: unknown): CommonOptions {
  return schema.parse(options);
}

/** For commands that open the pictures that annotations name. */
export function outsideOption(): Option {
  return new Option('--allow-outside', 'open pictures outside --images, where annotations name such');
}

/** What a config and its weights are opened with. */
export function weightsOptions(options: CommonOptions, log: Log, signal?: AbortSignal) {
  const { checkpointKey, allowMismatch } = options;
  return { checkpointKey, allowMismatch, ...fetchOptions(options, log, signal) };
}

/** For commands that run over many pictures. */
export function sessionsOption(): Option {
  return new Option(
    '--sessions <n>',
    'copies of the network that run side by side; by default one, and from 16 pictures on one for each core, at most 4',
  ).argParser(positiveInteger);
}

/** For commands that tell what pictures show, where several looks at one may be averaged. */
export function ttaOption(): Option {
  return new Option(
    '--tta',
    'test-time augmentation: several looks at each picture, by tta_pipeline and tta_model',
  ).default(false);
}

/** For commands that run detectors. */
export function denseBoxesOption(): Option {
  return new Option('--dense-boxes', 'predict boxes at every pixel, not only where class scores let them through');
}

/** How the network is to run, as `loadModel` and `createEngine` take it. */
export function runningOptions({ device, threads, precision, fastMath }: CommonOptions) {
  return { device, precision, fastMath, ...(threads === undefined ? {} : { threads }) };
}

/** For commander: a whole number of 1 or more. */
export function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('Expected a whole number of 1 or more.');
  return value;
}

/** For commander: a whole number from 1 to 1024. */
export function threadCount(text: string): number {
  const value = positiveInteger(text);
  if (value > MOST_THREADS) throw new InvalidArgumentError(`Expected at most ${MOST_THREADS} threads.`);
  return value;
}

/** For commander: a whole number. */
export function wholeNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isSafeInteger(value)) throw new InvalidArgumentError('Expected a whole number.');
  return value;
}

/** For commander: a whole number of 0 or more. */
export function wholeFromZero(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isSafeInteger(value) || value < 0) {
    throw new InvalidArgumentError('Expected a whole number of 0 or more.');
  }
  return value;
}

/** For commander: a number from 0 to 1. */
export function probability(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 1))
    throw new InvalidArgumentError('Expected a number from 0 to 1.');
  return value;
}

/** For commander: `512x640` as height and width. */
export function inputSize(text: string): { readonly height: number; readonly width: number } {
  const [, height = 0, width = 0] = (/^(\d+)x(\d+)$/i.exec(text) ?? []).map(Number);
  if (height < 1 || width < 1) throw new InvalidArgumentError('Expected HEIGHTxWIDTH in pixels, such as 512x640.');
  return { height, width };
}

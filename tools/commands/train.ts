import { Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { LowformerError } from '../../core/errors.js';
import { AUTO } from '../../engines/auto/choice.js';
import { listening } from '../../files/interruption.js';
import {
  type CommonOptions,
  commonOptions,
  weightsOptions,
  wholeNumber,
  withCommonOptions,
} from '../common_options.js';
import { createConsole } from '../console.js';
import { checkJsonTarget } from '../json_output.js';
import { checkPictureOptions, picturesOf, withPictureOptions } from '../training/picture_options.js';

const optionsSchema = z.object({
  workDir: z.string().optional(),
  resume: z.boolean().default(false),
  dryRun: z.boolean().default(false),
  seed: z.number().optional(),
});
type Options = z.output<typeof optionsSchema> & { readonly pictures: ReturnType<typeof picturesOf> };

/** mmengine's seeds are numpy's. */
const LARGEST_SEED = 2 ** 32 - 1;

/** `lowformer train CONFIG --work-dir DIR`: a model from pictures with truth. */
export function trainCommand(signal: AbortSignal): Command {
  const command = withCommonOptions(new Command('train'))
    .argument('[config]', "a file, or the name of a shipped config; with --resume the run's own, with --images none")
    .option('--work-dir <dir>', "the run's folder: config, checkpoints, log, report")
    .option('--resume', 'have the run in --work-dir go on, exactly as if it had never stopped')
    .option('--dry-run', 'build everything, make a few steps, say what the run would take, and write nothing')
    .addOption(new Option('--seed <n>', "by default the config's randomness.seed, else 0").argParser(seedNumber));
  return withPictureOptions(command).action(async (config: string | undefined, given: unknown, called: Command) => {
    const [common, options] = [commonOptions(given), optionsSchema.parse(given)];
    checkPictureOptions(called);
    const pictures = picturesOf(given);
    checkCall(config, common, { ...options, pictures });
    await listening(() => trainAny(config, common, { ...options, pictures }, signal));
  });
}

async function trainAny(
  named: string | undefined,
  common: CommonOptions,
  { pictures, workDir, resume, dryRun, seed }: Options,
  signal: AbortSignal,
): Promise<void> {
  const { json, cfgOptions, checkpoint, engine, device, threads } = common;
  await checkJsonTarget(json);
  const log = createConsole(common.quiet);
  const running = { device, ...(threads === undefined ? {} : { threads }) };
  const { chosenConfig } = await import('../training/chosen_config.js');
  await using chosen = await chosenConfig(
    { named, workDir, resume, dryRun, pictures },
    { seed, stepEngine: { engine, ...running }, json, log, signal },
  );
  const options = {
    cfgOptions,
    engine,
    signal,
    ...weightsOptions(common, log, signal),
    checkpoint,
    ...(seed === undefined ? {} : { seed }),
  };
  if (dryRun) {
    const { runDry } = await import('../training/run_dry.js');
    await runDry(chosen.config, { ...options, running }, { json, log });
  } else {
    const { runTraining } = await import('../training/run_training.js');
    await runTraining(chosen.config, { ...options, ...running, workDir: workDir ?? '', resume }, { json, log });
  }
}

/** What goes together, and what does not, before anything is read. */
function checkCall(config: string | undefined, common: CommonOptions, options: Options): void {
  const { workDir, resume, dryRun, pictures } = options;
  const wrong = (where: string, expected: string, received?: string, hint?: string) =>
    new LowformerError({
      code: 'invalid-argument',
      where,
      expected,
      ...(received === undefined ? {} : { received }),
      ...(hint === undefined ? {} : { hint }),
    });
  if (workDir === undefined && !dryRun) throw wrong('--work-dir', "the run's folder, but the option is missing");
  if (pictures !== undefined && config !== undefined) {
    const hint = 'To train on these pictures by a config of your own, name them in its train_dataloader.';
    throw wrong('--images', 'no config beside it, since one is made from the pictures,', config, hint);
  }
  if (config === undefined && pictures === undefined && !resume) {
    throw wrong('config', 'a config, or pictures with --images and --annotations, but neither is given');
  }
  if (resume && workDir === undefined) throw wrong('--resume', '--work-dir, whose run goes on,', 'none');
  if (common.precision !== 'float32')
    throw wrong('--precision', 'float32, in which everything is trained,', common.precision);
  if (common.engine === AUTO)
    throw wrong('--engine', 'an engine by its name: a run that goes on does so on the same,', common.engine);
  if (common.fastMath) throw wrong('--fast-math', 'exact products: gradients need them', 'bfloat16 products');
}

/** For commander. */
function seedNumber(text: string): number {
  const value = wholeNumber(text);
  if (value >= 0 && value <= LARGEST_SEED) return value;
  throw new InvalidArgumentError(`Expected a whole number from 0 to ${LARGEST_SEED}.`);
}

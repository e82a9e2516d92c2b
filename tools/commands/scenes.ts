import { Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { listening } from '../../files/interruption.js';
import { checkEmptyFolder } from '../../files/whole_folder.js';
import { inputSize, positiveInteger, wholeNumber } from '../common_options.js';
import { createConsole } from '../console.js';

const optionsSchema = z.object({
  out: z.string(),
  count: z.number(),
  seed: z.number(),
  size: z.object({ height: z.number(), width: z.number() }),
  quiet: z.boolean().default(false),
});
type Options = z.output<typeof optionsSchema>;

/** Names of pictures have six digits. */
const MOST_PICTURES = 1_000_000;
/** Below, nothing can be told apart; above, a picture takes seconds. */
const SIDES = { least: 64, most: 4096 } as const;

/** `lowformer scenes --out DIR`: pictures with truth, to train and to test with. */
export function scenesCommand(signal: AbortSignal): Command {
  return new Command('scenes')
    .requiredOption('--out <dir>', 'where images/, annotations.json and labels/ go: a new or empty folder')
    .addOption(new Option('--count <n>', 'how many').default(100).argParser(pictureCount))
    .addOption(new Option('--seed <n>', 'other pictures for another number').default(0).argParser(wholeNumber))
    .addOption(
      new Option('--size <HxW>', 'height and width in pixels')
        .default({ height: 320, width: 320 }, '320x320')
        .argParser(pictureSize),
    )
    .option('--quiet', 'say nothing but errors')
    .action(async (given: unknown) => {
      const options = optionsSchema.parse(given);
      await listening(() => scenes(options, signal));
    });
}

async function scenes({ out, count, seed, size, quiet }: Options, signal: AbortSignal): Promise<void> {
  const log = createConsole(quiet);
  await checkEmptyFolder(out);
  const { writeScenes } = await import('../../scenes/write_scenes.js');
  const drawn = new Map<string, number>();
  const progress = log.progress(count, 'pictures');
  try {
    await writeScenes(
      out,
      { seed, count, size },
      {
        signal,
        onScene: (file, objects) => {
          for (const { category } of objects) drawn.set(category, (drawn.get(category) ?? 0) + 1);
          progress.done(`${file}: ${objects.length} ${objects.length === 1 ? 'object' : 'objects'}`);
        },
      },
    );
  } finally {
    progress.stop();
  }
  const counts = [...drawn].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, number]) => `${number} ${name}`);
  log.say(`${count} ${count === 1 ? 'picture is' : 'pictures are'} in ${out}: ${counts.join(', ')}`);
}

/** For commander. */
function pictureCount(text: string): number {
  const count = positiveInteger(text);
  if (count <= MOST_PICTURES) return count;
  throw new InvalidArgumentError(`Expected at most ${MOST_PICTURES}.`);
}

/** For commander. */
function pictureSize(text: string): Options['size'] {
  const size = inputSize(text);
  const { least, most } = SIDES;
  if (Math.min(size.height, size.width) >= least && Math.max(size.height, size.width) <= most) return size;
  throw new InvalidArgumentError(`Expected sides from ${least} to ${most} pixels.`);
}

/** Options of commands that take a clip, a stream or a camera in place of pictures. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { LowformerError } from '../core/errors.js';
import { isVideoSource } from '../video/source.js';
import { positiveInteger } from './common_options.js';

/** Every frame, or always the newest. */
const FRAMES = ['all', 'newest'] as const;

/** What `withClipOptions` adds; none is set unless it was given. */
export const clipOptionsSchema = z.object({
  every: z.number().optional(),
  from: z.number().optional(),
  to: z.number().optional(),
  frames: z.enum(FRAMES).optional(),
  stall: z.number().optional(),
});
export type ClipOptions = z.output<typeof clipOptionsSchema>;

/** Adds what says which frames are taken. */
export function withClipOptions(command: Command): Command {
  return command
    .addOption(new Option('--every <n>', 'of a clip: one frame of n').argParser(positiveInteger))
    .addOption(new Option('--from <time>', 'of a clip: from this time on, in seconds or as hh:mm:ss').argParser(clock))
    .addOption(new Option('--to <time>', 'of a clip or a stream: frames before this time').argParser(clock))
    .addOption(
      new Option(
        '--frames <which>',
        'of a clip all; of streams and cameras the newest, whenever the network is free',
      ).choices(FRAMES),
    )
    .addOption(
      new Option('--stall <seconds>', 'of a stream: give it up after so long without a frame; by default 10').argParser(
        duration,
      ),
    );
}

/**
 * The clip, stream or camera among the arguments; undefined where all are pictures.
 * @throws {LowformerError} `invalid-argument` for one beside others, and for options of clips beside pictures.
 */
export function clipAmong(images: readonly string[], options: ClipOptions): string | undefined {
  const clip = images.find(isVideoSource);
  if (clip === undefined) {
    for (const [name, received] of Object.entries(clipOptionsSchema.parse(options))) {
      if (received === undefined) continue;
      const expected = 'none beside pictures: it is for clips, streams and cameras,';
      throw new LowformerError({ code: 'invalid-argument', where: `--${name}`, expected, received });
    }
    return undefined;
  }
  if (images.length === 1) return clip;
  const expected = 'a clip, a stream or a camera by itself';
  const hint = 'Call the command once for each, and apart from pictures.';
  throw new LowformerError({
    code: 'invalid-argument',
    where: 'IMAGE',
    expected,
    received: `${images.length} arguments`,
    hint,
  });
}

/** For commander: seconds, `12.5`, or `mm:ss`, `hh:mm:ss`, `1:02:03.5`. */
export function clock(text: string): number {
  const parts = /^(?:(?:(\d+):)?(\d+):)?(\d+(?:\.\d+)?)$/.exec(text);
  if (parts === null) throw new InvalidArgumentError('Expected seconds, or hh:mm:ss.');
  const [hours = 0, minutes = 0, seconds = 0] = parts.slice(1).map((part) => Number(part ?? 0));
  return hours * 3600 + minutes * 60 + seconds;
}

/** For commander: seconds, more than 0. */
function duration(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value > 0 && value <= 86_400)) {
    throw new InvalidArgumentError('Expected seconds, more than 0 and at most 86400.');
  }
  return value;
}

import { Command, Option } from 'commander';
import { z } from 'zod';
import { clipOptionsSchema, withClipOptions } from './clip_options.js';
import { positiveInteger, sessionsOption, withCommonOptions } from './common_options.js';
import { FORMAT_DEFAULT, RECORD_FORMATS } from './json_output.js';
import { maxPixelsOption } from './slice_options.js';

/**
 * A command of the form `VERB CONFIG IMAGE…`. What reads and draws pictures is imported when it is needed: the native
 * libraries behind it take longer to load than the rest, and every command would wait for them.
 */
export function pictureCommand(verb: string): Command {
  const command = withCommonOptions(new Command(verb))
    .argument('<config>', 'a file, or the name of a shipped config; blood-cells is a trained detector')
    .argument(
      '<image...>',
      'pictures, folders, globs; or one clip, rtsp: or http: address, camera (/dev/video0), - for stdin',
    )
    .addOption(
      new Option('--batch-size <n>', 'pictures in one run of the network').default(1).argParser(positiveInteger),
    )
    .addOption(sessionsOption())
    .addOption(maxPixelsOption());
  return withClipOptions(command);
}

/** `--format` of commands whose results no other tool has a format for. */
export function recordFormatOption(): Option {
  return new Option('--format <name>', `of --json: one list, or a picture a line; ${FORMAT_DEFAULT}`).choices(
    RECORD_FORMATS,
  );
}

/** What `pictureCommand` adds to the common options. */
export const pictureOptionsSchema = clipOptionsSchema.extend({
  batchSize: z.number(),
  sessions: z.number().optional(),
  maxPixels: z.number().optional(),
  format: z.string().optional(),
});

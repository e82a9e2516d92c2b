/** `--track` of `detect`, and the options that go with it. */
import { type Command, Option } from 'commander';
import { z } from 'zod';
import { LowformerError } from '../core/errors.js';
import { positiveInteger, probability, wholeFromZero } from './common_options.js';
import { checkCountOptions, countOptionsSchema, withCountOptions } from './count_options.js';
import { isRecordFormat } from './json_output.js';

/** What `withTrackOptions` adds; none is set unless it was given. */
export const trackOptionsSchema = z.object({
  track: z.boolean().optional(),
  trackThr: z.number().optional(),
  trackBuffer: z.number().optional(),
  trackByClass: z.boolean().optional(),
  trackTail: z.number().optional(),
  mot: z.string().optional(),
  ...countOptionsSchema.shape,
});
export type TrackOptions = z.output<typeof trackOptionsSchema>;

/** Adds what follows objects from frame to frame. */
export function withTrackOptions(command: Command): Command {
  const tracking = command
    .option('--track', 'the pictures are frames of one sequence: give each object its track_id')
    .addOption(
      new Option(
        '--track-thr <p>',
        'score from which on a detection is matched first; by default 0.25, and tracks start from 0.1 above it',
      ).argParser(probability),
    )
    .addOption(
      new Option(
        '--track-buffer <n>',
        'frames for which a track that is not seen can be found again; by default 30',
      ).argParser(wholeFromZero),
    )
    .option('--track-by-class', 'a track keeps to its class')
    .addOption(
      new Option('--track-tail <n>', 'in pictures of --out: where each object was in the last n frames').argParser(
        positiveInteger,
      ),
    )
    .option('--mot <file>', 'write the tracks as text of MOTChallenge');
  return withCountOptions(tracking);
}

/**
 * Whether objects are to be followed.
 * @throws {LowformerError} `invalid-argument` for options that go with `--track`, without it, and for those that do not go
 *   with it.
 */
export function checkTrackOptions(
  options: TrackOptions,
  {
    out,
    queue,
    format,
  }: { readonly out?: string | undefined; readonly queue?: string | undefined; readonly format?: string | undefined },
): boolean {
  const { track = false, ...others } = options;
  const refuse = (where: string, expected: string, received: unknown) =>
    new LowformerError({ code: 'invalid-argument', where, expected, received });
  if (!track) {
    for (const [key, received] of Object.entries(others)) {
      if (received === undefined) continue;
      const shown = Array.isArray(received) ? received.map(({ name }) => name).join(', ') : received;
      throw refuse(flag(key), 'it beside --track alone,', shown);
    }
    return false;
  }
  if (queue !== undefined) {
    throw refuse('--queue', 'none beside --track, which wants a sequence in its order from one process,', queue);
  }
  if (format !== undefined && !isRecordFormat(format)) {
    throw refuse('--format', 'json or jsonl beside --track: other formats have no place for a track_id,', format);
  }
  if (options.trackTail !== undefined && out === undefined) {
    throw refuse('--track-tail', '--out DIR beside it, in whose pictures tails are drawn,', options.trackTail);
  }
  checkCountOptions(options);
  return true;
}

/** `trackByClass` as `--track-by-class`. */
function flag(key: string): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** Options of large pictures: windows over them, and how large they may be. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { LowformerError } from '../core/errors.js';
import type { Size } from '../core/frame.js';
import { MERGE_METRICS, MERGINGS } from '../geometry/box_merging.js';
import { MAX_PIXELS } from '../images/pixels.js';
import type { SliceOptions } from '../models/slices.js';
import { positiveInteger } from './common_options.js';

/** What `withSliceOptions` adds. */
export const sliceOptionsSchema = z.object({
  slice: z.object({ width: z.number(), height: z.number() }).optional(),
  overlap: z.number().optional(),
  sliceMerge: z.enum(MERGINGS).optional(),
  sliceMetric: z.enum(MERGE_METRICS).optional(),
  sliceThreshold: z.number().optional(),
  sliceAgnostic: z.boolean().optional(),
  wholePicture: z.boolean(),
});

type GivenSlices = z.output<typeof sliceOptionsSchema>;

/** The flags beside `--slice`, by the options that they set. */
const DETAILS = {
  overlap: '--overlap',
  sliceMerge: '--slice-merge',
  sliceMetric: '--slice-metric',
  sliceThreshold: '--slice-threshold',
  sliceAgnostic: '--slice-agnostic',
} as const satisfies Partial<Record<keyof GivenSlices, string>>;

/** For commands that run detectors. */
export function withSliceOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--slice <size>',
        'go over each picture in windows of these sides: 640, 640x480 (width x height)',
      ).argParser(sliceSize),
    )
    .addOption(
      new Option('--overlap <part>', 'of the sides of neighbouring windows; 0.2 by default').argParser(overlapPart),
    )
    .addOption(
      new Option('--slice-merge <name>', 'how boxes of several windows become one; nms by default').choices(MERGINGS),
    )
    .addOption(
      new Option(
        '--slice-metric <name>',
        'overlap of boxes over their union or the smaller one; iou by default',
      ).choices(MERGE_METRICS),
    )
    .addOption(
      new Option('--slice-threshold <p>', 'overlap from which on boxes are merged; 0.5 by default').argParser(
        aboveZero,
      ),
    )
    .option('--slice-agnostic', 'merge boxes of different classes, too')
    .option('--no-whole-picture', 'with --slice: windows alone, without a look at the whole picture');
}

/** For commands that read pictures. */
export function maxPixelsOption(): Option {
  return new Option('--max-pixels <n>', `refuse larger pictures; ${MAX_PIXELS} by default`).argParser(positiveInteger);
}

/**
 * What the library takes; undefined without `--slice`.
 * @param beside options that contradict it, by their flags, as far as they are given.
 * @throws {LowformerError} `invalid-argument` for options of windows without `--slice`, and for such a contradiction.
 */
export function slicesOf(
  given: GivenSlices,
  batchSize: number,
  beside: Readonly<Record<string, boolean>>,
): SliceOptions | undefined {
  const { slice, overlap, sliceMerge, sliceMetric, sliceThreshold, sliceAgnostic, wholePicture } = given;
  if (slice === undefined) {
    const stray = Object.entries(DETAILS).find(([key]) =>
      Object.entries(given).some(([name, value]) => name === key && value !== undefined),
    );
    const flag = stray?.[1] ?? (wholePicture ? undefined : '--no-whole-picture');
    if (flag !== undefined) throw contradiction(flag, '--slice beside it');
    return undefined;
  }
  for (const [flag, isGiven] of Object.entries(beside)) if (isGiven) throw contradiction(flag, 'none beside --slice');
  return {
    size: slice,
    batchSize,
    wholePicture,
    ...(overlap === undefined ? {} : { overlap }),
    ...(sliceMerge === undefined ? {} : { merge: sliceMerge }),
    ...(sliceMetric === undefined ? {} : { metric: sliceMetric }),
    ...(sliceThreshold === undefined ? {} : { threshold: sliceThreshold }),
    ...(sliceAgnostic === undefined ? {} : { classAgnostic: sliceAgnostic }),
  };
}

function contradiction(where: string, expected: string): LowformerError {
  return new LowformerError({ code: 'invalid-argument', where, expected });
}

function sliceSize(text: string): Size {
  const [, across = 0, down = across] = (/^(\d+)(?:x(\d+))?$/i.exec(text) ?? []).map((part) =>
    part === undefined ? undefined : Number(part),
  );
  if (across < 16 || down < 16)
    throw new InvalidArgumentError('Expected pixels of a side, 640, or WIDTHxHEIGHT, 640x480; 16 or more.');
  return { width: across, height: down };
}

function overlapPart(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value < 1))
    throw new InvalidArgumentError('Expected a number from 0 to 1, 1 excluded.');
  return value;
}

function aboveZero(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value > 0 && value <= 1))
    throw new InvalidArgumentError('Expected a number from 0 to 1, 0 excluded.');
  return value;
}

/** Frames of a clip, a stream or a camera, as `predictMany` takes them. */
import { z } from 'zod';
import { onAbort } from '../core/abort.js';
import { LowformerError } from '../core/errors.js';
import { checkOptions, signal } from '../models/predict_options.js';
import { decodeFrames, type FrameDecoder, type VideoFrame } from './decode.js';
import { findFfmpeg } from './ffmpeg.js';
import { newestOf } from './newest.js';
import { checkOpenable } from './openable.js';
import { type Clip, probeClip } from './probe.js';
import { type VideoSource, videoSource } from './source.js';

export interface FramesOptions {
  /** One frame of so many, the first included; all unless told otherwise. */
  readonly every?: number;
  /** Seconds from the start of a clip: frames with `from <= time < to`. */
  readonly from?: number;
  readonly to?: number;
  /**
   * Always the newest frame when one is asked for; those between are dropped. True for cameras and streams unless told
   * otherwise, where frames that wait grow old.
   */
  readonly newest?: boolean;
  /** Seconds without anything new after which a stream is given up; 10 unless told otherwise. Files have all the time. */
  readonly stall?: number;
  readonly signal?: AbortSignal;
}

/** Frames as they are asked for. Leaving a loop over them ends ffmpeg; so does `return`, also while the next one is waited for. */
export interface VideoFrames extends AsyncIterableIterator<VideoFrame, undefined, undefined> {
  return(): Promise<IteratorResult<VideoFrame, undefined>>;
}

const seconds = z.number().nonnegative();
const schema = z.strictObject({
  every: z.int().positive().default(1),
  from: seconds.default(0),
  to: z.number().positive().default(Number.POSITIVE_INFINITY),
  newest: z.boolean().optional(),
  stall: z.number().positive().default(10),
  signal,
});

/**
 * The frames of a source, one after the other, each with its number and its time stamp. Nothing is opened before the first is
 * asked for, and no more is decoded than is asked for, but of a stream whose newest frame is wanted.
 * @param source a clip's path or `file:` URL, an address (`rtsp:`, `http:`, `srt:`, …), a camera (`/dev/video0`), `-` for stdin.
 * @throws {LowformerError} `invalid-argument` for options that do not fit. Of `next`: `missing-package` without ffmpeg,
 *   `unreadable-file` for what cannot be read, ends in the middle (after its last frame) or stalls; the signal's reason.
 */
export function framesOf(source: string | URL, options: FramesOptions = {}): VideoFrames {
  if (typeof source !== 'string' && !(source instanceof URL)) {
    const expected = 'a path, an address, a camera or -';
    throw new LowformerError({ code: 'invalid-argument', where: 'source', expected, received: source });
  }
  checkOptions(schema, options);
  const from = videoSource(String(source));
  return framesOfSource(from, undefined, options);
}

/** What is known of a source before its frames are read; undefined of streams. @throws {LowformerError} as `framesOf` does. */
export async function describeSource(source: VideoSource): Promise<Clip | undefined> {
  const ffmpeg = await findFfmpeg();
  if (source.kind === 'file') return probeClip(ffmpeg, source);
  await checkOpenable(source);
  return undefined;
}

/** `framesOf` for a source that may have been looked at already. */
export function framesOfSource(source: VideoSource, known: Clip | undefined, given: FramesOptions): VideoFrames {
  const { newest = source.live, ...options } = schema.parse(given);
  checkRange(source, newest, options);
  options.signal?.throwIfAborted();
  let decoder: Promise<FrameDecoder> | undefined;
  let over = false;
  const open = async (): Promise<FrameDecoder> => {
    const ffmpeg = await findFfmpeg();
    const clip = known ?? (await describeSource(source));
    const stall = source.kind === 'file' ? Number.POSITIVE_INFINITY : options.stall;
    return decodeFrames(ffmpeg, source, clip, { ...options, stall, lowDelay: newest });
  };
  const close = () => {
    over = true;
    off();
    decoder?.then((one) => one.close()).catch(() => {});
  };
  const off = onAbort(options.signal, close);
  const frames: VideoFrames = {
    async next() {
      options.signal?.throwIfAborted();
      if (over) return { done: true, value: undefined };
      try {
        decoder ??= open();
        const frame = await (await decoder).next();
        options.signal?.throwIfAborted();
        if (frame !== undefined) return { done: false, value: frame };
      } catch (error) {
        close();
        throw error;
      }
      close();
      return { done: true, value: undefined };
    },
    async return() {
      close();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => frames,
  };
  return newest ? newestOf(frames) : frames;
}

/** @throws {LowformerError} `invalid-argument` for options that contradict one another or the source. */
function checkRange(
  { live, name }: VideoSource,
  newest: boolean,
  { every, from, to }: { readonly every: number; readonly from: number; readonly to: number },
): void {
  const refuse = (where: string, expected: string, received: unknown) =>
    new LowformerError({ code: 'invalid-argument', where, expected, received });
  if (to <= from) throw refuse('to', `a time after ${from} s, where the range begins,`, to);
  if (live && from > 0) throw refuse('from', `none for ${name}, which begins when it is opened,`, from);
  if (newest && every > 1)
    throw refuse('every', 'none where only the newest frame is taken: others are left out anyway,', every);
}

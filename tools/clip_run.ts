/** `detect`, `segment` and `classify` over the frames of a clip, a stream or a camera. */
import { onAbort } from '../core/abort.js';
import { LowformerError } from '../core/errors.js';
import type { Log } from '../core/log.js';
import { collectNotes, noteText } from '../core/notes.js';
import type { Result } from '../core/results.js';
import { checkWritable } from '../files/atomic_write.js';
import type { LoadedModel } from '../models/load_model.js';
import { withNotes } from '../models/result_records.js';
import { sessionsFor } from '../models/sessions_for.js';
import type { VideoFrame } from '../video/decode.js';
import { clipWriter } from '../video/encode.js';
import { findFfmpeg } from '../video/ffmpeg.js';
import { describeSource, framesOfSource, type VideoFrames } from '../video/frames.js';
import { predictNewest } from '../video/newest.js';
import type { Clip } from '../video/probe.js';
import { videoSource } from '../video/source.js';
import { checkClipOptions } from './clip_checks.js';
import type { ClipOptions } from './clip_options.js';
import { createConsole } from './console.js';
import { checkJsonTarget, recordWriter } from './json_output.js';
import { loadOptions } from './load_options.js';
import type { GivenOptions, PictureRun } from './picture_run.js';
import { tellUndrawable } from './undrawable_names.js';

/** Lines that only say that something goes on, where nobody knows how much is to come. */
const SECONDS_APART = 5;
/** Of a clip or a stream of unknown length: as many as make it worth opening more than one session. */
const UNKNOWN_FRAMES = 1000;

/**
 * Runs a model over frames; records go out as they come. Of a clip every frame is run, of a stream the newest whenever the
 * network is free. Ctrl-C ends a stream as its end does: what was found until then is completed.
 * @param given the argument that names it.
 * @throws {LowformerError} `missing-package` without ffmpeg; `invalid-argument` for options that do not fit;
 *   `unreadable-file` for a source that cannot be read, and, once what came before it is written, that breaks off.
 */
export async function runClip<R extends Result>(
  config: string,
  given: string,
  options: GivenOptions,
  run: PictureRun<R>,
): Promise<void> {
  const log = createConsole(options.quiet);
  const source = videoSource(given);
  const newest = options.frames === undefined ? source.live : options.frames === 'newest';
  const format = checkClipOptions(source, newest, options);
  const target = options.json ?? (options.out === undefined ? '-' : undefined);
  await checkJsonTarget(target);
  if (options.out !== undefined) await checkWritable(options.out);
  const clip = await describeSource(source);
  const expected = expectedFrames(clip, options);
  const { every, from, to, stall, signal } = options;
  const range = { newest, ...thoseGiven({ every, from, to, stall }) };
  const endless = source.kind !== 'file';
  // A stream that is interrupted has ended; a clip that is interrupted is given up.
  const frames = asOptions(() => framesOfSource(source, clip, endless ? range : { ...range, signal }));
  const off = endless ? onAbort(signal, () => void frames.return()) : () => {};

  const load = loadOptions(options, log);
  // Of the newest frame alone there is one at a time, but for its windows.
  const runs = options.slices === undefined ? (expected ?? UNKNOWN_FRAMES) : Number.POSITIVE_INFINITY;
  const sessions = newest && options.slices === undefined ? 1 : sessionsFor(runs, load);
  await using model = await run.load(config, { ...load, sessions });
  await using records = target === undefined ? undefined : recordWriter(target, format, { grows: true });
  await using written =
    options.out === undefined
      ? undefined
      : await clipWriter(
          await findFfmpeg(),
          options.out,
          { source, clip, from: from ?? 0, to: to ?? Number.POSITIVE_INFINITY },
          log.say,
        );
  if (written !== undefined) await tellUndrawable(model.classes, log.say);
  run.sequence?.begin(endless);
  const kept = untilBroken(frames);
  const progress = expected === undefined ? ticking(log) : log.progress(expected, 'frames');
  const notes = collectNotes();
  const bad: LowformerError[] = [];
  const start = performance.now();
  let done = 0;
  let last: VideoFrame | undefined;
  try {
    for await (const outcome of outcomesOf(model, kept.frames, newest, options)) {
      if (!endless) signal.throwIfAborted();
      const { source: frame } = outcome;
      const { index, time } = frame;
      last = frame;
      if (!outcome.ok) {
        bad.push(outcome.error.at(`${source.name}: frame ${index}`));
        progress.done(`${time.toFixed(3)} s: cannot be used`);
        continue;
      }
      done++;
      const result = (await run.sequence?.follow(outcome.result, index + 1)) ?? outcome.result;
      const record = { file: source.name, frame: index, time, ...run.record(source.name, result) };
      await records?.add(withNotes(record, outcome.notes));
      if (written !== undefined) {
        await written.add((await run.paint?.(frame, result, model)) ?? frame, time);
      }
      for (const { where, ...note } of outcome.notes) notes.add({ ...note, where: 'frames' }, where);
      progress.done(`${time.toFixed(3)} s: ${run.summary(result)}`);
      // Nobody reads what is still to come.
      if (written === undefined && run.sequence?.writes !== true && records?.wanted === false) return;
    }
  } finally {
    off();
    progress.stop();
    await frames.return();
  }
  if (!endless) signal.throwIfAborted();
  if (last === undefined && kept.broken() !== undefined) throw kept.broken();
  await records?.finish();
  await written?.finish();
  for (const line of (await run.sequence?.finish()) ?? []) log.say(line);
  if (options.out !== undefined && done > 0) log.say(`the clip is in ${options.out}`);
  for (const note of notes.list()) log.say(noteText(note));
  log.say(outcomeText(source.name, { done, last, newest, seconds: (performance.now() - start) / 1000 }));
  const broken = kept.broken();
  // Whether its server was switched off or has failed is not to be told; that it was not asked to is.
  if (source.live && !signal.aborted && broken === undefined && (to === undefined || (last?.time ?? 0) < to - 1)) {
    log.say(`${source.name}: the stream has ended, ${(last?.time ?? 0).toFixed(3)} s after its first frame`);
  }
  if (broken !== undefined) throw broken;
  if (bad.length > 0) throw unusable(source.name, bad, done);
}

function outcomesOf<R extends Result>(
  model: LoadedModel<R>,
  frames: AsyncIterable<VideoFrame>,
  newest: boolean,
  { batchSize, signal, slices, maxPixels }: GivenOptions,
) {
  // A frame is nobody else's: it need not be copied.
  const how = { batchSize, transfer: true, ...thoseGiven({ maxPixels }), ...(slices === undefined ? {} : { slices }) };
  return newest ? predictNewest(model, frames, how) : model.predictMany(frames, { ...how, signal });
}

/** The frames until the source breaks off, which is told when they are done. */
function untilBroken(frames: VideoFrames) {
  let broken: LowformerError | undefined;
  const kept: VideoFrames = {
    async next() {
      try {
        return await frames.next();
      } catch (error) {
        if (!(error instanceof LowformerError)) throw error;
        broken = error;
        return { done: true, value: undefined };
      }
    },
    return: () => frames.return(),
    [Symbol.asyncIterator]: () => kept,
  };
  return { frames: kept, broken: () => broken };
}

/** How many will be run, as far as the header says. */
function expectedFrames(clip: Clip | undefined, { every = 1, from = 0, to }: ClipOptions): number | undefined {
  if (clip === undefined) return undefined;
  const { frameCount, frameRate, end } = clip;
  if (from === 0 && to === undefined && frameCount !== undefined) return Math.ceil(frameCount / every);
  if (end === undefined || frameRate === undefined) return undefined;
  return Math.max(1, Math.ceil(((Math.min(end, to ?? end) - from) * frameRate) / every));
}

/** Lines every few seconds, with a number and no total. */
function ticking(log: Log) {
  let count = 0;
  let last = Number.NEGATIVE_INFINITY;
  return {
    done(line: string) {
      count++;
      const now = performance.now();
      if (now - last < SECONDS_APART * 1000) return;
      last = now;
      log.say(`[${count}] ${line}`);
    },
    stop: () => {},
  };
}

function outcomeText(
  name: string,
  { done, last, newest, seconds }: { done: number; last: VideoFrame | undefined; newest: boolean; seconds: number },
): string {
  const rate = seconds > 0 ? `, ${(done / seconds).toFixed(1)} a second` : '';
  const dropped = last === undefined ? 0 : last.index + 1 - done;
  return `${name}: ${done} frames${rate}${newest ? `; ${dropped} dropped for newer ones` : ''}`;
}

/** Options of the library have the command line's names but for the dashes. */
function asOptions<Value>(open: () => Value): Value {
  try {
    return open();
  } catch (error) {
    throw error instanceof LowformerError ? error.at(`--${error.path}`) : error;
  }
}

/** Those that were given. */
function thoseGiven<Value>(options: Readonly<Record<string, Value | undefined>>): Readonly<Record<string, Value>> {
  return Object.fromEntries(
    Object.entries(options).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}

function unusable(where: string, bad: readonly LowformerError[], done: number): LowformerError {
  const few = bad.slice(0, 8).map(({ message }) => `\n  ${message}`);
  const more = bad.length > few.length ? `\n  … (${bad.length} frames)` : '';
  return new LowformerError({
    code: 'unreadable-image',
    where,
    expected: `${done + bad.length} frames that can be used`,
    received: done,
    hint: `Those are done. What cannot be used:${few.join('')}${more}`,
  });
}

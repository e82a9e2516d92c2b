/**
 * Frames of a source, decoded by ffmpeg in a process of its own. It is read when a frame is wanted and not before: who is slow
 * holds ffmpeg back, and memory stays as it is.
 *
 * Pixels are RGB as ffmpeg's own default makes them of what is coded (swscale, bicubic, the colour matrix and range that
 * the stream names, BT.601 and limited range where it names none): to the byte what OpenCV's `VideoCapture` gives. Turned
 * as the clip says it is to be shown; pixels that are not square stay as they are stored, as in OpenCV.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { Readable } from 'node:stream';
import { LowformerError } from '../core/errors.js';
import type { RgbImage } from '../core/frame.js';
import { type Complaints, collectComplaints } from './complaints.js';
import type { Ffmpeg } from './ffmpeg.js';
import { frameTimes, STAMPING } from './frame_times.js';
import { ppmCutter } from './ppm_frames.js';
import { type Clip, ONLY_CLIPS } from './probe.js';
import { endingError, nothingRead, stalled } from './reading_errors.js';
import type { VideoSource } from './source.js';

/** A frame of a clip or a stream. */
export interface VideoFrame extends RgbImage {
  /** Its number among all that were decoded, from 0: those that are left out count. With `from`, 0 is the first after it. */
  readonly index: number;
  /** Seconds from the start of the clip, or from a stream's first frame, to the microsecond, as the clip's stamps say. */
  readonly time: number;
}

export interface FrameRange {
  /** One frame of so many, the first included; 1 is all. */
  readonly every: number;
  /** Seconds: frames with `from <= time < to`. */
  readonly from: number;
  readonly to: number;
}

export interface DecodingOptions extends FrameRange {
  /** Seconds without a byte after which a stream is given up. */
  readonly stall: number;
  /** The decoder gives a frame as soon as it can, with one thread: several hold one frame back each. */
  readonly lowDelay: boolean;
}

export interface FrameDecoder {
  /**
   * The next frame; undefined at the end of a whole clip, and once it is closed.
   * @throws {LowformerError} `unreadable-file` for a source that cannot be read, ends in the middle or stalls.
   */
  next(): Promise<VideoFrame | undefined>;
  /** Ends ffmpeg. Safe to repeat. */
  close(): void;
  readonly complaints: Complaints;
}

/** Formats with an index of their frames: in others, seeking may miss the first ones after a place. */
const SEEKABLE = ['mov', 'matroska', 'avi'];

/** Still running when this process ends, in whatever way it does: they are ended, too. */
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** @param clip what is known of a file, and undefined for a stream. */
export function decodeFrames(
  ffmpeg: Ffmpeg,
  source: VideoSource,
  clip: Clip | undefined,
  options: DecodingOptions,
): FrameDecoder {
  const seeks = options.from > 0 && SEEKABLE.some((format) => clip?.format.split(',').includes(format) === true);
  // Whole seconds: they are so many ticks of every clock, and stamps are counted from there.
  const offset = seeks ? Math.floor(options.from) : 0;
  const child = spawn(ffmpeg.path, decodingArguments(ffmpeg, source, options, offset), {
    stdio: [source.kind === 'stdin' ? 'inherit' : 'ignore', 'pipe', 'pipe', 'pipe'],
    // Ctrl-C is for this process, which ends ffmpeg in its own time.
    detached: process.platform !== 'win32',
    windowsHide: true,
  });
  running.add(child);
  const ended = new Promise<number>((resolve) => {
    child.once('error', () => resolve(-1));
    child.once('close', (code) => resolve(code ?? -1));
  }).finally(() => running.delete(child));

  const complaints = collectComplaints();
  child.stderr?.setEncoding('utf8').on('data', complaints.push);
  const times = frameTimes();
  const stamps = child.stdio[3];
  if (stamps instanceof Readable) stamps.setEncoding('utf8').on('data', times.push).on('close', times.end);
  else times.end();

  const { stdout } = child;
  if (stdout === null) throw new TypeError('no pipe from ffmpeg');
  const pieces: AsyncIterator<Uint8Array> = stdout.iterator();
  const cutter = ppmCutter();
  const ready: RgbImage[] = [];
  let count = 0;
  let last = Number.NaN;
  let closed = false;
  let isStalled = false;
  let over = false;
  /** The second frame, of which the first one had to know. */
  let held: Promise<VideoFrame | undefined> | undefined;

  /** The next piece; undefined at the end. */
  const read = async (): Promise<Uint8Array | undefined> => {
    const timer =
      options.stall === Number.POSITIVE_INFINITY
        ? undefined
        : setTimeout(() => {
            isStalled = true;
            child.kill('SIGKILL');
          }, options.stall * 1000);
    try {
      const step = await pieces.next();
      return step.done === true ? undefined : step.value;
    } catch (error) {
      // Closed while it was read.
      if (closed) return undefined;
      throw error;
    } finally {
      clearTimeout(timer);
    }
  };

  /** @throws {LowformerError} for an end that is none. */
  const finish = async (): Promise<undefined> => {
    over = true;
    const code = await ended;
    if (closed) return undefined;
    const ending = { source, clip, options, complaints, count, last, isCut: cutter.begun > 0, code };
    if (isStalled) throw stalled(ending);
    if (count === 0) throw nothingRead(ending);
    const error = endingError(ending);
    if (error !== undefined) throw error;
    return undefined;
  };

  const decoded = async (): Promise<VideoFrame | undefined> => {
    while (ready.length === 0) {
      if (over || closed) return undefined;
      const piece = await read();
      if (closed) return undefined;
      if (piece === undefined || isStalled) return finish();
      ready.push(...cutter.push(piece));
    }
    const image = ready.shift();
    const time = await times.next();
    if (image === undefined || closed) return undefined;
    const index = count++ * options.every;
    if (time === undefined || Number.isNaN(time)) throw withoutTime(source, index);
    last = time + offset;
    // To the microsecond: adding leaves 0.1 + 0.2 behind.
    return { ...image, index, time: Math.round(last * 1e6) / 1e6 };
  };

  return {
    complaints,
    async next() {
      if (held !== undefined) {
        const frame = held;
        held = undefined;
        return frame;
      }
      const frame = await decoded();
      if (frame?.index !== 0 || !isRtsp(source)) return frame;
      const second = decoded();
      const after = await second.catch(() => undefined);
      if (after === undefined || after.time > frame.time) {
        held = second;
        return frame;
      }
      count--;
      return { ...after, index: 0 };
    },
    close() {
      closed = true;
      times.end();
      child.kill('SIGKILL');
      stdout.destroy();
    },
  };
}

/**
 * Its first packet may have no time stamp, and then gets that of the second from ffmpeg: of two frames in one instant only
 * the second is known to be there.
 */
function isRtsp({ name }: VideoSource): boolean {
  return /^rtsps?:/i.test(name);
}

function withoutTime({ name }: VideoSource, index: number): LowformerError {
  const hint = 'Put it into a container that has them: ffmpeg -i CLIP -c copy OTHER.mkv.';
  const expected = `a time stamp of frame ${index}`;
  return new LowformerError({ code: 'unreadable-file', where: name, expected, hint });
}

/** @param offset seconds that ffmpeg seeks to, from which its stamps count then. */
export function decodingArguments(
  { passthrough }: Ffmpeg,
  source: VideoSource,
  { every, from, to, lowDelay }: DecodingOptions,
  offset: number,
): readonly string[] {
  const trim = [
    ...(from > offset ? [`start=${seconds(from - offset)}`] : []),
    ...(to === Number.POSITIVE_INFINITY ? [] : [`end=${seconds(to - offset)}`]),
  ];
  const filters = [
    // Microseconds, so that a place between two ticks of the clip's own clock is one.
    'settb=AVTB',
    // ffmpeg counts from whatever comes first, which may be sound.
    ...(source.live ? ['setpts=PTS-STARTPTS'] : []),
    ...(trim.length === 0 ? [] : [`trim=${trim.join(':')}`]),
    ...(every === 1 ? [] : [`select='not(mod(n\\,${every}))'`]),
    'scale=flags=bicubic',
    'format=rgb24',
    ...STAMPING,
  ];
  return [
    ...['-hide_banner', '-nostats', '-loglevel', 'error'],
    ...(source.kind === 'stdin' ? [] : ['-nostdin']),
    ...(source.kind === 'file' || source.kind === 'stdin' ? ONLY_CLIPS : []),
    // What a stream consists of is known after a second, or shows on the way; ffmpeg itself listens for 5.
    ...(source.live ? ['-analyzeduration', '1000000'] : []),
    ...(lowDelay ? ['-flags', 'low_delay'] : []),
    ...(offset > 0 ? ['-ss', seconds(offset)] : []),
    ...source.input,
    // The first that is no cover picture.
    ...['-map', '0:V:0', '-an', '-sn', '-dn'],
    ...['-vf', filters.join(',')],
    ...passthrough,
    ...['-c:v', 'ppm', '-f', 'image2pipe', 'pipe:1'],
  ];
}

/** As ffmpeg reads them; it takes no exponent. */
function seconds(value: number): string {
  return value.toFixed(6);
}

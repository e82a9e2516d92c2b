/** What is wrong with a source of frames, once ffmpeg has ended: one message each. */
import { LowformerError } from '../core/errors.js';
import type { Complaints } from './complaints.js';
import type { FrameRange } from './decode.js';
import type { Clip } from './probe.js';
import type { VideoSource } from './source.js';

export interface Ending {
  readonly source: VideoSource;
  readonly clip: Clip | undefined;
  readonly options: FrameRange & { readonly stall: number };
  readonly complaints: Complaints;
  /** Frames that were read. */
  readonly count: number;
  /** Seconds of the last of them. */
  readonly last: number;
  /** Whether it ended within a frame. */
  readonly isCut: boolean;
  /** ffmpeg's exit code; -1 where it has none. */
  readonly code: number;
}

/** Of what gives nothing at all. */
const QUESTIONS = {
  file: '',
  address: 'Is it on, and is the address right?',
  camera: 'Is it on?',
  stdin: 'Does what is before the pipe write a clip?',
} as const;

/** A stream that gave nothing for so long. */
export function stalled({ source, options, complaints, count, last }: Ending): LowformerError {
  const expected = `a frame within ${options.stall} s, but none came`;
  const hint =
    count > 0
      ? howFar(count, last)
      : `${QUESTIONS[source.kind]}${complaints.count === 0 ? '' : ` ${said(complaints)}`}`;
  return new LowformerError({ code: 'unreadable-file', where: source.name, expected, hint });
}

/** Not a single frame. */
export function nothingRead({ source, clip, options, complaints }: Ending): LowformerError {
  const where = source.name;
  const decoder = complaints.lines.map((line) =>
    /Decoder \(codec (\S+)\) not found|decoder '?(\w+)'? not found/i.exec(line),
  );
  const codec = decoder.map((match) => match?.[1] ?? match?.[2]).find((name) => name !== undefined);
  if (codec !== undefined) {
    const expected = 'video in a codec that this ffmpeg decodes';
    const hint = 'Install an ffmpeg with it, or convert the clip.';
    return new LowformerError({ code: 'unreadable-file', where, expected, received: codec, hint });
  }
  if (complaints.lines.some((line) => line.includes('matches no streams'))) {
    return new LowformerError({ code: 'unreadable-file', where, expected: 'video, but it has none' });
  }
  const { from } = options;
  if (complaints.count === 0 && from > 0) {
    const ends = clip?.end === undefined ? '' : `, which ends at ${clip.end} s,`;
    const expected = `frames from ${from} s on${ends === '' ? ',' : ends} but there is none`;
    return new LowformerError({ code: 'unreadable-file', where, expected });
  }
  const expected = source.kind === 'address' ? 'a stream that ffmpeg can open' : 'frames that ffmpeg can decode';
  const asked = complaints.lines.some((line) => /\b401\b/.test(line)) && /^(?:rtsp|http)s?:/i.test(where);
  const way = asked ? '\nUser name and password stand in the address: SCHEME://USER:PASSWORD@HOST/…' : '';
  return new LowformerError({ code: 'unreadable-file', where, expected, hint: `${said(complaints)}${way}` });
}

/** Words of ffmpeg's on a source that broke off, where no header says how long it would have been. */
const BROKEN =
  /prematurely|partial file|truncat|end of file|input\/output error|connection (?:reset|timed|refused)|broken pipe/i;

/** undefined for a source that was read to its end, whatever damage there is within. */
export function endingError(ending: Ending): LowformerError | undefined {
  const { source, clip, options, complaints, count, last, isCut, code } = ending;
  const troubled = isCut || code !== 0 || complaints.count > 0;
  const early = clip?.end === undefined ? undefined : Math.min(clip.end, options.to) - last;
  const isWhole = early === undefined ? !complaints.lines.some((line) => BROKEN.test(line)) : early <= slack(ending);
  if (!troubled || (isWhole && !isCut && code === 0)) return undefined;
  const until = clip?.end === undefined ? '' : ` of ${clip.end.toFixed(3)} s`;
  const expected = `frames until the end${until}, but it breaks off`;
  const hint = `${howFar(count, last)}. ${said(complaints)}`;
  return new LowformerError({ code: 'unreadable-file', where: source.name, expected, hint });
}

/** Seconds that a whole clip may lack after the last frame that was taken: frames left out, and one that is shown for long. */
function slack({ clip, options }: Ending): number {
  return Math.max(0.5, (2 * options.every + 1) / (clip?.frameRate ?? 25));
}

function howFar(count: number, last: number): string {
  return `Read until then: ${count} frames, the last at ${last.toFixed(3)} s`;
}

function said({ lines, count }: Complaints): string {
  if (count === 0) return 'ffmpeg does not say why.';
  const more = count > lines.length ? `\n  … (${count} lines)` : '';
  return `ffmpeg says:${lines.map((line) => `\n  ${line}`).join('')}${more}`;
}

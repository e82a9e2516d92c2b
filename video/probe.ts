/** What a clip is, before its frames are read: asked of `ffprobe`, which reads headers and the first frames. */
import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { z } from 'zod';
import { LowformerError } from '../core/errors.js';
import { readingReason } from '../files/system_error.js';
import { collectComplaints } from './complaints.js';
import type { Ffmpeg } from './ffmpeg.js';
import type { VideoSource } from './source.js';

export interface Clip {
  /** As ffmpeg names it: `mov,mp4,m4a,3gp,3g2,mj2`, `matroska,webm`. */
  readonly format: string;
  /** `h264`, `hevc`, `vp9`, … */
  readonly codec: string;
  /** Frames a second on average; undefined where nobody knows. */
  readonly frameRate: number | undefined;
  /** As the header counts them; undefined where it does not. */
  readonly frameCount: number | undefined;
  /** Seconds from the start of the clip to the end of its last frame; undefined where the header does not say. */
  readonly end: number | undefined;
  /** Width over height of a pixel as displayed, as a fraction `4:3`; undefined where pixels are square. */
  readonly sampleAspect: string | undefined;
  /** Codecs of its sound; empty where it has none. */
  readonly audio: readonly string[];
}

/**
 * Formats that hold a clip by themselves. Those that name other files or addresses (playlists, scripts, manifests, sequences
 * of pictures) are not among them: whoever hands over a clip would have those opened, too.
 */
const FORMATS = [
  ...[
    'mov',
    'matroska',
    'avi',
    'mpegts',
    'mpeg',
    'mpegvideo',
    'm4v',
    'asf',
    'flv',
    'mxf',
    'ogg',
    'nut',
    'gxf',
    'dv',
    'rm',
    'wtv',
  ],
  ...['h261', 'h263', 'h264', 'hevc', 'vvc', 'evc', 'av1', 'obu', 'ivf', 'vc1', 'cavsvideo', 'dirac', 'dnxhd'],
  ...['mjpeg', 'mjpeg_2000', 'mpjpeg', 'yuv4mpegpipe', 'gif', 'apng'],
].join(',');

/** For the input of a file. */
export const ONLY_CLIPS: readonly string[] = ['-format_whitelist', FORMATS];

const text = z.string().optional();
const schema = z.object({
  streams: z
    .array(
      z.object({
        codec_type: text,
        codec_name: text,
        codec_tag_string: text,
        sample_aspect_ratio: text,
        avg_frame_rate: text,
        nb_frames: text,
        duration: text,
        start_time: text,
        tags: z.object({ DURATION: text }).optional(),
        disposition: z.object({ attached_pic: z.number().optional() }).optional(),
      }),
    )
    .default([]),
  format: z.object({ format_name: text, duration: text, start_time: text }).default({}),
});
type Stream = z.output<typeof schema>['streams'][number];

const ENTRIES = [
  'format=format_name,duration,start_time',
  'stream=codec_type,codec_name,codec_tag_string,sample_aspect_ratio,avg_frame_rate,nb_frames,duration,start_time',
  'stream_tags=DURATION',
  'stream_disposition=attached_pic',
].join(':');

/**
 * @param source a file.
 * @throws {LowformerError} `unreadable-file` for what is no clip, has no video, or a codec that ffmpeg does not know;
 *   `missing-package` where ffprobe is not beside ffmpeg.
 */
export async function probeClip({ ffprobe }: Ffmpeg, source: VideoSource): Promise<Clip> {
  await checkFile(source.name);
  const args = ['-v', 'error', '-of', 'json', '-show_entries', ENTRIES, ...ONLY_CLIPS, ...source.input];
  const { stdout, stderr } = await call(ffprobe, args);
  const complaints = collectComplaints();
  complaints.push(stderr);
  const found = stdout === '' ? undefined : schema.safeParse(JSON.parse(stdout)).data;
  if (found === undefined || found.format.format_name === undefined) throw notAClip(source, complaints.lines);
  const videos = found.streams.filter((stream) => stream.codec_type === 'video');
  const video = videos.find(({ disposition }) => disposition?.attached_pic !== 1);
  if (video === undefined) throw withoutVideo(source, found.streams);
  const { codec_name: codec = 'unknown' } = video;
  if (['unknown', 'none'].includes(codec)) throw unknownCodec(source, video.codec_tag_string ?? codec);
  const audio = found.streams.filter(({ codec_type }) => codec_type === 'audio');
  const aspect = video.sample_aspect_ratio;
  return {
    format: found.format.format_name,
    codec,
    frameRate: fraction(video.avg_frame_rate),
    frameCount: number(video.nb_frames),
    end: endOf(video, found),
    sampleAspect: aspect === undefined || ['0:1', '1:1', 'N/A'].includes(aspect) ? undefined : aspect,
    audio: audio.map(({ codec_name = 'unknown' }) => codec_name),
  };
}

async function checkFile(path: string): Promise<void> {
  const expected = 'a clip';
  const found = await stat(path).catch((cause: unknown) => {
    const hint = readingReason(cause);
    throw new LowformerError({ code: 'unreadable-file', where: path, expected, hint, cause });
  });
  if (found.isFile()) return;
  const hint = found.isDirectory()
    ? 'It is a folder: name the clip.'
    : `It is a pipe or a device: give it on stdin, as '-' (lowformer detect CONFIG - < ${path}).`;
  throw new LowformerError({ code: 'unreadable-file', where: path, expected: 'a clip as a regular file', hint });
}

/** Its own complaints count, not its exit code. @throws {LowformerError} `missing-package`. */
function call(program: string, args: readonly string[]): Promise<{ readonly stdout: string; readonly stderr: string }> {
  return new Promise((done, failed) => {
    execFile(program, args, { maxBuffer: 2 ** 24, windowsHide: true }, (error, stdout, stderr) => {
      if (error === null || typeof error.code === 'number') return done({ stdout, stderr });
      const hint = 'It comes with ffmpeg, and is looked for beside it.';
      const [code, where, expected] = ['missing-package', 'ffprobe', 'the program ffprobe'] as const;
      failed(new LowformerError({ code, where, expected, received: program, hint, cause: error }));
    });
  });
}

function notAClip({ name }: VideoSource, said: readonly string[]): LowformerError {
  const list = said.find((line) => line.includes('not on whitelist'));
  const expected = 'a clip that ffmpeg can read';
  const hint =
    list === undefined
      ? `ffmpeg says: ${said[0]?.replace(`file:${name}: `, '') ?? 'nothing'}.`
      : `It is of the format '${list.split(':', 1)[0]}', which names other files, or is no clip: give the clips themselves.`;
  return new LowformerError({ code: 'unreadable-file', where: name, expected, hint });
}

function withoutVideo({ name }: VideoSource, streams: readonly Stream[]): LowformerError {
  const kinds = streams.map(({ codec_type = 'data', codec_name = 'unknown', disposition }) =>
    disposition?.attached_pic === 1 ? `cover picture (${codec_name})` : `${codec_type} (${codec_name})`,
  );
  const received = kinds.length === 0 ? 'nothing' : `${kinds.join(', ')} alone`;
  return new LowformerError({ code: 'unreadable-file', where: name, expected: 'a clip with video', received });
}

function unknownCodec({ name }: VideoSource, codec: string): LowformerError {
  const expected = 'video in a codec that ffmpeg knows';
  const hint = 'A newer ffmpeg may know it, or another program convert the clip.';
  return new LowformerError({ code: 'unreadable-file', where: name, expected, received: codec, hint });
}

/** Seconds on the clip's own clock, which starts with the earliest of its streams. */
function endOf(video: Stream, { format, streams }: z.output<typeof schema>): number | undefined {
  const duration = number(video.duration);
  const start = (number(video.start_time) ?? 0) - (number(format.start_time) ?? 0);
  if (duration !== undefined) return start + duration;
  const tag = /^(\d+):(\d+):([\d.]+)$/.exec(video.tags?.DURATION ?? '');
  if (tag !== null) return Number(tag[1]) * 3600 + Number(tag[2]) * 60 + Number(tag[3]);
  // Sound may go on after the last frame.
  return streams.length === 1 ? number(format.duration) : undefined;
}

function fraction(value: string | undefined): number | undefined {
  const [above, below] = (value ?? '').split('/').map(Number);
  const rate = (above ?? 0) / (below ?? 1);
  return Number.isFinite(rate) && rate > 0 ? rate : undefined;
}

function number(value: string | undefined): number | undefined {
  const parsed = Number(value);
  return value === undefined || !Number.isFinite(parsed) ? undefined : parsed;
}

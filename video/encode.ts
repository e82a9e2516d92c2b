/** A clip of frames that come one by one, encoded by ffmpeg in a process of its own: whole under its name, or not there at all. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { devNull } from 'node:os';
import { extname } from 'node:path';
import { promisify } from 'node:util';
import { LowformerError } from '../core/errors.js';
import type { RgbImage, Size } from '../core/frame.js';
import { openWhole, type WholeFile } from '../files/atomic_write.js';
import { collectComplaints } from './complaints.js';
import type { Ffmpeg } from './ffmpeg.js';
import { matroskaFrame, matroskaHeader } from './matroska.js';
import { type Clip, ONLY_CLIPS } from './probe.js';
import type { VideoSource } from './source.js';

/** By the ending of a clip, ffmpeg's name of its format. */
const CONTAINERS: Readonly<Record<string, string>> = {
  '.mp4': 'mp4',
  '.m4v': 'mp4',
  '.mov': 'mov',
  '.mkv': 'matroska',
};

/** The first that this ffmpeg has: H.264, or MPEG-4, which every build has. */
const ENCODERS = [
  ['libx264', '-preset', 'veryfast', '-crf', '20'],
  ['mpeg4', '-q:v', '3'],
] as const;

export interface ClipFacts {
  /** What the frames were read from: its sound goes along. */
  readonly source: VideoSource;
  readonly clip: Clip | undefined;
  /** Seconds of the source at which the clip begins and ends. */
  readonly from: number;
  readonly to: number;
}

export interface ClipWriter extends AsyncDisposable {
  /**
   * Returns once ffmpeg can take more. Frames have one size, and times that grow.
   * @param time seconds of the source.
   * @throws {LowformerError} `unwritable-file` where ffmpeg or the system refuses.
   */
  add(image: RgbImage, time: number): Promise<void>;
  /** The clip takes its place. Without a frame nothing is written. @throws likewise. */
  finish(): Promise<void>;
}

/** @throws {LowformerError} `invalid-argument` for another ending. */
export function checkClipName(path: string): void {
  container(path);
}

function container(path: string): string {
  const format = CONTAINERS[extname(path).toLowerCase()];
  if (format !== undefined) return format;
  const expected = `a clip as ${Object.keys(CONTAINERS).join(', ')}`;
  throw new LowformerError({ code: 'invalid-argument', where: '--out', expected, received: path });
}

/**
 * The source's sound is copied where the container takes it as it is.
 * @param say told what is left out.
 */
export async function clipWriter(
  ffmpeg: Ffmpeg,
  path: string,
  facts: ClipFacts,
  say: (line: string) => void,
): Promise<ClipWriter> {
  const format = container(path);
  const encoder = await chooseEncoder(ffmpeg);
  const hasSound = (facts.clip?.audio.length ?? 0) > 0;
  const sound = hasSound && (await takesSound(ffmpeg, facts, format));
  if (hasSound && !sound) say(`${path}: without sound: ${extname(path)} does not take ${facts.clip?.audio.join(', ')}`);
  let started: Encoding | undefined;
  let first: { readonly size: Size; readonly time: number } | undefined;
  return {
    async add(image, time) {
      const { width, height } = image;
      // A stream begins with its first frame.
      first ??= { size: { width, height }, time: facts.source.kind === 'file' ? facts.from : time };
      if (width !== first.size.width || height !== first.size.height) {
        const expected = `frames of ${first.size.width}x${first.size.height}, as the first one`;
        throw new LowformerError({ code: 'unwritable-file', where: path, expected, received: `${width}x${height}` });
      }
      started ??= await startEncoding(ffmpeg, path, { facts, format, encoder, sound, size: image });
      await started.write(matroskaFrame(Math.max(0, time - first.time), image.data.length));
      await started.write(image.data);
    },
    finish: async () => await started?.finish(),
    [Symbol.asyncDispose]: async () => await started?.dispose(),
  };
}

interface Encoding {
  write(bytes: Uint8Array): Promise<void>;
  finish(): Promise<void>;
  dispose(): Promise<void>;
}

interface EncodingFacts {
  readonly facts: ClipFacts;
  readonly format: string;
  readonly encoder: readonly string[];
  readonly sound: boolean;
  readonly size: Size;
}

async function startEncoding(ffmpeg: Ffmpeg, path: string, given: EncodingFacts): Promise<Encoding> {
  const whole = await openWhole(path);
  const child = spawn(ffmpeg.path, encodingArguments(ffmpeg, whole.path, given), {
    stdio: ['pipe', 'ignore', 'pipe'],
    // Ctrl-C is for this process, which then says whether the clip is to be completed.
    detached: process.platform !== 'win32',
    windowsHide: true,
  });
  const complaints = collectComplaints();
  child.stderr.setEncoding('utf8').on('data', complaints.push);
  const ended = new Promise<number>((resolve) => {
    child.once('error', () => resolve(-1));
    child.once('close', (code) => resolve(code ?? -1));
  });
  const refused = (): LowformerError => {
    const said = complaints.lines.map((line) => `\n  ${line}`).join('');
    const hint = `ffmpeg says:${said === '' ? ' nothing' : said}\nNothing was written.`;
    return new LowformerError({ code: 'unwritable-file', where: path, expected: 'a clip that ffmpeg can write', hint });
  };
  // What ffmpeg does not take any more is told when it has ended.
  child.stdin.on('error', () => {});
  const write = async (bytes: Uint8Array): Promise<void> => {
    const failed = await new Promise<boolean>((resolve) => {
      child.stdin.write(bytes, (error) => resolve(error !== null && error !== undefined));
    });
    if (!failed) return;
    await ended;
    throw refused();
  };
  // The last frame is shown for as long, or MP4 ends before it: a stream has no rate, and gets the usual one.
  await write(matroskaHeader(given.size, given.facts.clip?.frameRate ?? 25));
  return {
    write,
    async finish() {
      child.stdin.end();
      if ((await ended) !== 0) throw refused();
      await whole.finish();
    },
    dispose: () => giveUp(child, ended, whole),
  };
}

async function giveUp(child: ChildProcess, ended: Promise<number>, whole: WholeFile): Promise<void> {
  child.kill('SIGKILL');
  await ended;
  await whole[Symbol.asyncDispose]();
}

function encodingArguments(
  { passthrough }: Ffmpeg,
  target: string,
  { facts, format, encoder, sound }: EncodingFacts,
): readonly string[] {
  const { clip } = facts;
  const filters = [
    // Four pixels share their colour: both sides are even, with a black row or column more where they were not.
    'pad=ceil(iw/2)*2:ceil(ih/2)*2',
    'scale=out_color_matrix=bt709:out_range=tv',
    'format=yuv420p',
    ...(clip?.sampleAspect === undefined ? [] : [`setsar=${clip.sampleAspect.replace(':', '/')}`]),
  ];
  return [
    ...['-hide_banner', '-nostats', '-loglevel', 'error', '-y'],
    ...['-protocol_whitelist', 'pipe', '-f', 'matroska', '-i', 'pipe:0'],
    ...(sound ? soundInput(facts) : []),
    ...['-map', '0:v:0', ...(sound ? ['-map', '1:a'] : [])],
    ...['-vf', filters.join(','), '-c:v', ...encoder, '-c:a', 'copy'],
    ...['-color_primaries', 'bt709', '-color_trc', 'bt709', '-colorspace', 'bt709', '-color_range', 'tv'],
    // The times of the frames as they are, in ticks that fit the usual rates.
    ...[...passthrough, '-enc_time_base', '1:90000'],
    ...(format === 'matroska' ? [] : ['-video_track_timescale', '90000', '-movflags', '+faststart']),
    ...['-f', format, `file:${target}`],
  ];
}

function soundInput({ source, from, to }: ClipFacts): readonly string[] {
  return [
    ...ONLY_CLIPS,
    ...(from > 0 ? ['-ss', from.toFixed(6)] : []),
    ...(to === Number.POSITIVE_INFINITY ? [] : ['-t', (to - from).toFixed(6)]),
    ...source.input,
  ];
}

async function chooseEncoder({ path }: Ffmpeg): Promise<readonly string[]> {
  const { stdout } = await promisify(execFile)(path, ['-hide_banner', '-encoders'], { maxBuffer: 2 ** 24 });
  const names = new Set(stdout.split('\n').map((line) => line.trim().split(/ +/)[1]));
  const found = ENCODERS.find(([name]) => names.has(name));
  if (found !== undefined) return found;
  const expected = `an ffmpeg with one of the encoders ${ENCODERS.map(([name]) => name).join(', ')}`;
  throw new LowformerError({ code: 'missing-package', where: path, expected });
}

/** Whether a container takes the sound as it is coded: tried on its first second. */
async function takesSound({ path }: Ffmpeg, { source }: ClipFacts, format: string): Promise<boolean> {
  const input = ['-nostdin', '-v', 'error', '-y', '-t', '1', ...ONLY_CLIPS, ...source.input];
  const output = ['-map', '0:a', '-c', 'copy', '-movflags', '+empty_moov', '-f', format, devNull];
  const args = format === 'matroska' ? output.filter((arg) => !['-movflags', '+empty_moov'].includes(arg)) : output;
  return promisify(execFile)(path, [...input, ...args]).then(
    () => true,
    () => false,
  );
}

/** Programs that stand for ffmpeg and ffprobe: small ones of Node, which do what a test wants and write down what they were told. */
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

export interface FakeFrame {
  readonly width?: number;
  readonly height?: number;
  /** Microseconds, as ffmpeg prints them; `NOPTS` for a frame without. */
  readonly stamp?: number | 'NOPTS';
  /** The value of every byte. */
  readonly shade?: number;
}

export interface FakeScenario {
  /** What follows `ffmpeg version `. */
  readonly version?: string;
  readonly frames?: readonly FakeFrame[];
  /** Frames are written so far apart; at once unless told otherwise. */
  readonly milliseconds?: number;
  /** Bytes of one more frame, which is not completed. */
  readonly cut?: number;
  readonly stderr?: string;
  /** What comes after the frames: an exit code, or nothing at all. */
  readonly end?: number | 'hangs';
  /** What ffprobe prints; a clip of those frames, as JSON, unless told otherwise. */
  readonly probe?: string;
  readonly probeStderr?: string;
}

const PROGRAM = `
const { appendFileSync, writeSync } = require('node:fs');
const { join } = require('node:path');
const s = require(join(__dirname, 'scenario.json'));
appendFileSync(join(__dirname, 'calls.jsonl'), JSON.stringify(process.argv.slice(2)) + '\\n');
const header = (f) => Buffer.from('P6\\n' + (f.width ?? 4) + ' ' + (f.height ?? 2) + '\\n255\\n');
const write = (bytes) => new Promise((done) => process.stdout.write(bytes, done));
(async () => {
  for (const [i, f] of s.frames.entries()) {
    if (s.milliseconds) await new Promise((done) => setTimeout(done, s.milliseconds));
    writeSync(3, 'frame:' + i + '    pts:' + (f.stamp ?? i * 40000) + '   pts_time:' + i + '\\nlowformer=1\\n');
    await write(Buffer.concat([header(f), Buffer.alloc((f.width ?? 4) * (f.height ?? 2) * 3, f.shade ?? i)]));
    appendFileSync(join(__dirname, 'written'), '.');
  }
  if (s.cut) await write(Buffer.concat([header({}), Buffer.alloc(s.cut)]));
  process.stderr.write(s.stderr ?? '');
  if (s.end === 'hangs') setInterval(() => {}, 1000);
  else process.exitCode = s.end ?? 0;
})();
`;

/** Makes both in a new folder. @returns the path of the one that stands for ffmpeg. */
export function fakeFfmpeg(folder: string, scenario: FakeScenario = {}): string {
  mkdirSync(folder, { recursive: true });
  const { frames = [], version = '7.1' } = scenario;
  const { probe = probeOf({ nb_frames: String(frames.length), duration: String(frames.length / 25) }) } = scenario;
  writeFileSync(join(folder, 'scenario.json'), JSON.stringify({ ...scenario, frames }));
  writeFileSync(join(folder, 'frames.cjs'), PROGRAM);
  writeFileSync(join(folder, 'probe.json'), probe);
  writeFileSync(join(folder, 'probe.txt'), scenario.probeStderr ?? '');
  // A shell starts ten times as fast as Node.
  program(
    join(folder, 'ffmpeg'),
    `if [ "$1" = -version ]; then echo 'ffmpeg version ${version} Copyright (c)'; exit; fi`,
    `exec '${process.execPath}' '${folder}/frames.cjs' "$@"`,
  );
  program(join(folder, 'ffprobe'), `cat '${folder}/probe.json'; cat '${folder}/probe.txt' >&2`);
  return join(folder, 'ffmpeg');
}

/** What ffprobe says of a clip with one stream. */
export function probeOf(video: Readonly<Record<string, string>>, others: readonly object[] = []): string {
  const stream = { codec_type: 'video', codec_name: 'h264', avg_frame_rate: '25/1', start_time: '0.0', ...video };
  return JSON.stringify({ streams: [stream, ...others], format: { format_name: 'mov,mp4', start_time: '0.0' } });
}

function program(path: string, ...lines: readonly string[]): void {
  writeFileSync(path, `#!/bin/sh\n${lines.join('\n')}\n`);
  chmodSync(path, 0o755);
}

/** Arguments of each call that was to give frames, in order. */
export function callsOf(ffmpeg: string): readonly (readonly string[])[] {
  const file = join(ffmpeg, '..', 'calls.jsonl');
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  return lines.map((line) => z.array(z.string()).parse(JSON.parse(line)));
}

/** How many frames the system took from it so far. */
export function writtenBy(ffmpeg: string): number {
  const file = join(ffmpeg, '..', 'written');
  return existsSync(file) ? readFileSync(file, 'utf8').length : 0;
}

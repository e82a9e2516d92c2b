/** `detect`, `segment` and `classify` over frames, which a program that stands for ffmpeg gives: records, options, endings. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadDetector } from '../../../models/load_model.js';
import { needs } from '../../needs.js';
import { run as runProgram } from '../../run_program.js';
import { type FakeScenario, fakeFfmpeg, probeOf } from '../../video/fake_ffmpeg.js';
import { COMMAND, filesIn, folderIn, lowformer, temporaryFolder } from '../command_line.js';
import { classifier, detector, segmentor, writeModel } from '../tiny_models.js';

const cwd = temporaryFolder();
const model = ['det.json', '--checkpoint', 'det.safetensors'];
const size = { width: 60, height: 40 };
const frames = [10, 90, 200].map((shade, i) => ({ ...size, shade, stamp: i * 40000 }));
let count = 0;

/** The command with an ffmpeg that does so. */
async function run(scenario: FakeScenario, args: readonly string[]) {
  const LOWFORMER_FFMPEG = fakeFfmpeg(join(cwd, `ffmpeg-${count++}`), scenario);
  return lowformer(args, { cwd, env: { LOWFORMER_FFMPEG } });
}
const lines = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

beforeAll(async () => {
  await writeModel(cwd, 'det', detector);
  await writeModel(cwd, 'seg', segmentor);
  await writeModel(cwd, 'cls', classifier);
  writeFileSync(join(cwd, 'clip.mp4'), '');
});

describe.concurrent('frames of a clip', needs('notWindows', process.platform !== 'win32'), () => {
  test('a record each, with number and time; boxes are those of the picture', async () => {
    const { code, stdout, stderr } = await run({ frames }, ['detect', ...model, 'clip.mp4', '--json', '-']);
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/\[1\/3\] 0\.000 s: .*\n\[3\/3\] 0\.080 s: .*\nclip\.mp4: 3 frames, [\d.]+ a second\n$/);
    const records = lines(stdout);
    expect(records.map(({ file, frame, time, width, height }) => [file, frame, time, width, height])).toEqual([
      ['clip.mp4', 0, 0, 60, 40],
      ['clip.mp4', 1, 0.04, 60, 40],
      ['clip.mp4', 2, 0.08, 60, 40],
    ]);
    expect(Object.keys(records[0])).toEqual(['file', 'frame', 'time', 'width', 'height', 'detections']);
    await using library = await loadDetector(join(cwd, 'det.json'), { checkpoint: join(cwd, 'det.safetensors') });
    const picture = { ...size, data: new Uint8Array(size.width * size.height * 3).fill(200) };
    const expected = (await library.predict(picture)).detections.map(({ score }) => score);
    expect(records[2].detections.map(({ score }: { score: number }) => score)).toEqual(expected);
  });

  test.each([
    ['segment', 'seg', 'classes'],
    ['classify', 'cls', 'top'],
  ])('%s runs them, too', async (verb, name, key) => {
    const args = [verb, `${name}.json`, '--checkpoint', `${name}.safetensors`, 'clip.mp4', '--quiet'];
    const { code, stdout, stderr } = await run({ frames }, args);
    expect([code, stderr]).toEqual([0, '']);
    expect(lines(stdout)).toHaveLength(3);
    expect(Object.keys(lines(stdout)[0])).toEqual(['file', 'frame', 'time', 'width', 'height', key]);
  });

  test('--format json is one list, --json a file that is whole or not there', async () => {
    const args = ['detect', ...model, 'clip.mp4', '--format', 'json', '--json', 'list.json', '--quiet'];
    expect(await run({ frames }, args)).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(JSON.parse(readFileSync(join(cwd, 'list.json'), 'utf8'))).toHaveLength(3);
  });

  test('a clip that breaks off: what was found is written, the exit code tells', async () => {
    const scenario = {
      frames,
      cut: 5,
      stderr: 'partial file\n',
      probe: probeOf({ duration: '4', nb_frames: '100' }),
    };
    const { code, stderr } = await run(scenario, ['detect', ...model, 'clip.mp4', '--json', 'part.jsonl', '--quiet']);
    expect([code, lines(readFileSync(join(cwd, 'part.jsonl'), 'utf8')).length]).toEqual([2, 3]);
    expect(stderr).toMatch(/^lowformer: clip\.mp4: expected frames until the end of 4\.000 s, but it breaks off\./);
  });

  test('a clip without a frame leaves no file', async () => {
    const scenario = { end: 1, stderr: 'Invalid data\n' };
    const { code, stderr } = await run(scenario, ['detect', ...model, 'clip.mp4', '--json', 'none.jsonl', '--quiet']);
    expect([code, stderr]).toEqual([
      2,
      'lowformer: clip.mp4: expected frames that ffmpeg can decode. ffmpeg says:\n  Invalid data\n',
    ]);
    expect(filesIn(cwd).filter((name) => name.includes('none.jsonl'))).toEqual([]);
  });

  test('of a stream the newest frame is run, and those between are counted', async () => {
    const many = Array.from({ length: 60 }, (_, i) => ({ ...size, shade: i, stamp: i * 5000 }));
    const address = 'rtsp://me:secret@camera/stream';
    const args = ['detect', ...model, address, '--threads', '1'];
    const { code, stdout, stderr } = await run({ frames: many, milliseconds: 5 }, args);
    expect(code, stderr).toBe(0);
    const records = lines(stdout);
    expect(records.at(-1)).toMatchObject({ file: 'rtsp://camera/stream', frame: 59, time: 0.295 });
    const [, run_, dropped] =
      /camera\/stream: (\d+) frames, .* a second; (\d+) dropped for newer ones\n/.exec(stderr) ?? [];
    expect(stderr).toMatch(/\nrtsp:\/\/camera\/stream: the stream has ended, 0\.295 s after its first frame\n$/);
    expect([Number(run_), Number(run_) + Number(dropped)]).toEqual([records.length, 60]);
    expect(stdout + stderr).not.toContain('secret');
  });

  test('an interrupted stream has ended: what was found is written', async () => {
    const many = Array.from({ length: 100 }, (_, i) => ({ ...size, shade: i }));
    const LOWFORMER_FFMPEG = fakeFfmpeg(join(cwd, 'endless'), { frames: many, milliseconds: 10, end: 'hangs' });
    const { code, stderr } = await lowformer(['detect', ...model, 'tcp://camera:1', '--json', 'live.jsonl'], {
      cwd,
      env: { LOWFORMER_FFMPEG },
      interrupt: { signal: 'SIGINT', at: /\[1\]/ },
    });
    expect(code, stderr).toBe(0);
    expect(stderr).not.toContain('has ended');
    expect(lines(readFileSync(join(cwd, 'live.jsonl'), 'utf8')).length).toBeGreaterThan(0);
  });

  test('the tracks of a stream are written as they come, and stay when it is killed', async () => {
    const many = Array.from({ length: 3000 }, () => ({ ...size, shade: 90 }));
    const LOWFORMER_FFMPEG = fakeFfmpeg(join(cwd, 'endless_tracks'), { frames: many, milliseconds: 10 });
    const track = ['--track', '--track-thr', '0.1', '--mot', 'tracks/live.txt'];
    const { code } = await lowformer(['detect', ...model, 'tcp://camera:1', '--frames', 'all', ...track], {
      cwd,
      env: { LOWFORMER_FFMPEG },
      interrupt: { signal: 'SIGKILL', at: /\[1\]/ },
    });
    expect(code).not.toBe(0);
    expect(filesIn(join(cwd, 'tracks'))).toEqual(['live.txt']);
    expect(readFileSync(join(cwd, 'tracks/live.txt'), 'utf8')).toMatch(/^(\d+,\d+,[-\d.,]+,-1,-1,-1\n)+$/);
  });

  test.each([
    [[], false],
    [['--mot', 'piped.txt'], true],
  ])('tracked frames that nobody reads any more are left, unless a file is written: %j', async (more, goesOn) => {
    const many = Array.from({ length: 150 }, () => ({ ...size, shade: 90 }));
    const LOWFORMER_FFMPEG = fakeFfmpeg(join(cwd, `ffmpeg-${count++}`), { frames: many, milliseconds: 4 });
    const args = ['detect', ...model, 'clip.mp4', '--track', '--track-thr', '0.1', '--threads', '1', ...more];
    const script = 'export LOWFORMER_FFMPEG="$1"; shift; "$@" | head -c 1';
    const { code, stdout, stderr } = await runProgram(
      'sh',
      ['-c', script, 'sh', LOWFORMER_FFMPEG, process.execPath, COMMAND, ...args],
      cwd,
    );
    expect([code, stdout], stderr).toEqual([0, '{']);
    expect(/clip\.mp4: 150 frames/.test(stderr), stderr).toBe(goesOn);
  });

  test.each([
    ['SIGINT', 'jsonl', 130],
    ['SIGTERM', 'jsonl', 143],
    ['SIGKILL', 'jsonl', -1],
    ['SIGINT', 'json', 130],
  ] as const)('a clip ended by %s: lines stay, a list is whole or not there (%s)', async (signal, format, expected) => {
    const folder = folderIn(cwd, `${signal}_${format}`);
    const many = Array.from({ length: 3000 }, () => ({ ...size, shade: 90 }));
    const LOWFORMER_FFMPEG = fakeFfmpeg(join(cwd, `ffmpeg-${signal}-${format}`), { frames: many, milliseconds: 10 });
    const args = ['detect', ...model, 'clip.mp4', '--format', format, '--json', join(folder, 'found')];
    const { code, stderr } = await lowformer(args, {
      cwd,
      env: { LOWFORMER_FFMPEG },
      interrupt: { signal, at: /\[1\// },
    });
    expect(code, stderr).toBe(expected);
    if (signal !== 'SIGKILL') expect(stderr.split('\n').at(-2)).toBe('lowformer: interrupted');
    expect(filesIn(folder)).toEqual(format === 'json' ? [] : ['found']);
    if (format === 'json') return;
    const text = readFileSync(join(folder, 'found'), 'utf8');
    expect(text.endsWith('\n')).toBe(true);
    expect(lines(text)[0]).toMatchObject({ file: 'clip.mp4', frame: 0 });
  });

  test.each([
    [['a.png', '--every', '2'], '--every: expected none beside pictures'],
    [['a.png', 'clip.mp4'], 'IMAGE: expected a clip, a stream or a camera by itself'],
    [['clip.mp4', '--frames', 'newest'], '--frames: expected all of a file'],
    [['clip.mp4', '--out', 'clip.mp4'], '--out: expected another clip'],
    [['clip.mp4', '--out', 'boxes'], '--out: expected a clip as .mp4'],
    [['clip.mp4', '--out', 'a.mp4', '--format', 'jsonl'], '--format: expected --json FILE beside --out'],
    [['clip.mp4', '--stall', '3'], '--stall: expected none for a file'],
    [['clip.mp4', '--format', 'coco'], '--format: expected json or jsonl for a clip'],
    [['clip.mp4', '--from', '3', '--to', '2'], '--to: expected a time after 3 s'],
    [['clip.mp4', '--queue', 'redis://localhost'], '--queue: expected none for a clip'],
    [['rtsp://a/b', '--batch-size', '2'], '--batch-size: expected 1 where only the newest frame is run'],
    [['rtsp://a/b', '--from', '2'], '--from: expected none for rtsp://a/b'],
    [['rtsp://a/b', '--every', '2'], '--every: expected none where only the newest frame is taken'],
    [['rtsp://a/b', '--format', 'json'], '--format: expected jsonl for a stream'],
    [['ftp://a/b'], 'ftp://a/b: expected a file, a camera (/dev/video0), - for stdin, or an address with one of'],
    [
      ['clip.mp4', '--from', 'noon'],
      "option '--from <time>' argument 'noon' is invalid. Expected seconds, or hh:mm:ss.",
    ],
  ])('%j is refused', async (args, message) => {
    const { code, stdout, stderr } = await run({ frames }, ['detect', ...model, ...args]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(`lowformer: ${message}`);
  });

  test('without ffmpeg: how to get it, before anything is loaded', async () => {
    const { code, stderr } = await lowformer(['detect', ...model, 'clip.mp4'], {
      cwd,
      env: { LOWFORMER_FFMPEG: join(cwd, 'nowhere') },
    });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^lowformer: LOWFORMER_FFMPEG: expected the program ffmpeg, .* Install it: [^\n]*\n$/);
  });
});

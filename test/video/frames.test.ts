/** Frames from a program that stands for ffmpeg: what is read, held back, given up and said. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type FramesOptions, framesOf } from '../../video/frames.js';
import { newestOf } from '../../video/newest.js';
import { needs } from '../needs.js';
import { temporaryFolder } from '../tools/command_line.js';
import { callsOf, type FakeScenario, fakeFfmpeg, probeOf, writtenBy } from './fake_ffmpeg.js';

const folder = temporaryFolder();
const clip = join(folder, 'clip.mp4');
writeFileSync(clip, '');
let count = 0;
let ffmpeg = '';

const use = (scenario: FakeScenario) => {
  ffmpeg = fakeFfmpeg(join(folder, String(count++)), scenario);
  vi.stubEnv('LOWFORMER_FFMPEG', ffmpeg);
};
beforeEach(() => use({}));
afterEach(() => vi.unstubAllEnvs());

async function read(source: string, options: FramesOptions = {}) {
  const frames: (readonly [index: number, time: number, shade: number])[] = [];
  try {
    for await (const { index, time, data } of framesOf(source, options)) frames.push([index, time, data[0] ?? -1]);
  } catch (error) {
    return { frames, error: error instanceof Error ? error.message : String(error) };
  }
  return { frames, error: undefined };
}
const stream = 'tcp://camera:1';
const shades = (...all: number[]) => all.map((shade) => ({ shade }));

describe('frames', needs('notWindows', process.platform !== 'win32'), () => {
  test('have the numbers and time stamps that ffmpeg gives, to the microsecond', async () => {
    use({ frames: [{ stamp: 0 }, { stamp: 33367 }, { stamp: 133467 }] });
    expect(await read(clip)).toEqual({
      frames: [
        [0, 0, 0],
        [1, 0.033367, 1],
        [2, 0.133467, 2],
      ],
      error: undefined,
    });
  });

  test('left out by --every count; a clip with an index is entered at `from`', async () => {
    use({ frames: [{ stamp: 500100 }, { stamp: 620100 }], probe: probeOf({ duration: '100' }) });
    expect((await read(clip, { every: 3, from: 10.5, to: 10.65 })).frames).toEqual([
      [0, 10.5001, 0],
      [3, 10.6201, 1],
    ]);
    const [args = []] = callsOf(ffmpeg);
    expect(args.slice(args.indexOf('-ss'), args.indexOf('-ss') + 2)).toEqual(['-ss', '10.000000']);
    expect(args[args.indexOf('-vf') + 1]).toContain(
      "settb=AVTB,trim=start=0.500000:end=0.650000,select='not(mod(n\\,3))',scale=flags=bicubic",
    );
  });

  test('are decoded as they are asked for, and ffmpeg ends when nobody asks any more', async () => {
    use({ frames: Array.from({ length: 400 }, () => ({ width: 320, height: 200 })), end: 'hangs' });
    let seen = 0;
    for await (const { index } of framesOf(clip)) {
      seen++;
      if (index < 3) continue;
      await setTimeout(150);
      break;
    }
    expect(seen).toBe(4);
    const taken = writtenBy(ffmpeg);
    // Beside those that were asked for, what pipes hold: far less than a megabyte.
    expect(taken).toBeLessThan(12);
    await setTimeout(100);
    expect(writtenBy(ffmpeg)).toBe(taken);
  });

  test('`return` ends a wait that would never end, and so does the signal', async () => {
    use({ frames: shades(1), end: 'hangs' });
    const frames = framesOf(stream, { newest: false });
    expect((await frames.next()).value?.data[0]).toBe(1);
    const waiting = frames.next();
    await frames.return();
    expect(await waiting).toEqual({ done: true, value: undefined });
    const controller = new AbortController();
    const other = framesOf(stream, { newest: false, signal: controller.signal });
    await other.next();
    const more = other.next();
    controller.abort(new Error('enough'));
    await expect(more).rejects.toThrow('enough');
  });

  test('a stream that stalls: one message, after what had come', async () => {
    use({ frames: shades(1, 2), end: 'hangs' });
    // Longer than a program takes to start where every processor is busy.
    const { frames, error } = await read(stream, { newest: false, stall: 4 });
    expect(frames).toHaveLength(2);
    expect(error).toBe(
      `${stream}: expected a frame within 4 s, but none came. Read until then: 2 frames, the last at 0.040 s`,
    );
    use({ end: 'hangs' });
    expect((await read(stream, { stall: 0.4 })).error).toMatch(/none came\. Is it on/);
  });

  test('who is slow is not a stall', async () => {
    use({ frames: shades(1, 2) });
    let seen = 0;
    for await (const _ of framesOf(stream, { newest: false, stall: 4 })) {
      if (seen++ === 0) await setTimeout(4500);
    }
    expect(seen).toBe(2);
  });

  test('an RTSP stream begins with its first frame that has a time of its own', async () => {
    use({ frames: [{ stamp: 0 }, { stamp: 0 }, { stamp: 40_000 }, { stamp: 40_000 }] });
    const places = async (name: string) =>
      (await read(name, { newest: false })).frames.map(([index, time]) => [index, time]);
    expect(await places('rtsp://camera/x')).toEqual([
      [0, 0],
      [1, 0.04],
      [2, 0.04],
    ]);
    expect(await places('tcp://camera')).toHaveLength(4);
    use({ frames: shades(1, 2, 3) });
    expect(await places('rtsp://camera/x')).toHaveLength(3);
    use({ frames: shades(1), end: 'hangs' });
    const { frames, error } = await read('rtsp://camera/x', { newest: false, stall: 2 });
    expect([frames.length, error]).toEqual([1, expect.stringContaining('Read until then: 1 frames, the last at')]);
  });

  test('a camera that is not there: one message, before ffmpeg is asked', async () => {
    use({ frames: shades(1) });
    expect((await read('/dev/video4711')).error).toBe(
      '/dev/video4711: expected a camera. There is no such device: is it plugged in?',
    );
  });

  test('a clip that breaks off: the frames until there, then one message', async () => {
    use({ frames: shades(1, 2, 3), cut: 5, stderr: '[mov @ 0x1] partial file\n', probe: probeOf({ duration: '2' }) });
    const { frames, error } = await read(clip);
    expect(frames).toHaveLength(3);
    expect(error).toMatch(
      /expected frames until the end of 2\.000 s, but it breaks off\. Read until then: 3 frames, .*\n {2}mov: partial file$/,
    );
  });

  test('what ffmpeg complains of within a clip that is there to its end is no error', async () => {
    use({ frames: shades(1, 2, 3), stderr: '[h264 @ 0x1] error while decoding MB 1 2\n' });
    expect(await read(clip)).toMatchObject({ error: undefined });
  });

  test('ffmpeg that fails is an error, and its words have no password', async () => {
    use({ end: 1, stderr: 'rtsp://me:secret@camera/x: Connection refused\n' });
    const { error } = await read('rtsp://me:secret@camera/x', { newest: false });
    expect(error).toBe(
      'rtsp://camera/x: expected a stream that ffmpeg can open. ffmpeg says:\n  rtsp://camera/x: Connection refused',
    );
  });

  test.each([
    [
      'no video',
      {
        probe: JSON.stringify({
          streams: [{ codec_type: 'audio', codec_name: 'aac' }],
          format: { format_name: 'mov' },
        }),
      },
      /expected a clip with video but received 'audio \(aac\) alone'/,
    ],
    [
      'a cover picture',
      { probe: probeOf({}).replace('"start_time"', '"disposition":{"attached_pic":1},"start_time"') },
      /received 'cover picture \(h264\) alone'/,
    ],
    [
      'an unknown codec',
      { probe: probeOf({ codec_name: 'unknown', codec_tag_string: 'zzzz' }) },
      /in a codec that ffmpeg knows but received 'zzzz'/,
    ],
    [
      'no clip',
      { probe: '{}', probeStderr: '[mov @ 0x1] moov atom not found\n' },
      /a clip that ffmpeg can read\. ffmpeg says: mov: moov atom not found\./,
    ],
    [
      'a playlist',
      { probe: '{}', probeStderr: "[hls @ 0x1] Format not on whitelist 'mov'\n" },
      /of the format 'hls', which names other files/,
    ],
    [
      'a missing decoder',
      { end: 1, stderr: 'Decoder (codec av1) not found for input stream #0:0\n' },
      /in a codec that this ffmpeg decodes but received 'av1'/,
    ],
    ['a frame without a time', { frames: [{ stamp: 'NOPTS' }] }, /expected a time stamp of frame 0/],
  ] as const)('%s: one clear message', async (_, scenario, message) => {
    use(scenario);
    expect((await read(clip)).error).toMatch(message);
  });

  test('a file that is not there, a folder, a range beyond the end', async () => {
    expect((await read(join(folder, 'none.mp4'))).error).toMatch(/expected a clip\. There is no such file\./);
    expect((await read(`${folder}/`)).error).toMatch(/It is a folder/);
    use({ probe: probeOf({ duration: '2' }) });
    expect((await read(clip, { from: 5 })).error).toMatch(/frames from 5 s on, which ends at 2 s, but there is none/);
  });

  test('options that have no effect are refused', () => {
    expect(() => framesOf('rtsp://a', { from: 3 })).toThrow(/from: expected none for rtsp:\/\/a/);
    expect(() => framesOf('rtsp://a', { every: 2 })).toThrow(/every: expected none where only the newest/);
    expect(() => framesOf(clip, { from: 3, to: 2 })).toThrow(/to: expected a time after 3 s/);
    expect(() => framesOf(clip, { every: 0 })).toThrow(/options\.every/);
  });
});

describe('the newest frame', needs('notWindows', process.platform !== 'win32'), () => {
  test('is given; those before it are dropped, and show as gaps', async () => {
    // All at once, whatever else the machine does.
    use({ frames: shades(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11) });
    const seen: number[] = [];
    for await (const { index, data } of framesOf(stream)) {
      expect(data[0]).toBe(index);
      seen.push(index);
      await setTimeout(100);
    }
    expect(seen.at(-1)).toBe(11);
    expect(seen.length).toBeLessThan(9);
    expect(seen).toEqual([...new Set(seen)].sort((a, b) => a - b));
  });

  test('what the source throws comes after the last frame', async () => {
    async function* source() {
      yield 1;
      yield 2;
      throw new Error('over');
    }
    const seen: number[] = [];
    const all = async () => {
      for await (const value of newestOf(source())) seen.push(value);
    };
    await expect(all()).rejects.toThrow('over');
    expect(seen.at(-1)).toBe(2);
  });
});

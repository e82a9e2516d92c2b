/** Clips and streams that a real ffmpeg makes, read by it again: pixels, time stamps, places, damage. */
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { drawDemoScene } from '../../drawing/demo_scene.js';
import { writeImage } from '../../drawing/write_png.js';
import { clipWriter } from '../../video/encode.js';
import { findFfmpeg } from '../../video/ffmpeg.js';
import { type FramesOptions, framesOf } from '../../video/frames.js';
import { videoSource } from '../../video/source.js';
import { documents } from '../docs/documents.js';
import { needs } from '../needs.js';
import { run } from '../run_program.js';
import { COMMAND, filesIn, folderIn, lowformer, temporaryFolder } from '../tools/command_line.js';
import { detector, writeModel } from '../tools/tiny_models.js';
import { hasFfmpeg } from './has_ffmpeg.js';

const cwd = temporaryFolder();
const at = (name: string) => join(cwd, name);
const ffmpeg = (...args: readonly string[]) => execFileSync('ffmpeg', ['-v', 'error', '-y', ...args], { cwd });
/** Two seconds of ffmpeg's own test picture. */
const draw = (name: string, input: string, ...args: readonly string[]) =>
  ffmpeg('-f', 'lavfi', '-i', input, ...['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '10'], ...args, name);
const YUV = ['-pix_fmt', 'yuv420p'];

async function read(name: string, options: FramesOptions = {}) {
  const frames: { readonly index: number; readonly time: number; readonly size: string; readonly data: Uint8Array }[] =
    [];
  let error = '';
  try {
    for await (const { index, time, width, height, data } of framesOf(name, options)) {
      frames.push({ index, time, size: `${width}x${height}`, data });
    }
  } catch (failure) {
    error = failure instanceof Error ? failure.message : String(failure);
  }
  return { frames, times: frames.map(({ time }) => time), error };
}

/** What ffprobe says of each frame, from the start of the clip. */
function stampsOf(name: string): readonly number[] {
  const args = ['-v', 'error', '-select_streams', 'v:0', '-show_entries', 'frame=pts_time', '-of', 'csv=p=0', name];
  const all = execFileSync('ffprobe', args, { cwd, encoding: 'utf8' }).match(/[\d.]+/g) ?? [];
  const start = execFileSync('ffprobe', ['-v', 'error', '-show_entries', 'format=start_time', '-of', 'csv=p=0', name], {
    cwd,
    encoding: 'utf8',
  });
  return all.map((stamp) => Number((Number(stamp) - Number.parseFloat(start)).toFixed(6)));
}

describe('docs/video.md', needs('ffmpeg', hasFfmpeg()), () => {
  test('shows commands that run', async () => {
    const { text } = documents.find(({ path }) => path === 'docs/video.md') ?? expect.fail('none');
    const folder = folderIn(cwd, 'document');
    // A second of a drawn smear: cells, and a hum.
    await writeImage(join(folder, 'scene.png'), drawDemoScene(6).image);
    const picture = ['-loop', '1', '-framerate', '5', '-i', 'scene.png', '-f', 'lavfi', '-i', 'sine', '-t', '1'];
    const coded = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-shortest', 'clip.mp4'];
    execFileSync('ffmpeg', ['-v', 'error', ...picture, ...coded], { cwd: folder });
    const commands = [...text.matchAll(/^\$ (.*clip\.mp4.*)$/gm)].map(([, command = '']) => command);
    expect(commands).toHaveLength(6);
    for (const command of commands) {
      const own = command.replaceAll('npx lowformer', `"${process.execPath}" "${COMMAND}"`);
      const { code, stderr } = await run('sh', ['-c', own], folder);
      expect(code, `${command}: ${stderr}`).toBe(0);
    }
    const made = ['found.jsonl', 'found.json', 'piped.jsonl', 'clip_boxes.mp4', 'part.mkv', 'part.jsonl'];
    expect(filesIn(folder)).toEqual(expect.arrayContaining(made));
    const tracked = await lowformer(['detect', 'blood-cells', 'clip.mp4', '--track', '--mot', 'mot.txt'], {
      cwd: folder,
    });
    expect(tracked.code, tracked.stderr).toBe(0);
    const rows = readFileSync(join(folder, 'mot.txt'), 'utf8').trim().split('\n');
    expect(new Set(rows.map((row) => row.split(',')[0]))).toEqual(new Set(['1', '2', '3', '4', '5']));
    expect(tracked.stdout).toContain('"track_id":1}');
  });
});

describe('frames by ffmpeg', needs('ffmpeg', hasFfmpeg()), () => {
  beforeAll(() => {
    draw('constant.mp4', 'testsrc2=size=160x120:rate=25:duration=2', ...YUV);
    const changing = ['-vf', "select='not(eq(mod(n,7),3)+eq(mod(n,11),5))'", '-vsync', 'passthrough'];
    draw('changing.mp4', 'testsrc2=size=160x120:rate=30000/1001:duration=2', ...changing, ...YUV);
    ffmpeg('-i', 'changing.mp4', '-c', 'copy', 'changing.mkv');
    ffmpeg('-i', 'changing.mp4', '-c', 'copy', 'changing.ts');
    ffmpeg('-i', 'constant.mp4', '-c', 'copy', '-movflags', '+faststart', 'front.mp4');
    draw('odd.mkv', 'testsrc=size=161x121:rate=10:duration=1', '-pix_fmt', 'yuv444p');
    draw(
      'bt709.mp4',
      'testsrc2=size=160x120:rate=10:duration=1',
      '-vf',
      'scale=out_color_matrix=bt709',
      ...YUV,
      '-colorspace',
      'bt709',
    );
    draw('wide.mp4', 'testsrc2=size=160x120:rate=10:duration=1', '-vf', 'setsar=4/3', ...YUV);
    ffmpeg('-f', 'lavfi', '-i', 'sine=duration=1', 'sound.mp4');
  });

  test.each(['constant.mp4', 'changing.mp4', 'changing.mkv', 'changing.ts'])('%s: every time stamp', async (name) => {
    const { times, error } = await read(at(name));
    expect(error).toBe('');
    expect(times).toEqual(stampsOf(name));
    expect(times.length).toBeGreaterThan(40);
  });

  test.each(['changing.mp4', 'changing.mkv', 'changing.ts'])('%s: a range is that part of the whole', async (name) => {
    const whole = (await read(at(name))).frames;
    for (const [from, to] of [
      [0.533, 1.0343],
      [0.5005, 1.2],
      [1.2, 9],
    ] as const) {
      const part = (await read(at(name), { from, to })).frames;
      const expected = whole.filter(({ time }) => time >= from && time < to);
      expect(part.map(({ time }) => time)).toEqual(expected.map(({ time }) => time));
      expect(part.every(({ data }, i) => Buffer.compare(data, expected[i]?.data ?? data) === 0)).toBe(true);
      const third = (await read(at(name), { from, to, every: 3 })).frames;
      expect(third.map(({ time }) => time)).toEqual(expected.filter((_, i) => i % 3 === 0).map(({ time }) => time));
      expect(third.map(({ index }) => index)).toEqual(third.map((_, i) => 3 * i));
    }
  });

  test.each([
    ['constant.mp4', '160x120'],
    ['odd.mkv', '161x121'],
    ['bt709.mp4', '160x120'],
    ['wide.mp4', '160x120'],
  ])('%s: the pixels are those of the PNG that ffmpeg makes of a frame', async (name, size) => {
    const [first] = (await read(at(name))).frames;
    ffmpeg('-i', name, '-frames:v', '1', '-pix_fmt', 'rgb24', `${name}.png`);
    expect(first?.size).toBe(size);
    expect(
      Buffer.from(first?.data ?? []).equals(
        await sharp(at(`${name}.png`))
          .raw()
          .toBuffer(),
      ),
    ).toBe(true);
  });

  test('a turned clip is turned', async () => {
    // A quarter turn, as ffmpeg before and after 5.1 is told of one: in the matrix of the track itself.
    const bytes = readFileSync(at('constant.mp4'));
    const header = bytes.lastIndexOf('tkhd') + 4 + 40;
    for (const [i, value] of [0, 0x10000, 0, -0x10000, 0, 0].entries()) bytes.writeInt32BE(value, header + 4 * i);
    writeFileSync(at('turned.mp4'), bytes);
    const [first] = (await read(at('turned.mp4'))).frames;
    expect(first?.size).toBe('120x160');
  });

  test('a cut clip gives what it has, and says that it is cut', async () => {
    for (const name of ['front.mp4', 'changing.mkv']) {
      writeFileSync(at(`cut_${name}`), readFileSync(at(name)));
      truncateSync(at(`cut_${name}`), Math.floor(readFileSync(at(name)).length * 0.6));
      const { frames, error } = await read(at(`cut_${name}`));
      expect(frames.length).toBeGreaterThan(5);
      expect(error).toMatch(
        /expected frames until the end of \d\.\d{3} s, but it breaks off\. Read until then: \d+ frames/,
      );
    }
  });

  test('what is no clip: one message each', async () => {
    writeFileSync(at('text.mp4'), 'hello');
    writeFileSync(at('list.mp4'), '#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nchanging.ts\n#EXT-X-ENDLIST\n');
    writeFileSync(at('script.mp4'), 'ffconcat version 1.0\nfile constant.mp4\n');
    // A codec that nobody has: another name in the description of its samples.
    const renamed = readFileSync(at('constant.mp4'));
    for (let i = renamed.indexOf('avc1'); i >= 0; i = renamed.indexOf('avc1', i + 1)) renamed.write('zzzz', i);
    writeFileSync(at('renamed.mp4'), renamed);
    const errors = async (name: string) => (await read(at(name))).error;
    expect(await errors('sound.mp4')).toMatch(/expected a clip with video but received 'audio \(aac\) alone'/);
    expect(await errors('text.mp4')).toMatch(
      /expected a clip that ffmpeg can read\. ffmpeg says: .*moov atom not found/,
    );
    expect(await errors('list.mp4')).toMatch(/of the format 'hls', which names other files/);
    expect(await errors('script.mp4')).toMatch(/of the format 'concat', which names other files/);
    expect(await errors('renamed.mp4')).toMatch(/in a codec that ffmpeg knows but received 'zzzz'/);
    expect(await errors('none.mp4')).toMatch(/There is no such file/);
  });

  test('a file whose name means something to ffmpeg is read as a file', async () => {
    for (const name of ['-y.mp4', 'concat:a|b.mp4', "it's [0] %d, $(x).mp4"]) {
      writeFileSync(at(name), readFileSync(at('constant.mp4')));
      expect((await read(at(name))).frames).toHaveLength(50);
    }
  });

  test('a live stream: the newest frame, to its end', async () => {
    const port = await freePort();
    const server = spawn(
      'ffmpeg',
      ['-v', 'error', '-re', '-i', 'constant.mp4', '-c', 'copy', '-f', 'mpegts', `tcp://127.0.0.1:${port}?listen`],
      { cwd, stdio: 'ignore' },
    );
    await new Promise((resolve) => setTimeout(resolve, 500));
    const { frames, error } = await read(`tcp://127.0.0.1:${port}`);
    server.kill();
    expect(error).toBe('');
    expect(frames.at(-1)?.index).toBe(49);
  });
});

describe('clips by ffmpeg', needs('ffmpeg', hasFfmpeg()), () => {
  const model = ['det.json', '--checkpoint', 'det.safetensors'];
  const drawn = (...args: readonly string[]) => lowformer(['detect', ...model, ...args, '--quiet'], { cwd });
  const streams = (name: string) =>
    execFileSync(
      'ffprobe',
      ['-v', 'error', '-show_entries', 'stream=codec_type,width,height', '-of', 'csv=p=0', name],
      {
        cwd,
        encoding: 'utf8',
      },
    )
      .trim()
      .split('\n');
  beforeAll(async () => {
    await writeModel(cwd, 'det', detector);
    draw('long.mkv', 'testsrc2=size=160x120:rate=25:duration=20', ...YUV);
    draw(
      'told.mp4',
      'testsrc=size=161x121:rate=30000/1001:duration=1',
      '-vf',
      "select='not(eq(mod(n,7),3))'",
      '-vsync',
      'passthrough',
      '-pix_fmt',
      'yuv444p',
    );
    ffmpeg('-i', 'told.mp4', '-f', 'lavfi', '-i', 'sine=duration=1', '-c:v', 'copy', '-c:a', 'aac', 'sounding.mp4');
    ffmpeg(
      '-i',
      'told.mp4',
      '-f',
      'lavfi',
      '-i',
      'sine=duration=1',
      '-c:v',
      'copy',
      '-c:a',
      'pcm_s16le',
      'raw_sound.mkv',
    );
  });

  test('have the frames at their times, drawn over, and the sound', async () => {
    const { code, stderr } = await drawn('sounding.mp4', '--out', 'out.mp4', '--json', 'out.jsonl');
    expect([code, stderr]).toEqual([0, '']);
    expect(streams('out.mp4')).toEqual(['video,162,122', 'audio']);
    expect((await read(at('out.mp4'))).times).toEqual((await read(at('sounding.mp4'))).times);
    const [before] = (await read(at('sounding.mp4'))).frames;
    const [after] = (await read(at('out.mp4'))).frames;
    expect(after?.data.length).toBe(162 * 122 * 3);
    expect(before?.data.length).toBe(161 * 121 * 3);
    expect(readFileSync(at('out.jsonl'), 'utf8').trimEnd().split('\n').length).toBe(
      (await read(at('out.mp4'))).times.length,
    );
  });

  test('a part begins at 0; sound that the container does not take is left out', async () => {
    const { code } = await drawn('raw_sound.mkv', '--from', '0.5', '--to', '0.9', '--out', 'part.mp4');
    expect([code, streams('part.mp4')]).toEqual([0, ['video,162,122']]);
    const part = (await read(at('raw_sound.mkv'), { from: 0.5, to: 0.9 })).times;
    const times = (await read(at('part.mp4'))).times;
    expect(times.length).toBe(part.length);
    for (const [i, time] of times.entries())
      expect(time - (times[0] ?? 0)).toBeCloseTo((part[i] ?? 0) - (part[0] ?? 0), 3);
  });

  test.each([
    ['mp4', [0]],
    ['mp4', [0, 1.4]],
    ['mkv', [0, 0.04, 0.5]],
  ])('of a stream, which has no rate: %s with every frame, the last one too, %j', async (ending, times) => {
    const facts = { source: videoSource('tcp://camera'), clip: undefined, from: 0, to: Number.POSITIVE_INFINITY };
    await using writer = await clipWriter(await findFfmpeg(), at(`stream.${ending}`), facts, () => {});
    const data = new Uint8Array(64 * 48 * 3).fill(90);
    for (const time of times) await writer.add({ width: 64, height: 48, data }, 3 + time);
    await writer.finish();
    expect((await read(at(`stream.${ending}`))).times).toEqual(times);
  });

  test('what breaks off is a clip until there; what is interrupted leaves nothing', async () => {
    const long = readFileSync(at('long.mkv'));
    writeFileSync(at('cut.mkv'), long.subarray(0, Math.floor(long.length * 0.3)));
    expect((await drawn('cut.mkv', '--out', 'cut_out.mp4')).code).toBe(2);
    expect((await read(at('cut_out.mp4'))).times.length).toBeGreaterThan(5);
    const { code } = await lowformer(['detect', ...model, 'long.mkv', '--out', 'never.mp4'], {
      cwd,
      interrupt: { signal: 'SIGINT', at: /\[1\// },
    });
    expect(code).toBe(130);
    expect(filesIn(cwd).filter((name) => name.includes('never'))).toEqual([]);
  });
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

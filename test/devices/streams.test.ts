/** Streams over RTSP, SRT, TCP and HTTP, sent by a real ffmpeg and read by it again: their ends, and that no message has a password. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createHttp } from 'node:http';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type FramesOptions, framesOf } from '../../video/frames.js';
import { needs } from '../needs.js';
import { lowformer, temporaryFolder } from '../tools/command_line.js';
import { detector, writeModel } from '../tools/tiny_models.js';
import { hasFfmpeg } from './has_ffmpeg.js';
import { serveRtsp } from './rtsp_server.js';

const LOGIN = 'operator:s3cr3t';
const cwd = temporaryFolder();
const started = new Set<ChildProcess>();
afterEach(() => {
  for (const child of started) child.kill('SIGKILL');
  started.clear();
});

/** The frames of a stream, by number and time, and the message that it ends with. @param after called once frames have come. */
async function read(address: string, options: FramesOptions = {}, after = () => {}) {
  const frames: (readonly [index: number, time: number])[] = [];
  let error = '';
  try {
    for await (const { index, time } of framesOf(address, options)) {
      frames.push([index, time]);
      if (frames.length === 5) after();
    }
  } catch (failure) {
    error = failure instanceof Error ? failure.message : String(failure);
  }
  return { frames, error };
}

/** The clip, again and again, sent to whoever connects. */
async function send(to: string, ...options: readonly string[]): Promise<ChildProcess> {
  const input = ['-v', 'error', '-nostdin', '-re', '-stream_loop', '9', '-i', 'sounding.mkv', '-c', 'copy'];
  const child = spawn('ffmpeg', [...input, '-f', 'mpegts', ...options, to], { cwd, stdio: 'ignore' });
  started.add(child);
  await new Promise((resolve) => setTimeout(resolve, 500));
  return child;
}

describe('streams', needs('ffmpeg', hasFfmpeg()), () => {
  beforeAll(async () => {
    await writeModel(cwd, 'det', detector);
    const picture = ['-f', 'lavfi', '-i', 'testsrc2=size=160x120:rate=25:duration=3'];
    const coded = [
      '-c:v',
      'libx264',
      '-preset',
      'ultrafast',
      '-tune',
      'zerolatency',
      '-g',
      '10',
      '-pix_fmt',
      'yuv420p',
    ];
    const make = (...args: readonly string[]) => execFileSync('ffmpeg', ['-v', 'error', '-y', ...args], { cwd });
    make(...picture, ...coded, 'clip.mkv');
    // The sound begins first, as it may in a stream.
    const sound = ['-f', 'lavfi', '-i', 'sine=duration=3', '-itsoffset', '0.12', '-i', 'clip.mkv'];
    make(...sound, '-c:v', 'copy', '-c:a', 'aac', 'sounding.mkv');
  });

  test('RTSP: all of it with times from the first frame on, with user name and password', async () => {
    await using server = await serveRtsp({ cwd, clip: 'clip.mkv', login: LOGIN });
    const address = `rtsp://${LOGIN}@127.0.0.1:${server.port}/clip`;
    const { frames, error } = await read(address, { newest: false });
    expect(error).toBe('');
    expect(frames.length).toBeGreaterThanOrEqual(74);
    expect(frames).toEqual(frames.map((_, i) => [i, Number((0.04 * i).toFixed(6))]));
  });

  test('RTSP: records of the newest frames, a clip and lines that are whole where the server vanishes', async () => {
    await using server = await serveRtsp({ cwd, clip: 'clip.mkv', login: LOGIN });
    const address = `rtsp://${LOGIN}@127.0.0.1:${server.port}/clip`;
    const args = ['detect', 'det.json', '--checkpoint', 'det.safetensors', address, '--json', 'live.jsonl'];
    // After its packets begin to flow and have shown what they are.
    server.onPlay(() => setTimeout(server.vanish, 2300));
    const { code, stderr } = await lowformer([...args, '--out', 'live.mp4'], { cwd, process: 'own' });
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(
      /^rtsp:\/\/127\.0\.0\.1:\d+\/clip: the stream has ended, \d\.\d{3} s after its first frame$/m,
    );
    const text = readFileSync(join(cwd, 'live.jsonl'), 'utf8');
    const records: { readonly file: string; readonly frame: number; readonly time: number }[] = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(text.endsWith('\n')).toBe(true);
    for (const { file, frame, time } of records) {
      expect([file, time]).toEqual([`rtsp://127.0.0.1:${server.port}/clip`, Number((0.04 * frame).toFixed(6))]);
    }
    const drawn = await read(join(cwd, 'live.mp4'));
    expect([drawn.frames.length, drawn.error]).toEqual([records.length, '']);
    expect(text + stderr).not.toMatch(/operator|s3cr3t/);
  });

  test('RTSP: a server that stalls is left in time', async () => {
    await using server = await serveRtsp({ cwd, clip: 'clip.mkv' });
    const { frames, error } = await read(`rtsp://127.0.0.1:${server.port}/clip`, { stall: 2.5 }, server.stall);
    expect(frames.length).toBeGreaterThanOrEqual(5);
    expect(error).toMatch(
      /^rtsp:\/\/127\.0\.0\.1:\d+\/clip: expected a frame within 2\.5 s, but none came\. Read until then: \d+ frames, the last at \d\.\d{3} s$/,
    );
  });

  test.each([
    ['srt', '?mode=listener'],
    ['tcp', '?listen'],
    ['http', '/live', '-listen', '1'],
  ])('%s: plays, from 0 on, until its sender is gone', async (scheme, place, ...options) => {
    const port = await freePort();
    const sender = await send(`${scheme}://127.0.0.1:${port}${place}`, ...options);
    const address = `${scheme}://127.0.0.1:${port}${scheme === 'http' ? place : ''}`;
    const start = performance.now();
    let first = 0;
    const { frames, error } = await read(address, {}, () => {
      first = performance.now() - start;
      sender.kill('SIGKILL');
    });
    // SRT alone tells an end from a loss.
    expect(error).toMatch(
      scheme === 'srt'
        ? /^srt:.*: expected frames until the end, but it breaks off\. Read until then: \d+ frames/
        : /^$/,
    );
    expect(frames.length).toBeGreaterThanOrEqual(5);
    for (const [index, time] of frames) expect(time).toBeCloseTo(0.04 * index, 3);
    // ffmpeg alone listens for five seconds before it gives the first.
    expect(first).toBeLessThan(4500);
  });

  test('what is not there, or not for everyone: one message each, with the address and no password', async () => {
    await using server = await serveRtsp({ cwd, clip: 'clip.mkv', login: LOGIN });
    const http = createHttp((request, response) => {
      response.writeHead(request.url?.startsWith('/closed') === true ? 401 : 404).end();
    }).listen(0, '127.0.0.1');
    await once(http, 'listening');
    const web = `http://${LOGIN}@127.0.0.1:${portOf(http)}`;
    const rtsp = (login: string, path: string) => `rtsp://${login}@127.0.0.1:${server.port}/${path}`;
    const nobody = await freePort();
    const cases: readonly (readonly [string, RegExp])[] = [
      [rtsp(LOGIN, 'other'), /404 Not Found/],
      [rtsp('operator:s3cr3t_no', 'clip'), /401 Unauthorized.*\nUser name and password stand in the address/],
      [`rtsp://${LOGIN}@127.0.0.1:${nobody}/clip`, /Connection refused/],
      [`tcp://${LOGIN}@127.0.0.1:${nobody}`, /Connection refused/],
      [
        `srt://127.0.0.1:${nobody}?passphrase=s3cr3ts3cr3t&streamid=read:cam:operator:s3cr3t`,
        /passphrase=…&streamid=read:cam:…/,
      ],
      [`${web}/closed.mp4?token=s3cr3t`, /401 Unauthorized.*\nUser name and password stand in the address/],
      [`${web}/gone`, /404 Not Found/],
      [`rtsp://${LOGIN}@camera.invalid/clip`, /expected a stream that ffmpeg can open/],
    ];
    for (const [address, message] of cases) {
      const { frames, error } = await read(address);
      expect(frames).toEqual([]);
      expect(error).toMatch(message);
      expect(error).toMatch(
        /^(?:rtsp|tcp|srt|http):\/\/[\w.]+[:/].*: expected a stream that ffmpeg can open\. ffmpeg says:\n/,
      );
      expect(error).not.toMatch(/operator|s3cr3t/);
    }
    http.close();
  });

  test('a server that takes the connection and says nothing is left in time', async () => {
    const silent = createServer(() => {}).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    for (const scheme of ['rtsp', 'tcp', 'http']) {
      const { error } = await read(`${scheme}://127.0.0.1:${portOf(silent)}/a`, { stall: 0.7 });
      expect(error).toMatch(/expected a frame within 0\.7 s, but none came\. Is it on, and is the address right\?$/);
    }
    silent.close();
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const port = portOf(server);
  server.close();
  await once(server, 'close');
  return port;
}

function portOf(server: Pick<Server, 'address'>): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

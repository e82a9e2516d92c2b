import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { LowformerError } from '../../core/errors.js';
import { isVideoSource, videoSource, withoutSecrets } from '../../video/source.js';

describe('what ffmpeg is told to open', () => {
  test.each([
    '-i',
    '-y.mp4',
    'concat:a.mp4|b.mp4',
    'pipe:0',
    'subfile,,start,0,end,9,,:a.mp4',
    'data:x.mp4',
    'a b.mp4',
  ])('a file called %s is a file, whatever else its name could mean', (name) => {
    const { kind, input } = videoSource(name);
    expect(kind).toBe('file');
    expect(input).toEqual(['-protocol_whitelist', 'file', '-i', `file:${resolve(name)}`]);
  });

  test('a file: URL is the file', () => {
    expect(videoSource('file:///clips/a%20b.mp4')).toMatchObject({ kind: 'file', name: '/clips/a b.mp4' });
  });

  test('an address may speak its own protocols and no other', () => {
    const { input, kind, live } = videoSource('rtsp://camera/stream');
    expect([kind, live]).toEqual(['address', true]);
    expect(input).toEqual([
      ...['-protocol_whitelist', 'rtsp,rtp,udp,tcp', '-rtsp_transport', 'tcp', '-i', 'rtsp://camera/stream'],
    ]);
    for (const address of ['http://a/b.m3u8', 'https://a/b', 'rtmp://a/b', 'srt://a:1', 'tcp://a:1', 'udp://a:1']) {
      const [, protocols = ''] = videoSource(address).input;
      expect(protocols.split(',')).not.toEqual(
        expect.arrayContaining([expect.stringMatching(/file|concat|data|pipe/)]),
      );
    }
  });

  test.each(['concat://a', 'ftp://a/b.mp4', 'gopher://a', 'lavfi://x'])('%s is refused', (address) => {
    expect(() => videoSource(address)).toThrow(LowformerError);
    expect(() => videoSource(address)).toThrow(/expected a file, a camera .* or an address with one of rtsp/);
  });

  test('a clip on a web server waits for whoever reads it; a stream does not', () => {
    expect(videoSource('http://a/clip.mp4?x=1').live).toBe(false);
    expect(videoSource('http://a/live.m3u8').live).toBe(true);
    expect(videoSource('http://a/video.mjpg').live).toBe(true);
  });

  test('a camera is one of the system; stdin is a pipe', () => {
    expect(videoSource('/dev/video0')).toMatchObject({ kind: 'camera', live: true });
    expect(videoSource('/dev/video0').input).toEqual(['-f', 'v4l2', '-i', '/dev/video0']);
    expect(videoSource('-').input).toEqual(['-protocol_whitelist', 'pipe', '-i', 'pipe:0']);
  });

  test('passwords stand in no name', () => {
    const address = 'rtsp://admin:se/cret@camera:554/stream?user=x@y';
    expect(withoutSecrets('rtsp://admin:secret@camera:554/stream?at=x@y')).toBe('rtsp://camera:554/stream?at=x@y');
    expect(videoSource(address).name).not.toMatch(/admin|cret/);
    expect(withoutSecrets('http://c:80/a?password=x&n=1#b@c')).toBe('http://c:80/a?password=…&n=1#b@c');
    expect(videoSource(address).input.at(-1)).toBe(address);
  });

  test.each([
    ['rtsp://c/user=me_password=se_cret_channel=1_stream=0.sdp', 'rtsp://c/user=…_password=…_channel=1_stream=0.sdp'],
    ['rtsp://c/user=me&password=secret&channel=1', 'rtsp://c/user=…&password=…&channel=1'],
    ['https://c/a.mp4?n=1&X-Amz-Signature=se/cret&m=2', 'https://c/a.mp4?n=1&X-Amz-Signature=…&m=2'],
    ['rtmp://c/live/a?access_token=secret', 'rtmp://c/live/a?access_token=…'],
    ['srt://c:1?mode=caller&passphrase=secret', 'srt://c:1?mode=caller&passphrase=…'],
    ['srt://c:1?streamid=read:cam:me:secret&latency=2', 'srt://c:1?streamid=read:cam:…&latency=2'],
    ['srt://c:1?streamid=cam', 'srt://c:1?streamid=cam'],
    ['http://c/stream_1/index.m3u8?at=12', 'http://c/stream_1/index.m3u8?at=12'],
  ])('%s is told as %s', (address, name) => {
    expect(withoutSecrets(address)).toBe(name);
  });
});

test.each([
  ['clip.mp4', true],
  ['CLIP.MOV', true],
  ['-', true],
  ['/dev/video1', true],
  ['rtsp://a/b', true],
  ['picture.jpg', false],
  ['folder', false],
  ['folder/*.png', false],
  ['C:\\pictures', false],
  ['mp4', false],
])('%s: frames %s', (argument, is) => {
  expect(isVideoSource(argument)).toBe(is);
});

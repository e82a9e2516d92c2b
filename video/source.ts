/**
 * What frames are read from: a file, an address, a camera, stdin. Names and addresses come from people and become
 * arguments of ffmpeg here and nowhere else, so that none is taken for an option, a protocol or a list of other files.
 */
import { resolve } from 'node:path';
import { LowformerError } from '../core/errors.js';
import { harmless } from '../core/harmless.js';

export interface VideoSource {
  /** A clip ends and can be read again; all else comes when it comes. */
  readonly kind: 'file' | 'address' | 'camera' | 'stdin';
  /** For people and records: as given, an address without user name and password. */
  readonly name: string;
  /** Nobody waits for whoever reads it: what is not taken in time is too late. */
  readonly live: boolean;
  /** What opens it, `-i` and what stands before it. */
  readonly input: readonly string[];
}

/** Of an address, the protocols that ffmpeg may speak on its way, and no other: no `file`, no `concat`, no `data`. */
const PROTOCOLS: Readonly<Record<string, string>> = {
  rtsp: 'rtsp,rtp,udp,tcp',
  rtsps: 'rtsp,rtsps,rtp,udp,tcp,tls',
  http: 'http,https,httpproxy,tcp,tls,crypto',
  https: 'http,https,httpproxy,tcp,tls,crypto',
  rtmp: 'rtmp,tcp',
  rtmps: 'rtmp,rtmps,tcp,tls',
  srt: 'srt',
  tcp: 'tcp',
  udp: 'udp',
};

/** Endings of clips, in lower case, without the point: what tells a clip from a picture among arguments. */
export const CLIP_ENDINGS: readonly string[] = [
  ...[
    'mp4',
    'm4v',
    'mov',
    'mkv',
    'webm',
    'avi',
    'mpg',
    'mpeg',
    'mpe',
    'vob',
    'ts',
    'mts',
    'm2ts',
    'wmv',
    'asf',
    'flv',
    'f4v',
  ],
  ...[
    '3gp',
    '3g2',
    'ogv',
    'ogm',
    'mxf',
    'divx',
    'y4m',
    'ivf',
    'mjpg',
    'mjpeg',
    'h264',
    '264',
    'h265',
    '265',
    'hevc',
    'nut',
  ],
];

const SCHEME = /^([a-z][a-z\d+.-]+):\/\//i;
const CAMERA = /^\/dev\/video\d+$/;

/** Whether an argument means frames, by its form alone: `-`, an address, a camera, a file with a clip's ending. */
export function isVideoSource(argument: string): boolean {
  if (argument === '-' || SCHEME.test(argument) || CAMERA.test(argument)) return true;
  return hasEnding(argument);
}

function hasEnding(path: string): boolean {
  return CLIP_ENDINGS.includes(/\.([^./\\]+)$/.exec(path)?.[1]?.toLowerCase() ?? '');
}

/**
 * @param given a file's path or `file:` URL, an address, a camera (`/dev/video0`), `-` for stdin.
 * @throws {LowformerError} `invalid-argument` for an address with a protocol that is not spoken.
 */
export function videoSource(given: string): VideoSource {
  if (given === '-') {
    return { kind: 'stdin', name: '-', live: false, input: ['-protocol_whitelist', 'pipe', '-i', 'pipe:0'] };
  }
  if (CAMERA.test(given)) {
    // Its formats are a device's, which ffmpeg opens by itself, without a protocol.
    return { kind: 'camera', name: given, live: true, input: ['-f', 'v4l2', '-i', given] };
  }
  const scheme = SCHEME.exec(given)?.[1]?.toLowerCase();
  if (scheme === undefined || scheme === 'file') return fileSource(given, scheme);
  const protocols = PROTOCOLS[scheme];
  const name = withoutSecrets(given);
  if (protocols === undefined) {
    const expected = `a file, a camera (/dev/video0), - for stdin, or an address with one of ${Object.keys(PROTOCOLS).join(', ')}`;
    throw new LowformerError({ code: 'invalid-argument', where: name, expected, received: `${scheme}:` });
  }
  // Over UDP a frame that lost a packet is grey or smeared, and nobody would know.
  const transport = scheme.startsWith('rtsp') ? ['-rtsp_transport', 'tcp'] : [];
  const path = URL.canParse(given) ? new URL(given).pathname : given;
  // A file on a web server waits for whoever reads it; JPEGs one after another come from a camera.
  const live = !(scheme.startsWith('http') && hasEnding(path) && !/\.mjpe?g$/i.test(path));
  return { kind: 'address', name, live, input: ['-protocol_whitelist', protocols, ...transport, '-i', given] };
}

function fileSource(given: string, scheme: 'file' | undefined): VideoSource {
  const path = scheme === undefined ? given : fileURL(given);
  // Absolute and with its protocol: neither `-y.mp4` nor `concat:a|b.mp4` means anything but a file of that name.
  const input = ['-protocol_whitelist', 'file', '-i', `file:${resolve(path)}`];
  return { kind: 'file', name: path, live: false, input };
}

function fileURL(given: string): string {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (url === undefined) throw notAFile(given);
  return decodeURIComponent(process.platform === 'win32' ? url.pathname.slice(1) : url.pathname);
}

function notAFile(given: string): LowformerError {
  return new LowformerError({ code: 'invalid-argument', where: given, expected: 'a file: URL', received: given });
}

/** User name and password before a host; a password may hold a `/` that nobody escaped, and then follows a `:`. */
const LOGIN = /^([a-z][a-z\d+.-]*:\/\/)(?:[^/?#]*@|[^/?#@:]+:(?!\d+(?:[/?#]|$)).*@)/i;
/** Names whose values are secrets. */
const SECRET = String.raw`(?:[\w-]*(?:pass|pwd|token|secret|auth|key|sig|credential)[\w-]*|user(?:name)?|usr|login)`;
const SECRET_VALUE = new RegExp(`([?&]${SECRET}=)[^&#]+`, 'gi');
/** Where cameras have them in the path: `/user=admin_password=x_channel=1_stream=0.sdp`. */
const SECRET_IN_PATH = new RegExp(`([/;,_]${SECRET}=)(?:(?!_(?:password|channel|stream)=)[^&#?;/])+`, 'gi');
/** SRT's name of a stream, in which some servers take user name and password: `streamid=read:name:user:password`. */
const STREAM_LOGIN = /([?&]streamid=[^:&#]*:[^:&#]*):[^&#]+/gi;

/** An address as it may stand in records, messages and logs: no user name, no password, no token. */
export function withoutSecrets(address: string): string {
  const open = address.replace(LOGIN, '$1').replace(SECRET_VALUE, '$1…').replace(SECRET_IN_PATH, '$1…');
  return harmless(open.replace(STREAM_LOGIN, '$1:…'));
}

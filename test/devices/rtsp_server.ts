/** A small RTSP server (RFC 2326): one clip over TCP, in pace, its packets made by ffmpeg. For tests of what reads streams. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';

export interface RtspOptions {
  /** The folder of the clip; what it is described by is written there. */
  readonly cwd: string;
  readonly clip: string;
  /** `user:password`, asked for as Basic has it. */
  readonly login?: string;
}

export interface RtspServer extends AsyncDisposable {
  readonly port: number;
  /** Called when somebody begins to play. */
  onPlay(listener: () => void): void;
  /** Sends nothing more, and keeps the connection. */
  stall(): void;
  /** Closes the connections without a word. */
  vanish(): void;
}

/** The clip is `/clip`; all else is not found. It plays once for each who asks, from its start to its end. */
export async function serveRtsp({ cwd, clip, login }: RtspOptions): Promise<RtspServer> {
  const packets = createSocket('udp4').bind(0, '127.0.0.1');
  await once(packets, 'listening');
  const target = `rtp://127.0.0.1:${packets.address().port}?pkt_size=1200`;
  const pack = ['-v', 'error', '-nostdin', '-y', '-re', '-i', clip, '-c', 'copy'];
  execFileSync('ffmpeg', [...pack, '-t', '0.04', '-f', 'rtp', '-sdp_file', 'clip.sdp', target], {
    cwd,
    stdio: 'ignore',
  });
  const description = readFileSync(join(cwd, 'clip.sdp'), 'utf8')
    .replace(/^SDP:\s*/, '')
    .replace(/(m=video) \d+/, '$1 0');
  const sockets = new Set<Socket>();
  let player: ChildProcess | undefined;
  let stalled = false;
  let begun = () => {};

  const play = (socket: Socket) => {
    player?.kill('SIGKILL');
    packets.removeAllListeners('message').on('message', (packet) => {
      // Channel 0 of the connection itself: `$`, the channel, the length, the packet.
      if (!stalled)
        socket.write(Buffer.concat([Buffer.from([0x24, 0, packet.length >> 8, packet.length & 255]), packet]));
    });
    player = spawn('ffmpeg', [...pack, '-f', 'rtp', target], { cwd, stdio: 'ignore' });
    player.once('exit', () => setTimeout(() => stalled || socket.end(), 200));
  };

  const answer = (socket: Socket, request: string) => {
    const [method = '', address = ''] = request.split(' ');
    const header = (name: string) => new RegExp(`^${name}: *(.*)$`, 'im').exec(request)?.[1] ?? '';
    const say = (status: string, headers: readonly string[] = [], body = '') => {
      const head = [`RTSP/1.0 ${status}`, `CSeq: ${header('CSeq')}`, ...headers, `Content-Length: ${body.length}`];
      socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
    };
    if (method === 'OPTIONS') return say('200 OK', ['Public: DESCRIBE, SETUP, PLAY, TEARDOWN']);
    const given = /^Basic (.*)$/.exec(header('Authorization'))?.[1] ?? '';
    if (login !== undefined && Buffer.from(given, 'base64').toString() !== login) {
      return say('401 Unauthorized', ['WWW-Authenticate: Basic realm="camera"']);
    }
    if (!new URL(address).pathname.startsWith('/clip')) return say('404 Not Found');
    if (method === 'DESCRIBE')
      return say('200 OK', ['Content-Type: application/sdp', `Content-Base: ${address}/`], description);
    if (method === 'SETUP') return say('200 OK', ['Transport: RTP/AVP/TCP;unicast;interleaved=0-1', 'Session: 1']);
    say('200 OK', ['Session: 1']);
    if (method === 'PLAY') {
      play(socket);
      begun();
    }
    if (method === 'TEARDOWN') socket.end();
  };

  const server = createServer((socket) => {
    sockets.add(socket);
    let text = '';
    socket
      .setEncoding('latin1')
      .on('error', () => {})
      .on('close', () => sockets.delete(socket));
    socket.on('data', (piece: string) => {
      text += piece;
      for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
        // Reports of the receiver come on the same connection.
        const begin = text.search(/(?:OPTIONS|DESCRIBE|SETUP|PLAY|TEARDOWN|GET_PARAMETER) /);
        if (begin >= 0 && begin < end) answer(socket, text.slice(begin, end));
        text = text.slice(end + 4);
      }
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const place = server.address();
  const vanish = () => {
    for (const socket of sockets) socket.resetAndDestroy();
    player?.kill('SIGKILL');
  };
  return {
    port: typeof place === 'object' && place !== null ? place.port : 0,
    onPlay(listener) {
      begun = listener;
    },
    stall() {
      stalled = true;
    },
    vanish,
    async [Symbol.asyncDispose]() {
      vanish();
      packets.close();
      server.close();
    },
  };
}

/** Requests as bytes on a connection of their own: what no client of HTTP would send. */
import { connect, type Socket } from 'node:net';
import type { MalformedRequest } from './malformed_requests.js';

/** Sends one and waits for what comes of it. @returns the status; 0 where the connection was closed without an answer. */
export function send(
  port: number,
  { pieces, afterwards }: MalformedRequest,
  held: Set<Socket>,
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const chunks: Buffer[] = [];
    const done = (): void => {
      const text = Buffer.concat(chunks).toString('latin1');
      resolve({ status: Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? 0), text });
    };
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      // Where the connection is kept, nothing tells that the answer is whole but its length.
      if (isWhole(Buffer.concat(chunks).toString('latin1'))) socket.destroy();
    });
    // A server that answers before it has read everything closes the connection under what is still written.
    socket.on('error', () => {});
    socket.on('close', () => {
      held.delete(socket);
      done();
    });
    socket.on('connect', () => {
      for (const piece of pieces) socket.write(piece);
      if (afterwards === 'end') socket.end();
      if (afterwards === 'reset') socket.resetAndDestroy();
      if (afterwards === 'hold') {
        held.add(socket);
        resolve({ status: 0, text: '' });
      }
    });
  });
}

function isWhole(text: string): boolean {
  const split = text.indexOf('\r\n\r\n');
  if (split < 0) return false;
  const length = /^content-length: (\d+)/im.exec(text.slice(0, split))?.[1];
  return length !== undefined && text.length >= split + 4 + Number(length);
}

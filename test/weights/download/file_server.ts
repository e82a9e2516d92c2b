/** A server on 127.0.0.1 that hands out a file, and misbehaves as it is told to. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

export interface TestServer {
  /** `http://127.0.0.1:PORT`. */
  readonly base: string;
  /** Each request so far: `GET /model.pth bytes=5-`. */
  readonly requests: readonly string[];
}

/** Answers until the test ends. */
export async function startServer(answer: RequestListener): Promise<TestServer> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push([request.method, request.url, request.headers.range].filter((part) => part !== undefined).join(' '));
    answer(request, response);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { base: `http://127.0.0.1:${portOf(server.address())}`, requests };
}

/** The same over https, with a certificate that nobody trusts who is not told to. */
export async function startSecureServer(answer: RequestListener): Promise<TestServer> {
  const server = createSecureServer({ key: readFileSync(tls('key.pem')), cert: readFileSync(CERTIFICATE) }, answer);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { base: `https://127.0.0.1:${portOf(server.address())}`, requests: [] };
}

const tls = (name: string) => fileURLToPath(new URL(`../../fixtures/tls/${name}`, import.meta.url));
/** What makes `startSecureServer` trusted. */
export const CERTIFICATE = tls('certificate.pem');

/** A proxy that tunnels whatever it is asked for to one server. */
export async function startProxy(target: TestServer): Promise<TestServer> {
  const requests: string[] = [];
  const server = createServer();
  server.on('connect', (request: IncomingMessage, socket) => {
    requests.push(`CONNECT ${request.url}`);
    const onward = connect(Number(new URL(target.base).port), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    });
    for (const end of [onward, socket]) end.on('error', () => {});
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => void server.close());
  return { base: `http://127.0.0.1:${portOf(server.address())}`, requests };
}

export interface FileAnswer {
  /** Bytes of this answer after which the connection is cut. */
  readonly cutAfter?: number;
  readonly etag?: string;
  /** Whether parts are given; by default they are. */
  readonly ranges?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Milliseconds in which a client has read what was sent, on a busy machine too: what it has not read when the connection ends is lost. */
const UNTIL_READ = 150;

/** Answers as servers of files do: parts where they are asked for, and the file has not changed. */
export function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  bytes: Uint8Array,
  { cutAfter, etag, ranges = true, headers = {} }: FileAnswer = {},
): void {
  const start = startOf(request, ranges, etag);
  const common = { ...headers, ...(etag === undefined ? {} : { etag }) };
  if (start >= bytes.length) {
    response.writeHead(416, { ...common, 'content-range': `bytes */${bytes.length}` }).end();
    return;
  }
  const part = bytes.subarray(start);
  const range = { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` };
  const status = start === 0 ? 200 : 206;
  response.writeHead(status, { 'content-length': part.length, ...(start > 0 && range), ...common });
  if (cutAfter === undefined || cutAfter >= part.length) response.end(part);
  else response.write(part.subarray(0, cutAfter), () => setTimeout(() => response.destroy(), UNTIL_READ));
}

function startOf({ headers }: IncomingMessage, ranges: boolean, etag: string | undefined): number {
  const [, start] = /^bytes=(\d+)-$/.exec(headers.range ?? '') ?? [];
  const condition = headers['if-range'];
  return start === undefined || !ranges || (condition !== undefined && condition !== etag) ? 0 : Number(start);
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new TypeError('expected a port');
  return address.port;
}

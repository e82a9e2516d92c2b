/** Requests that are wrong in as many ways as senders have: damaged, lying, slow, too large, meant for somebody else. */
import { crc32, deflateSync } from 'node:zlib';

export interface MalformedRequest {
  readonly kind: string;
  /** What is written, one piece after the other. */
  readonly pieces: readonly Uint8Array[];
  /**
   * What the sender does then: waits for an answer, ends its side, breaks the connection off, or says nothing more for as long
   * as it is let.
   */
  readonly afterwards: 'wait' | 'end' | 'reset' | 'hold';
  /** What the answer may be; 0 is none, the connection closed. */
  readonly statuses: readonly number[];
}

/** A choice among the first so many whole numbers. */
export type Pick = (count: number) => number;

/** Of the path of a route, and a body that it would take. */
type Kind = (path: string, body: Buffer, pick: Pick) => Omit<MalformedRequest, 'kind'>;

export type Kinds = Readonly<Record<string, Kind>>;

const BOUNDARY = 'boundary';

export interface Target {
  /** Of a route. */
  readonly path: string;
  /** What it would take. */
  readonly body: Buffer;
  readonly kinds: Kinds;
}

/** Requests of random kinds, as many as are taken. @param random uniform in 0 to 1. */
export function* malformedRequests(
  { path, body, kinds: all }: Target,
  random: () => number,
): Generator<MalformedRequest> {
  const kinds = Object.entries(all);
  const pick: Pick = (count) => Math.floor(random() * count);
  for (;;) {
    const entry = kinds[pick(kinds.length)];
    if (entry === undefined) throw new RangeError('no kinds');
    const [kind, make] = entry;
    yield { kind, ...make(path, body, pick) };
  }
}

export function bytes(...parts: readonly (string | Uint8Array)[]): Buffer {
  return Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part)));
}

/** A request line and headers; a length of -1 is not written. */
function head(path: string, { type = typeFor(path), length = -1, more = [] }: Head = {}, method = 'POST'): string {
  const lines = [`${method} ${path} HTTP/1.1`, 'host: localhost', `content-type: ${type}`, ...more];
  if (length >= 0) lines.push(`content-length: ${length}`);
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/** What a route takes. */
function typeFor(path: string): string {
  return path.startsWith('/v2') ? 'application/json' : 'image/png';
}

interface Head {
  readonly type?: string;
  readonly length?: number;
  readonly more?: readonly string[];
}

export function whole(
  path: string,
  body: Uint8Array | string,
  rest: Head = {},
  method = 'POST',
): readonly Uint8Array[] {
  return [bytes(head(path, { length: body.length, ...rest }, method), body)];
}

const FORM = `multipart/form-data; boundary=${BOUNDARY}`;

function part(content: string | Uint8Array, disposition = 'form-data; name="picture"; filename="a.png"'): Buffer {
  return bytes(`--${BOUNDARY}\r\ncontent-disposition: ${disposition}\r\n\r\n`, content, '\r\n');
}

/** A PNG whose header says any size, whatever its pixels are. */
function png(width: number, height: number, pixels: Uint8Array): Buffer {
  const chunk = (name: string, data: Uint8Array): Buffer => {
    const body = bytes(name, data);
    const frame = Buffer.alloc(body.length + 8);
    frame.writeUInt32BE(data.length, 0);
    body.copy(frame, 4);
    frame.writeUInt32BE(crc32(body), body.length + 4);
    return frame;
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  return bytes('\x89PNG\r\n\x1a\n', chunk('IHDR', header), chunk('IDAT', pixels), chunk('IEND', new Uint8Array()));
}

/** 16 MB of zeros as 16 kB. */
const ZEROS = deflateSync(Buffer.alloc(16_000_000));

export function anyBytes(count: number, pick: Pick): Buffer {
  return Buffer.from(Array.from({ length: count }, () => pick(256)));
}

const WRONG = {
  queries: [
    'score-thr=2',
    'score-thr=a',
    'top=0&top=1',
    '__proto__=1',
    'a[b]=c',
    'score-thr=0.5&score-thr=0.5',
    '%00=1',
  ],
  types: [
    'text/plain',
    'application/json',
    'image/',
    'multipart/form-data',
    'multipart/mixed; boundary=a',
    '*/*',
    'image/png, a/b',
  ],
  paths: [
    '/etc/passwd',
    '/v1/models/../../etc/passwd',
    '/v1/models/%2e%2e%2f/detect',
    '/v1/models/%ff/detect',
    '/v1//detect',
    '//a',
    '/%',
  ],
  encodings: ['gzip', 'br', 'deflate, gzip', 'x'],
} as const;

export function one<Value>(values: readonly Value[], pick: Pick): Value {
  const value = values[pick(values.length)];
  if (value === undefined) throw new RangeError('none to choose from');
  return value;
}

/** Whatever the body is to be. */
export const OF_ANY_ROUTE: Kinds = {
  'no HTTP': (_, __, pick) => ({
    pieces: [bytes(anyBytes(20 + pick(200), pick), '\r\n\r\n')],
    afterwards: 'end',
    statuses: [0, 400],
  }),
  'a TLS handshake': () => ({
    pieces: [bytes('\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00')],
    afterwards: 'end',
    statuses: [0, 400],
  }),
  'HTTP/2': () => ({ pieces: [bytes('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')], afterwards: 'end', statuses: [0, 400] }),
  'no host': (verb) => ({
    pieces: [bytes(`POST ${verb} HTTP/1.1\r\ncontent-length: 0\r\n\r\n`)],
    afterwards: 'wait',
    statuses: [400],
  }),
  'another host': (verb, picture) => ({
    pieces: [
      bytes(
        `POST ${verb} HTTP/1.1\r\nhost: elsewhere.example\r\ncontent-type: image/png\r\ncontent-length: ${picture.length}\r\n\r\n`,
        picture,
      ),
    ],
    afterwards: 'wait',
    statuses: [0, 403],
  }),
  'huge headers': (verb, _, pick) => ({
    pieces: [bytes(head(verb, { length: 0, more: [`x-long: ${'a'.repeat(20_000 + pick(100_000))}`] }))],
    afterwards: 'wait',
    statuses: [0, 431],
  }),
  'many headers': (verb, _, pick) => ({
    pieces: [bytes(head(verb, { length: 0, more: Array.from({ length: 3000 + pick(1000) }, (__, i) => `x${i}: 1`) }))],
    afterwards: 'wait',
    statuses: [0, 400, 431],
  }),
  'a header cut off': (verb, _, pick) => ({
    pieces: [bytes(head(verb, { length: 10 })).subarray(0, 10 + pick(60))],
    afterwards: 'end',
    statuses: [0, 400],
  }),
  'a header with a zero': (verb) => ({
    pieces: [bytes(head(verb, { length: 0, more: ['x-zero: a\0b'] }))],
    afterwards: 'wait',
    statuses: [400],
  }),
  'a length that is too long': (verb, picture, pick) => ({
    pieces: [bytes(head(verb, { length: picture.length + 1 + pick(1000) }), picture)],
    afterwards: 'end',
    statuses: [0, 400],
  }),
  'a length that is too short': (verb, picture, pick) => ({
    pieces: [bytes(head(verb, { length: 1 + pick(picture.length - 1) }), picture)],
    afterwards: 'end',
    statuses: [400, 422],
  }),
  'a length that is none': (verb, picture, pick) => ({
    pieces: [
      bytes(
        head(verb, { more: [`content-length: ${one(['-1', '1e3', '0x10', '99999999999999999999', 'a'], pick)}`] }),
        picture,
      ),
    ],
    afterwards: 'end',
    statuses: [0, 400, 413],
  }),
  'a length beyond the limit': (verb, picture, pick) => ({
    pieces: [bytes(head(verb, { length: 33_000_000 + pick(1e12) }), picture)],
    afterwards: 'wait',
    statuses: [0, 413],
  }),
  'two lengths': (verb, picture) => ({
    pieces: [bytes(head(verb, { length: picture.length, more: [`content-length: ${picture.length + 1}`] }), picture)],
    afterwards: 'end',
    statuses: [400],
  }),
  'a length and chunks': (verb, picture) => ({
    pieces: [bytes(head(verb, { length: picture.length, more: ['transfer-encoding: chunked'] }), '0\r\n\r\n')],
    afterwards: 'end',
    statuses: [400],
  }),
  'a chunk of a wrong size': (verb, picture, pick) => ({
    pieces: [
      bytes(
        head(verb, { more: ['transfer-encoding: chunked'] }),
        `${one(['zz', '-5', 'ffffffffffffffffff', '1'], pick)}\r\n`,
        picture,
      ),
    ],
    afterwards: 'end',
    statuses: [0, 400, 413],
  }),
  'chunks that are cut off': (verb, picture) => ({
    pieces: [
      bytes(
        head(verb, { more: ['transfer-encoding: chunked'] }),
        `${picture.length.toString(16)}\r\n`,
        picture,
        '\r\n',
      ),
    ],
    afterwards: 'end',
    statuses: [0, 400],
  }),
  'a connection broken off': (verb, picture, pick) => ({
    pieces: [bytes(head(verb, { length: picture.length }), picture.subarray(0, pick(picture.length)))],
    afterwards: 'reset',
    statuses: [0],
  }),
  'a slow sender': (verb, picture, pick) => ({
    pieces: [bytes(head(verb, { length: picture.length }), picture.subarray(0, pick(picture.length)))],
    afterwards: 'hold',
    statuses: [0],
  }),
  'a slow sender of much': (verb, picture) => ({
    pieces: [bytes(head(verb, { length: 30_000_000 }), picture)],
    afterwards: 'hold',
    statuses: [0],
  }),
  'slow headers': (verb, _, pick) => ({
    pieces: [bytes(head(verb)).subarray(0, 5 + pick(40))],
    afterwards: 'hold',
    statuses: [0],
  }),
  'an encoding': (verb, picture, pick) => ({
    pieces: whole(verb, picture, { more: [`content-encoding: ${one(WRONG.encodings, pick)}`] }),
    afterwards: 'wait',
    statuses: [415],
  }),
  'a wrong query': (verb, picture, pick) => ({
    pieces: whole(`${verb}?${one(WRONG.queries, pick)}`, picture),
    afterwards: 'wait',
    statuses: [400],
  }),
  'a path that there is not': (_, picture, pick) => ({
    pieces: whole(one(WRONG.paths, pick), picture),
    afterwards: 'wait',
    statuses: [400, 404],
  }),
  'a long path': (_, picture, pick) => ({
    pieces: whole(`/${'a/'.repeat(2000 + pick(2000))}`, picture),
    afterwards: 'wait',
    statuses: [404],
  }),
  'a wrong method': (verb, picture, pick) => ({
    pieces: whole(verb, picture, {}, one(['PUT', 'PATCH', 'DELETE', 'OPTIONS'], pick)),
    afterwards: 'wait',
    statuses: [404, 405],
  }),
  'no body': (verb) => ({ pieces: whole(verb, ''), afterwards: 'wait', statuses: [400] }),
};

/** Of routes whose body is a picture, or a form of pictures. */
export const OF_PICTURES: Kinds = {
  'a wrong type': (verb, picture, pick) => ({
    pieces: whole(verb, picture, { type: one(WRONG.types, pick) }),
    afterwards: 'wait',
    statuses: [400, 415],
  }),
  'an answer that there is not': (verb, picture) => ({
    pieces: whole(verb, picture, { more: ['accept: text/html'] }),
    afterwards: 'wait',
    statuses: [406],
  }),
  'no picture': (verb, _, pick) => ({
    pieces: whole(verb, anyBytes(1 + pick(2000), pick)),
    afterwards: 'wait',
    statuses: [422],
  }),
  'another kind of file': (verb, _, pick) => ({
    pieces: whole(
      verb,
      one(
        [
          '%PDF-1.7\n',
          '<svg xmlns="http://www.w3.org/2000/svg"><image href="/etc/passwd"/></svg>',
          'PK\x03\x04',
          '\x7fELF',
          '#!/bin/sh\n',
          '{}',
        ],
        pick,
      ),
    ),
    afterwards: 'wait',
    statuses: [422],
  }),
  'a picture cut off': (verb, picture, pick) => ({
    pieces: whole(verb, picture.subarray(0, 8 + pick(picture.length >> 1))),
    afterwards: 'wait',
    statuses: [422],
  }),
  'a picture of too many pixels': (verb, _, pick) => ({
    pieces: whole(verb, png(20_000 + pick(40_000), 20_000, ZEROS)),
    afterwards: 'wait',
    statuses: [413, 422],
  }),
  'a size without pixels': (verb) => ({
    pieces: whole(verb, png(3000, 3000, deflateSync(Buffer.alloc(9)))),
    afterwards: 'wait',
    statuses: [422],
  }),
  'pixels beyond the size': (verb) => ({
    pieces: whole(verb, png(0, 1, ZEROS)),
    afterwards: 'wait',
    statuses: [413, 422],
  }),
  'a form cut off': (verb, picture, pick) => {
    const body = bytes(part(picture), `--${BOUNDARY}--\r\n`);
    return {
      pieces: whole(verb, body.subarray(0, 1 + pick(body.length - BOUNDARY.length - 6)), { type: FORM }),
      afterwards: 'wait',
      statuses: [400],
    };
  },
  'a form without its boundary': (verb, picture) => ({
    pieces: whole(verb, picture, { type: FORM }),
    afterwards: 'wait',
    statuses: [400],
  }),
  'a form of fields': (verb) => ({
    pieces: whole(verb, bytes(part('0.5', 'form-data; name="score-thr"'), `--${BOUNDARY}--\r\n`), { type: FORM }),
    afterwards: 'wait',
    statuses: [400],
  }),
  'a form of many parts': (verb, _, pick) => ({
    pieces: whole(verb, bytes(...Array.from({ length: 1000 + pick(5000) }, () => part('')), `--${BOUNDARY}--\r\n`), {
      type: FORM,
    }),
    afterwards: 'wait',
    statuses: [413],
  }),
  'a form of no pictures': (verb, _, pick) => ({
    pieces: whole(verb, bytes(part(anyBytes(50, pick)), part(''), `--${BOUNDARY}--\r\n`), { type: FORM }),
    afterwards: 'wait',
    statuses: [422],
  }),
  'a form with an odd header': (verb, picture, pick) => ({
    pieces: whole(
      verb,
      bytes(
        part(picture, one(['form-data', 'attachment', 'form-data; name="a', '', '\0'], pick)),
        `--${BOUNDARY}--\r\n`,
      ),
      { type: FORM },
    ),
    afterwards: 'wait',
    statuses: [400],
  }),
};

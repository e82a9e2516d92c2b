/** The pictures of a request's body: one as it is, or several as the parts of a form. */
import type { RgbImage } from '../core/frame.js';
import { RequestError } from './request_error.js';

/** A file's bytes, and what the answer calls it: nothing of that name is opened. */
export interface GivenFile {
  readonly file: string;
  readonly bytes: Uint8Array;
}

/** A file, or pixels that need no decoding. */
export type GivenPicture = GivenFile | { readonly file: string; readonly image: RgbImage };

/** What a body may be; a browser's form is `multipart/form-data`. */
export const BODY_TYPES = ['image/*', 'application/octet-stream', 'multipart/form-data'] as const;

/** For a server's table of parsers: those of `BODY_TYPES`, which it hands over as bytes. */
export const BODY_PATTERN = /^(?:image\/[\w.+-]+|application\/octet-stream|multipart\/form-data)(?:\s*;|$)/i;

const EXPECTED = 'a picture as the body, or pictures as the parts of a form (multipart/form-data)';

/**
 * @param type the body's content type, one that `BODY_PATTERN` matches.
 * @param most pictures.
 * @throws {RequestError} for a body without a picture, a form that is damaged or cut off, one that has fields which are no
 *   files, and one of more pictures.
 */
export async function picturesOf(body: Uint8Array, type: string, most: number): Promise<readonly GivenFile[]> {
  if (body.length === 0) throw new RequestError({ ...NONE, hint: 'The body is empty (0 bytes).' });
  if (!/^multipart\//i.test(type)) return [{ file: 'picture', bytes: ownBytes(body) }];
  const boundary = boundaryOf(type);
  // Counted first: a body of nothing but empty parts would be as many objects.
  if (countParts(body, boundary, most) > most) throw tooMany(most);
  const form = await new Response(new Blob([ownBytes(body)]), { headers: { 'content-type': type } })
    .formData()
    .catch(() => {
      throw malformed('It is damaged or cut off.');
    });
  const pictures: GivenFile[] = [];
  for (const [name, value] of form) {
    if (typeof value === 'string') throw field(name);
    const file = value.name === '' ? `picture ${pictures.length}` : value.name;
    pictures.push({ file, bytes: new Uint8Array(await value.arrayBuffer()) });
  }
  if (pictures.length === 0) throw new RequestError({ ...NONE, hint: 'The form has no part.' });
  return pictures;
}

const NONE = { status: 400, code: 'no-picture', where: 'body', expected: EXPECTED } as const;

function boundaryOf(type: string): string {
  const [, quoted, plain] = /;\s*boundary=(?:"([^"]+)"|([^\s;"]+))/i.exec(type) ?? [];
  const boundary = quoted ?? plain;
  if (boundary === undefined) throw malformed('Its content-type names no boundary.');
  return boundary;
}

/** How many parts begin, at most one more than `most`: what stands behind is not looked at. */
function countParts(body: Uint8Array, boundary: string, most: number): number {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const mark = Buffer.from(`--${boundary}`, 'latin1');
  let count = -1;
  for (let at = bytes.indexOf(mark); at >= 0 && count <= most; at = bytes.indexOf(mark, at + mark.length)) count++;
  // The last one closes the form; where it is missing, that is found later.
  return count;
}

function tooMany(most: number): RequestError {
  const parts = {
    status: 413,
    code: 'too-many-pictures',
    where: 'body',
    expected: `at most ${most} pictures`,
  } as const;
  return new RequestError({ ...parts, hint: 'Send them in several requests.' });
}

function malformed(hint: string): RequestError {
  const expected = 'a whole form (multipart/form-data)';
  return new RequestError({ status: 400, code: 'malformed-body', where: 'body', expected, hint });
}

function field(name: string): RequestError {
  const hint = 'Options stand in the address, behind ?. A file has a filename in its part: curl --form picture=@FILE.';
  const parts = { status: 400, code: 'invalid-option', where: 'body', expected: 'files alone in the form' } as const;
  return new RequestError({ ...parts, received: `a field '${name.slice(0, 80)}'`, hint });
}

/** Of a Buffer, which may be a part of a larger one. */
function ownBytes(body: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer, byteOffset, byteLength } = body;
  return buffer instanceof ArrayBuffer ? new Uint8Array(buffer, byteOffset, byteLength) : new Uint8Array(body);
}

/** A body that is compressed as a whole, which pictures are already. */
export function checkEncoding(encoding: string | undefined): void {
  if (encoding === undefined || encoding.toLowerCase() === 'identity') return;
  const parts = { status: 415, code: 'wrong-encoding', where: 'content-encoding' } as const;
  throw new RequestError({ ...parts, expected: 'a body without an encoding', received: encoding });
}

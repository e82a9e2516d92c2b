import { LowformerError } from '../core/errors.js';

/** How far a file is, in bytes. */
export interface FetchProgress {
  readonly address: string;
  readonly received: number;
  /** undefined where the server does not say. */
  readonly total: number | undefined;
}

/**
 * A whole file of a server.
 * @param expected what it is, for messages.
 * @param onProgress told after every piece.
 * @throws {LowformerError} `unreadable-file` where the server refuses or cannot be reached.
 */
export async function fetchFile(
  address: string,
  expected: string,
  onProgress?: (progress: FetchProgress) => void,
): Promise<Blob> {
  const found = await attempt(address, expected, 'default', onProgress);
  if (found instanceof Blob) return found;
  // A browser's cache may fail a large file that it is about to keep (private windows have little room): then without it.
  const again = await attempt(address, expected, 'no-store', onProgress);
  if (again instanceof Blob) return again;
  throw again;
}

async function attempt(
  where: string,
  expected: string,
  cache: RequestCache,
  onProgress: ((progress: FetchProgress) => void) | undefined,
): Promise<Blob | LowformerError> {
  const unreadable = (received: string, hint: string) =>
    new LowformerError({ code: 'unreadable-file', where, expected, received, hint });
  try {
    const response = await fetch(where, { cache });
    if (!response.ok) {
      return unreadable(`the answer ${response.status}`, 'The server has no such file, or does not hand it out.');
    }
    if (response.body === null || onProgress === undefined) return await response.blob();
    return await readWithProgress(response.body, totalOf(response), (received, total) =>
      onProgress({ address: where, received, total }),
    );
  } catch (cause) {
    const reason = cause instanceof Error ? `${cause.message}.` : String(cause);
    return unreadable('no answer', isElsewhere(where) ? `${reason} ${ELSEWHERE}` : reason);
  }
}

/** Browsers do not tell a page which of these it was. */
const ELSEWHERE =
  'There is no network, or that server gives its files to no page of another site (CORS): save the file by itself, and give the file.';

function isElsewhere(address: string): boolean {
  return typeof location !== 'undefined' && new URL(address, location.href).origin !== location.origin;
}

async function readWithProgress(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  total: number | undefined,
  tell: (received: number, total: number | undefined) => void,
): Promise<Blob> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  const reader = body.getReader();
  let received = 0;
  for (;;) {
    tell(received, total);
    const { done, value } = await reader.read();
    if (done) return new Blob(pieces);
    pieces.push(value);
    received += value.length;
  }
}

/** Of a file that comes packed the length says nothing. */
function totalOf({ headers }: Response): number | undefined {
  const length = Number(headers.get('content-length') ?? Number.NaN);
  return Number.isSafeInteger(length) && headers.get('content-encoding') === null ? length : undefined;
}

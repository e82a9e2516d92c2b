/** One request for a file, or for the rest of it, and what its answer brings. */
import type { IncomingHttpHeaders } from 'node:http';
import type { CheckpointAddress } from './address.js';
import type { CachedFile } from './cached_file.js';
import type { Answer, Connection } from './connection.js';
import { connectionReason, failed, Interrupted } from './failure.js';
import { fileSize } from './file_size.js';
import { checkRoom, isCheckpoint, type PartialFile } from './partial_file.js';

export interface Attempt {
  readonly address: CheckpointAddress;
  readonly cached: CachedFile;
  readonly partial: PartialFile;
  readonly connection: Connection;
  /** Larger files are refused. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
  /** Told after every piece. @param total undefined where the server does not say. */
  readonly onProgress: (received: number, total: number | undefined) => void;
}

const EXPECTED = 'a file to download';

/**
 * Asks for what is missing, and appends it. The server is asked for a part where it can be known to be a part of the same
 * file: by what the server called the file's version, or by the checksum in the end.
 * @throws {LowformerError} for what another try would not change. @throws {Interrupted} else; what came stays.
 */
export async function attemptDownload(attempt: Attempt): Promise<void> {
  const { address, partial, connection, signal } = attempt;
  const { validator } = partial.facts;
  const resumes = partial.length > 0 && (validator !== undefined || address.checksum !== undefined);
  const headers = resumes ? { range: `bytes=${partial.length}-`, ...(validator && { 'if-range': validator }) } : {};
  const answer = await connection.get(address, headers, signal);
  try {
    checkStatus(address.shown, answer);
    if (await isComplete(attempt, answer)) return;
    const total = await begin(attempt, answer);
    await checkSize(attempt, total);
    if (total !== undefined) await checkRoom(attempt.cached, total - partial.length);
    await receive(attempt, answer, total);
  } finally {
    answer.body.on('error', () => {}).destroy();
  }
}

/** `416` where all was there. Where less or more was, the next try begins anew. */
async function isComplete({ partial }: Attempt, { status, headers }: Answer): Promise<boolean> {
  if (status !== 416) return false;
  if (headers['content-range'] === `bytes */${partial.length}`) return true;
  await partial.restart({});
  throw new Interrupted('the server has another file now');
}

/** Where the answer's bytes go: behind those that are there, or in their place. @returns the size of the whole file. */
async function begin({ address, partial }: Attempt, { status, headers }: Answer): Promise<number | undefined> {
  checkForm(address.shown, headers);
  const validator = validatorOf(headers);
  if (status === 206) {
    const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers['content-range'] ?? '');
    const total = range?.[2] === '*' ? partial.facts.total : Number(range?.[2]);
    const known = partial.facts.total ?? total;
    const same = Number(range?.[1]) === partial.length && known === total;
    if (same && (validator ?? partial.facts.validator) === partial.facts.validator) return total;
    await partial.restart({});
    throw new Interrupted('the server has another file now');
  }
  const length = Number(headers['content-length'] ?? Number.NaN);
  const total = Number.isSafeInteger(length) ? length : undefined;
  await partial.restart({ validator, total });
  return total;
}

async function receive(attempt: Attempt, { headers, body }: Answer, total: number | undefined): Promise<void> {
  const { address, partial, onProgress, signal } = attempt;
  let known = partial.length > 0 ? true : undefined;
  onProgress(partial.length, total);
  try {
    for await (const piece of body) {
      if (!(piece instanceof Uint8Array)) throw new TypeError('expected bytes');
      await partial.append(piece);
      onProgress(partial.length, total);
      await checkSize(attempt, partial.length);
      known ??= await checkKind(address.shown, partial, headers, false);
    }
  } catch (error) {
    signal.throwIfAborted();
    if (isOfConnection(error)) throw new Interrupted(connectionReason(error), { cause: error });
    throw error;
  }
  if (total !== undefined && partial.length < total) throw new Interrupted('the connection was cut');
  if (known === undefined) await checkKind(address.shown, partial, headers, true);
}

/** Errors of the body are the connection's; what appending throws says what it is. */
function isOfConnection(error: unknown): boolean {
  return error instanceof Error && 'code' in error && !('parts' in error) && typeof error.code === 'string';
}

function checkStatus(where: string, { status, headers }: Answer): void {
  if (status === 200 || status === 206 || status === 416) return;
  if ([408, 425, 429, 500, 502, 503, 504].includes(status)) {
    const seconds = Number(headers['retry-after']);
    const wait = seconds > 0 && seconds <= LONGEST_WAIT ? seconds * 1000 : undefined;
    throw new Interrupted(`the server answers ${status}${MEANINGS[status] ?? ''}`, { wait });
  }
  throw failed(where, EXPECTED, `The server answers ${status}${MEANINGS[status] ?? ''}. ${ADVICE[status] ?? OTHER}`);
}

/** Seconds. */
const LONGEST_WAIT = 30;

const MEANINGS: Readonly<Record<number, string>> = {
  401: ', which wants one to log in',
  403: ', which does not give it to everybody',
  404: ': it has no such file',
  407: ', the proxy wants one to log in',
  410: ': it has the file no more',
  429: ': too many requests',
  503: ': it is busy',
};
const BY_HAND = 'Download it by other means, and give the file.';
const OTHER = `Look at the address. ${BY_HAND}`;
const ADVICE: Readonly<Record<number, string>> = { 401: BY_HAND, 403: BY_HAND, 407: 'Write them into HTTPS_PROXY.' };

/** @throws {LowformerError} for a page, and for what comes packed. */
function checkForm(where: string, headers: IncomingHttpHeaders): void {
  if (headers['content-type']?.startsWith('text/html') === true) throw webPage(where);
  const encoding = headers['content-encoding'];
  if (encoding === undefined || encoding === 'identity') return;
  throw failed(where, EXPECTED, `The server sends it packed (${encoding}), which it was asked not to do. ${BY_HAND}`);
}

/** @returns true, or undefined while too little is there. @throws {LowformerError} for what is no checkpoint. */
async function checkKind(
  where: string,
  partial: PartialFile,
  headers: IncomingHttpHeaders,
  isWhole: boolean,
): Promise<true | undefined> {
  const found = await isCheckpoint(partial, isWhole);
  if (found !== false) return found;
  const text = new TextDecoder().decode(await partial.beginning()).trimStart();
  await partial.discard();
  if (text.startsWith('<')) throw webPage(where);
  const kind = headers['content-type'] === undefined ? '' : ` (${headers['content-type']})`;
  throw failed(where, 'a checkpoint (.pth, .pt or .safetensors)', `What the server sends is another file${kind}.`);
}

function webPage(where: string): Error {
  const reason = 'The server sends a web page: it may want one to log in, or to agree to something.';
  return failed(where, EXPECTED, `${reason} Download the file in a browser, and give the file.`);
}

async function checkSize({ address, maxBytes, partial }: Attempt, bytes: number | undefined): Promise<void> {
  if (bytes === undefined || bytes <= maxBytes) return;
  await partial.discard();
  const reason = `This one has ${fileSize(bytes)} or more. LOWFORMER_MAX_DOWNLOAD=${Math.ceil(bytes / 1e9) + 1} allows larger ones, in GB.`;
  throw failed(address.shown, `a file of at most ${fileSize(maxBytes)}`, reason);
}

/** What `If-Range` takes: an ETag that stands for equal bytes, else the date of the last change. */
function validatorOf({ etag, 'last-modified': modified }: IncomingHttpHeaders): string | undefined {
  return etag !== undefined && !etag.startsWith('W/') ? etag : modified;
}

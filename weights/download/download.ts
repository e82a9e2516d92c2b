/** Checkpoints from servers: whole or not at all, checked, once. */
import { setTimeout } from 'node:timers/promises';
import { LowformerError } from '../../core/errors.js';
import { openRegularFile } from '../../files/regular_file.js';
import type { CheckpointAddress } from './address.js';
import { attemptDownload } from './attempt.js';
import { cacheFolder } from './cache_folder.js';
import { type CachedFile, cachedFile, type FileFacts, forget, readFacts } from './cached_file.js';
import { type Connection, openConnection, type Patience } from './connection.js';
import { failed, Interrupted } from './failure.js';
import { fileSize } from './file_size.js';
import { openPartial, type PartialFile, readThrough } from './partial_file.js';
import { isOffline, mostBytes } from './settings.js';
import { takeTurn } from './turn.js';

/** How far a download is, in bytes. */
export interface DownloadProgress {
  /** Without what stands behind `?`. */
  readonly address: string;
  readonly received: number;
  /** undefined where the server does not say. */
  readonly total: number | undefined;
  /** `paused` where nothing comes for now, or any more. */
  readonly state: 'running' | 'paused' | 'done';
}

export interface DownloadOptions {
  /** The folder to keep files in; by default `LOWFORMER_CACHE`, or the system's place for such. */
  readonly cache?: string | undefined;
  /** Takes what is in the cache, and asks no server; by default what `LOWFORMER_OFFLINE` says. */
  readonly offline?: boolean | undefined;
  /** Larger files are refused; by default what `LOWFORMER_MAX_DOWNLOAD` says, else 4 GB. */
  readonly maxBytes?: number | undefined;
  /** Where to ask instead, for the same file. */
  readonly from?: string | undefined;
  /** What is known of the file, to be said before it is asked for: `145 MB, Apache-2.0`. */
  readonly about?: string | undefined;
  /** Reads a file that is in the cache once more, and downloads it again where it is damaged. */
  readonly verify?: boolean | undefined;
  /** Gives up; what has come stays for the next time. */
  readonly signal?: AbortSignal | undefined;
  /** Told line by line what happens. */
  readonly say?: ((line: string) => void) | undefined;
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
  readonly patience?: Patience;
  /** Milliseconds before the second try; each further try waits twice as long. */
  readonly pause?: number;
}

export interface DownloadedFile extends FileFacts {
  readonly path: string;
  /** Whether it was there already. */
  readonly wasCached: boolean;
}

const PATIENCE: Patience = { connect: 30_000, silence: 60_000 };
const PAUSE = 500;
/** Tries in a row that bring less than that many bytes. */
const TRIES = 5;
const WORTHWHILE = 2 ** 20;

/**
 * The file of an address, from the cache or from its server: resumed where an earlier download was cut, held to its checksum,
 * and put into its place whole. Of several processes one downloads, and the others wait for it.
 * @throws {LowformerError} `failed-download`, saying why and what to do; `unwritable-file` for the cache;
 *   `invalid-argument` for settings of the environment. @throws the signal's reason.
 */
export async function download(address: CheckpointAddress, options: DownloadOptions = {}): Promise<DownloadedFile> {
  const { cache = cacheFolder(), offline = isOffline(), say = () => {} } = options;
  const signal = options.signal ?? new AbortController().signal;
  const cached = cachedFile(cache, address);
  const known = await fromCache(cached, address);
  if (known !== undefined && (options.verify !== true || (await isIntact(known)))) return known;
  if (offline) throw notCached(address, cached);
  await using _lock = await takeTurn(cached, {
    signal,
    onWait: () => say(`${address.shown}: another process downloads it: waiting`),
  });
  // What is damaged is nobody's any more.
  if (known !== undefined) await forget(cached);
  const meanwhile = await fromCache(cached, address);
  return meanwhile ?? (await fetchWhole(address, cached, { ...options, signal, say }));
}

/** A file that was checked when it came, against the digits that are asked for now. */
async function fromCache(
  cached: CachedFile,
  { checksum = '' }: CheckpointAddress,
): Promise<DownloadedFile | undefined> {
  const facts = await readFacts(cached);
  if (facts === undefined || !facts.sha256.startsWith(checksum)) return undefined;
  return { ...facts, path: cached.path, wasCached: true };
}

async function isIntact({ path, sha256 }: DownloadedFile): Promise<boolean> {
  const file = await openRegularFile(path, { expected: 'a downloaded file' });
  try {
    return (await readThrough(file)).hash.digest('hex') === sha256;
  } finally {
    await file.close();
  }
}

interface Fetching extends DownloadOptions {
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

async function fetchWhole(address: CheckpointAddress, cached: CachedFile, options: Fetching): Promise<DownloadedFile> {
  const { say, about, from = address.href, patience = PATIENCE } = options;
  await using partial = await openPartial(cached);
  await using connection = await openConnection(patience);
  const before = partial.length;
  const rest = before === 0 ? '' : `, the rest of a file of which ${fileSize(before)} are here`;
  say(`downloading ${address.shown}${about === undefined ? '' : ` (${about})`}${rest}`);
  const bring = () => untilWhole({ ...address, href: from }, cached, { partial, connection, options });
  // Killed between the last byte and the end, nothing is missing.
  const isThere = before > 0 && address.checksum !== undefined && isRight(partial, address);
  const isPieced = !isThere && ((await bring()) > 1 || before > 0);
  if (isPieced && !isRight(partial, address)) {
    say(`${address.shown}: the parts of it do not make the file: it is downloaded as a whole`);
    await partial.restart({});
    await bring();
  }
  const sha256 = partial.sha256();
  if (!isRight(partial, address)) {
    await partial.discard();
    throw wrongChecksum(address, sha256);
  }
  const facts: FileFacts = { address: address.shown, bytes: partial.length, sha256 };
  await partial.finish(facts);
  if (address.checksum === undefined) {
    say(
      `${address.shown}: nothing says what its SHA-256 has to be; to have it checked, write #sha256:${sha256} behind it`,
    );
  }
  return { ...facts, path: cached.path, wasCached: false };
}

interface Parts {
  readonly partial: PartialFile;
  readonly connection: Connection;
  readonly options: Fetching;
}

/** Tries again while that brings something, and a few times where it does not. @returns how many tries it took. */
async function untilWhole(address: CheckpointAddress, cached: CachedFile, parts: Parts): Promise<number> {
  const { partial, connection, options } = parts;
  const { say, signal, maxBytes = mostBytes(), pause = PAUSE, onProgress = () => {} } = options;
  let furthest = partial.length;
  let last: DownloadProgress | undefined;
  const tell = (state: DownloadProgress['state']) => {
    if (last !== undefined) onProgress({ ...last, state });
  };
  let failures = 0;
  for (let tries = 1; ; tries++) {
    try {
      await attemptDownload({
        address,
        cached,
        partial,
        connection,
        maxBytes,
        signal,
        onProgress(received, total) {
          last = { address: address.shown, received, total, state: 'running' };
          onProgress(last);
        },
      });
      tell('done');
      return tries;
    } catch (error) {
      tell('paused');
      if (!(error instanceof Interrupted)) throw error;
      if (partial.length >= furthest + WORTHWHILE) failures = 0;
      furthest = Math.max(furthest, partial.length);
      failures++;
      if (failures === TRIES || (error.unreachable && last === undefined))
        throw gaveUp(address, partial, error, failures);
      const wait = error.wait ?? pause * 2 ** (failures - 1);
      say(`${address.shown}: ${error.message}, at ${fileSize(partial.length)}: trying again in ${wait / 1000} s`);
      await setTimeout(wait, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }
}

function isRight(partial: PartialFile, { checksum = '' }: CheckpointAddress): boolean {
  return partial.sha256().startsWith(checksum);
}

function gaveUp({ shown }: CheckpointAddress, { length, facts }: PartialFile, error: Interrupted, tries: number) {
  const reason = `${error.message.charAt(0).toUpperCase()}${error.message.slice(1)}`;
  if (length === 0) {
    const times = tries === 1 ? '' : ` ${tries} tries made no difference.`;
    return failed(shown, 'a file to download', `${reason}.${times}`, error.cause);
  }
  const of = facts.total === undefined ? '' : ` of ${fileSize(facts.total)}`;
  const state = `after ${fileSize(length)}${of}, and ${tries} tries brought no more`;
  return failed(
    shown,
    'a file to download',
    `${reason} ${state}. What has come is kept: try again later.`,
    error.cause,
  );
}

function wrongChecksum({ shown, checksum = '' }: CheckpointAddress, sha256: string): LowformerError {
  return new LowformerError({
    code: 'failed-download',
    where: shown,
    expected: `a file whose SHA-256 begins with ${checksum}`.replace(/begins with (?=.{64}$)/, 'is '),
    received: sha256.slice(0, Math.max(16, checksum.length)),
    hint: 'It is damaged or another file, and was removed. Try again; if it stays so, the server has another file than was published.',
  });
}

function notCached({ shown }: CheckpointAddress, { path }: CachedFile): LowformerError {
  return failed(
    shown,
    'a file in the cache, since nothing is downloaded offline',
    `It would be ${path}. Download it once without --offline (offline: false, LOWFORMER_OFFLINE=0): lowformer models fetch.`,
  );
}

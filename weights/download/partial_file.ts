/** A file while it comes: what is there already, and its SHA-256 so far. */
import { createHash, type Hash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, rename, statfs } from 'node:fs/promises';
import { LowformerError } from '../../core/errors.js';
import { BEGINNING, checkpointFormat } from '../checkpoint_format.js';
import { unwritableCache } from './cache_owner.js';
import {
  type CachedFile,
  type FileFacts,
  type PartialFacts,
  readPartialFacts,
  removePartial,
  writeFacts,
  writePartialFacts,
} from './cached_file.js';
import { fileSize } from './file_size.js';

export interface PartialFile extends AsyncDisposable {
  /** Bytes that are there. */
  readonly length: number;
  readonly facts: PartialFacts;
  /** Forgets what is there: the file comes from its start. */
  restart(facts: PartialFacts): Promise<void>;
  append(bytes: Uint8Array): Promise<void>;
  /** The first bytes, which say what the file is: `BEGINNING` of them, fewer while there are fewer. */
  beginning(): Promise<Uint8Array>;
  sha256(): string;
  /** It takes its place, whole, and safe from a loss of power. */
  finish(facts: FileFacts): Promise<void>;
  /** Nothing of it stays. */
  discard(): Promise<void>;
}

/**
 * Opens what an earlier download left, or begins. Whoever calls holds the file's lock.
 * @throws {LowformerError} `unwritable-file`, as all that it gives: nothing is left of a file for which the disk is too full.
 */
export async function openPartial(cached: CachedFile): Promise<PartialFile> {
  const { folder, path, partial } = cached;
  const said = <Result>(work: () => Promise<Result>) => sayingWhy(folder, work);
  return said(async () => {
    await mkdir(folder, { recursive: true });
    const file = await open(partial, constants.O_RDWR | constants.O_CREAT, 0o644);
    let facts = await readPartialFacts(cached);
    let { hash, length } = await readThrough(file);
    let isOpen = true;
    const close = async () => {
      if (isOpen) await file.close();
      isOpen = false;
    };
    const discard = async () => {
      await close();
      await removePartial(cached);
    };
    return {
      get length() {
        return length;
      },
      get facts() {
        return facts;
      },
      restart: (fresh) =>
        said(async () => {
          await file.truncate(0);
          [hash, length, facts] = [createHash('sha256'), 0, fresh];
          await writePartialFacts(cached, fresh);
        }),
      append: (bytes) =>
        said(async () => {
          try {
            await writeAll(file, bytes, length);
          } catch (error) {
            await discard();
            throw error;
          }
          hash.update(bytes);
          length += bytes.length;
        }),
      async beginning() {
        const bytes = new Uint8Array(Math.min(length, BEGINNING));
        await file.read(bytes, 0, bytes.length, 0);
        return bytes;
      },
      sha256: () => hash.copy().digest('hex'),
      finish: (known) =>
        said(async () => {
          await file.datasync();
          await close();
          await writeFacts(cached, known);
          await rename(partial, path);
          await removePartial(cached);
        }),
      discard: () => said(discard),
      async [Symbol.asyncDispose]() {
        // Of what never began to come nothing stays, no folder either.
        await (length === 0 ? discard() : close()).catch(() => {});
      },
    };
  });
}

/** Whether the file's first bytes are a checkpoint's; undefined while there are too few. */
export async function isCheckpoint(partial: PartialFile, isWhole: boolean): Promise<boolean | undefined> {
  if (partial.length < BEGINNING && !isWhole) return undefined;
  return checkpointFormat(await partial.beginning()) !== undefined;
}

/** @throws {LowformerError} `unwritable-file` where so many more bytes find no room. */
export async function checkRoom(cached: CachedFile, bytes: number): Promise<void> {
  const { blocks, bavail, bsize } = await statfs(cached.folder);
  const free = bavail * bsize;
  // Some file systems do not count.
  if (blocks === 0 || bytes <= free) return;
  await removePartial(cached);
  const hint = `The disk has ${fileSize(free)} left. Make room, or let LOWFORMER_CACHE name a folder on another disk.`;
  const expected = `room for ${fileSize(bytes)}`;
  throw new LowformerError({ code: 'unwritable-file', where: cached.folder, expected, hint });
}

/** The SHA-256 of a file, which goes on with what is appended, and its bytes. */
export async function readThrough(file: FileHandle): Promise<{ hash: Hash; length: number }> {
  const hash = createHash('sha256');
  const buffer = new Uint8Array(1 << 20);
  let length = 0;
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, length);
    if (bytesRead === 0) return { hash, length };
    hash.update(buffer.subarray(0, bytesRead));
    length += bytesRead;
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}

async function sayingWhy<Result>(folder: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw await unwritableCache(folder, error);
  }
}

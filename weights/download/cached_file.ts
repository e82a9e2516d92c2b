/** One address's place in the cache: the file, what is known of it, and what is there of it while it comes. */
import { createHash } from 'node:crypto';
import { readFile, rm, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeBytes } from '../../files/atomic_write.js';
import type { CheckpointAddress } from './address.js';

export interface CachedFile {
  readonly folder: string;
  readonly path: string;
  /** What has come so far. */
  readonly partial: string;
  /** What its lock is named by: outside its folder, which comes and goes. */
  readonly lock: string;
}

/** Known of a file that is there as a whole. */
const factsSchema = z.object({ address: z.string(), bytes: z.int(), sha256: z.string() });
export type FileFacts = z.output<typeof factsSchema>;

/** Known of a file that is still to come: whether it is the same one tomorrow. */
const partialFactsSchema = z.object({ validator: z.string().optional(), total: z.int().optional() });
export type PartialFacts = z.output<typeof partialFactsSchema>;

/** A folder for each address, since files of different servers may have one name. */
export function cachedFile(cache: string, { href, fileName }: CheckpointAddress): CachedFile {
  const key = createHash('sha256').update(href).digest('hex').slice(0, 16);
  const lock = join(cache, 'checkpoints', key);
  const path = join(lock, fileName);
  return { folder: lock, path, partial: `${path}.part`, lock };
}

/** undefined unless the file is there, of the size that it had. */
export async function readFacts({ path }: CachedFile): Promise<FileFacts | undefined> {
  const facts = factsSchema.safeParse(await readJson(factsOf(path)));
  const found = await stat(path).catch(() => undefined);
  return facts.success && found?.isFile() === true && found.size === facts.data.bytes ? facts.data : undefined;
}

/** Before the file takes its place, so that a file in its place is known. @throws {LowformerError} `unwritable-file`. */
export async function writeFacts({ path }: CachedFile, facts: FileFacts): Promise<void> {
  await writeBytes(factsOf(path), Buffer.from(`${JSON.stringify(facts)}\n`));
}

/** The file and what is known of it go. */
export async function forget({ path }: CachedFile): Promise<void> {
  for (const file of [factsOf(path), path]) await rm(file, { force: true });
}

/** Empty where nothing is known. */
export async function readPartialFacts({ partial }: CachedFile): Promise<PartialFacts> {
  const facts = partialFactsSchema.safeParse(await readJson(factsOf(partial)));
  return facts.success ? facts.data : {};
}

/** @throws {LowformerError} `unwritable-file`. */
export async function writePartialFacts({ partial }: CachedFile, facts: PartialFacts): Promise<void> {
  await writeBytes(factsOf(partial), Buffer.from(`${JSON.stringify(facts)}\n`));
}

/** What has come so far, and what is known of it; the folder, where nothing else is in it. */
export async function removePartial({ folder, partial }: CachedFile): Promise<void> {
  for (const file of [partial, factsOf(partial)]) await rm(file, { force: true });
  await rmdir(folder).catch(() => {});
}

function factsOf(path: string): string {
  return `${path}.json`;
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Choices that were measured, a small file each in the cache. */
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { LowformerError } from '../../core/errors.js';
import { writeBytes } from '../../files/atomic_write.js';
import { readRegularFile } from '../../files/regular_file.js';
import { isAbsence } from '../../files/system_error.js';
import { factsKey } from '../network_facts.js';

const recordSchema = z
  .strictObject({ engine: z.string(), milliseconds: z.record(z.string(), z.number().positive()) })
  .refine(({ engine, milliseconds }) => engine in milliseconds);
export type ChoiceRecord = z.output<typeof recordSchema>;

/** Of any size that a record can have. */
const MOST_BYTES = 64 * 1024;
/** Older ones go. */
const MOST_RECORDS = 256;
const NAME = /^[0-9a-f]{32}\.json$/;

/** The folder of all choices of loaded models. @param cache the toolkit's own. */
export function choicesFolder(cache: string): string {
  return join(cache, 'engines');
}

/** The file of a choice: another one where any of the facts, which are JSON values, is another. */
export function recordFile(folder: string, facts: unknown): string {
  return join(folder, `${factsKey(facts).slice(0, 32)}.json`);
}

/**
 * @param names of the engines that are there to choose from: a record that does not time just these is damaged.
 * @returns undefined where there is none that can be read; one that is damaged is said.
 */
export async function readRecord(
  file: string,
  names: readonly string[],
  say: (line: string) => void,
): Promise<ChoiceRecord | undefined> {
  try {
    // Also a link to nowhere is absence: it is written anew.
    await stat(file);
  } catch (error) {
    if (isAbsence(error)) return undefined;
  }
  try {
    const record = await contentOf(file);
    if (Object.keys(record.milliseconds).toSorted().join() === names.toSorted().join()) return record;
  } catch (error) {
    if (error instanceof LowformerError) {
      say(`engine: measured anew: ${error.message}`);
      return undefined;
    }
  }
  say(`engine: measured anew: ${file} is damaged`);
  return undefined;
}

/** How many choices are remembered in a folder, by the engine that was chosen; files that cannot be read count for none. */
export async function rememberedChoices(folder: string): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {};
  const names = (await readdir(folder).catch(() => [])).filter((name) => NAME.test(name));
  for (const name of names.toSorted()) {
    const record = await contentOf(join(folder, name)).catch(() => undefined);
    if (record !== undefined) counts[record.engine] = (counts[record.engine] ?? 0) + 1;
  }
  return counts;
}

/** @throws where it cannot be read, or is none. */
async function contentOf(file: string): Promise<ChoiceRecord> {
  const bytes = await readRegularFile(file, { expected: 'a record of an engine' }, MOST_BYTES);
  return recordSchema.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)));
}

/** @returns whether it was kept; what the system refuses is said. */
export async function writeRecord(
  { folder, file }: { readonly folder: string; readonly file: string },
  record: ChoiceRecord,
  say: (line: string) => void,
): Promise<boolean> {
  try {
    await writeBytes(file, Buffer.from(`${JSON.stringify(record)}\n`));
  } catch (error) {
    if (!(error instanceof LowformerError)) throw error;
    say(`engine: the choice is not remembered: ${error.message}`);
    return false;
  }
  await removeOldest(folder);
  return true;
}

async function removeOldest(folder: string): Promise<void> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => NAME.test(name));
  if (names.length <= MOST_RECORDS) return;
  const dated = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      return { path, written: (await stat(path).catch(() => undefined))?.mtimeMs ?? 0 };
    }),
  );
  for (const { path } of dated.toSorted((a, b) => b.written - a.written).slice(MOST_RECORDS)) {
    await rm(path, { force: true }).catch(() => {});
  }
}

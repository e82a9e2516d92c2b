/** A run's log: a line of JSON for each thing that happened, in order, which goes on with the run that goes on. */

import { type FileHandle, open, readFile } from 'node:fs/promises';
import { z } from 'zod';
import { LowformerError } from '../../core/errors.js';
import { parsedJson } from '../../core/parsed_json.js';
import { writeBytes } from '../../files/atomic_write.js';
import { isAbsence, isSystemError, readingReason, writingReason } from '../../files/system_error.js';

/** What happened after so many iterations: numbers and texts by name. Numbers that JSON has not are written as texts. */
export interface LogEntry {
  readonly iteration: number;
  readonly [name: string]: unknown;
}

/** Disposing of it closes the file. */
export interface RunLog extends AsyncDisposable {
  /** Handed to the system before it returns. @throws {LowformerError} `unwritable-file`. */
  write(entry: LogEntry): Promise<void>;
}

const entrySchema = z.looseObject({ iteration: z.int().min(0) });

/**
 * The lines of a log. A last one that a killed process left unfinished is passed over.
 * @returns none where there is no such file.
 * @throws {LowformerError} `unreadable-file` for one that cannot be read, or is none.
 */
export async function readRunLog(path: string): Promise<readonly LogEntry[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if (isAbsence(cause)) return [];
    if (!isSystemError(cause)) throw cause;
    const hint = readingReason(cause);
    throw new LowformerError({ code: 'unreadable-file', where: path, expected: "a training run's log", hint, cause });
  }
  const lines = text.split('\n').slice(0, -1);
  return lines.map((line, i) => {
    const { success, data } = entrySchema.safeParse(parsedJson(line));
    if (success) return data;
    const where = `${path}:${i + 1}`;
    throw new LowformerError({ code: 'unreadable-file', where, expected: "a line of a training run's log, as JSON" });
  });
}

/**
 * Opens a log for writing.
 * @param goesOnAt iterations after which the run goes on: what was logged later is taken back, for it comes again. 0 for a
 *   run that begins.
 * @param keeps further, of what was logged before, whether a line stays.
 * @throws {LowformerError} `unwritable-file`, `unreadable-file`.
 */
export async function openRunLog(
  path: string,
  goesOnAt: number,
  keeps: (entry: LogEntry) => boolean = () => true,
): Promise<RunLog> {
  const before = goesOnAt > 0 ? await readRunLog(path) : [];
  const kept = before.filter((entry) => entry.iteration <= goesOnAt && keeps(entry));
  await writeBytes(path, new TextEncoder().encode(kept.map(line).join('')));
  const file = await said(path, () => open(path, 'a'));
  return {
    write: (entry) => said(path, () => file.appendFile(line(entry))),
    [Symbol.asyncDispose]: () => close(file),
  };
}

async function close(file: FileHandle): Promise<void> {
  await file.close();
}

function line(entry: LogEntry): string {
  const text = JSON.stringify(entry, (_, value: unknown) =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
  );
  return `${text}\n`;
}

async function said<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    if (!isSystemError(cause)) throw cause;
    const hint = writingReason(cause);
    throw new LowformerError({
      code: 'unwritable-file',
      where: path,
      expected: 'a log that can be written to',
      hint,
      cause,
    });
  }
}

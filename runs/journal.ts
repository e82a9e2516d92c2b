/**
 * What a long run has done so far, in a file that outlives it: a line for the run, then a line for each picture as it
 * comes. A line that was cut off when the process was killed is dropped; everything before it stands.
 */

import { z } from 'zod';
import { LowformerError } from '../core/errors.js';
import type { Log } from '../core/log.js';
import { parsedJson } from '../core/parsed_json.js';
import { type JournalFile, openJournalFile } from './journal_file.js';

export const JOURNAL_ENDING = '.journal.jsonl';

/** What makes a run: another one's results must not be mixed in. */
export type RunIdentity = Readonly<Record<string, string | number>>;

export interface JournalOptions {
  readonly identity: RunIdentity;
  /** Of the pictures, in the order in which they are run. */
  readonly ids: readonly (number | string)[];
  /** Continues where the last run stopped, at the start of a batch: pictures of one batch pad each other. */
  readonly resume: boolean;
  readonly batchSize: number;
  readonly log: Pick<Log, 'say' | 'warn'>;
}

/** Disposing of it leaves the file, for a run that continues. */
export interface Journal extends AsyncDisposable {
  readonly path: string;
  /** Pictures that an earlier run has done. */
  readonly done: number;
  /** What was kept of every picture so far, in order. @throws {LowformerError} `invalid-argument` where it is damaged. */
  entries(): AsyncGenerator<unknown, void, undefined>;
  /**
   * Handed to the system before it returns: what is killed later does not lose it.
   * @throws {LowformerError} `unwritable-file`; `invalid-argument` where something else has written to it.
   */
  append(id: number | string, record: unknown): Promise<void>;
  /**
   * The run is complete and its results are written: removes the file.
   * @throws {LowformerError} `invalid-argument` where somebody removed or replaced it before: nothing is lost.
   */
  finish(): Promise<void>;
}

/**
 * @throws {LowformerError} `invalid-argument` while another run writes it, for a journal of another run, one that is
 *   damaged before its last line, and one that is there without `resume`; `unwritable-file`.
 */
export async function openJournal(path: string, options: JournalOptions): Promise<Journal> {
  const file = await openJournalFile(path, options.log);
  try {
    const done = await begin(path, file, options);
    return journal(path, file, done, options.ids);
  } catch (error) {
    await file[Symbol.asyncDispose]();
    throw error;
  }
}

/** Writes the head, or cuts an earlier run's file to where it is continued. Gives how many pictures are done. */
async function begin(path: string, file: JournalFile, options: JournalOptions): Promise<number> {
  const found = await survey(path, file, options);
  if (found !== undefined && !options.resume) {
    const hint = `${found.pictures} pictures of it are done: continue with --resume, or remove the file.`;
    throw wrong(path, 'no journal of a run that did not end', 'one', hint);
  }
  await file.truncate(found?.end ?? 0);
  if (found !== undefined) return found.done;
  await file.append(line({ journal: 'lowformer evaluate', run: options.identity }));
  return 0;
}

function journal(path: string, file: JournalFile, done: number, ids: JournalOptions['ids']): Journal {
  let kept = done;
  return {
    path,
    done,
    async *entries() {
      let number = 0;
      for await (const { text } of file.lines()) {
        if (number > 0) yield parseEntry(text, path, number, ids);
        number++;
      }
      if (number <= kept) throw damagedJournal(path, number, ids[number - 1], '');
    },
    async append(id, record) {
      await file.append(line({ picture: id, record }));
      kept++;
    },
    finish: () => file.remove(),
    [Symbol.asyncDispose]: () => file[Symbol.asyncDispose](),
  };
}

const headSchema = z.object({
  journal: z.literal('lowformer evaluate'),
  run: z.record(z.string(), z.union([z.string(), z.number()])),
});
const entrySchema = z.object({ picture: z.union([z.string(), z.number()]), record: z.unknown() });

/** How far an earlier run came; undefined where there was none, or one that ended before its first picture. */
async function survey(path: string, file: JournalFile, { identity, ids, resume, batchSize }: JournalOptions) {
  const ends: number[] = [];
  for await (const { text, end } of file.lines()) {
    if (ends.length === 0 && resume) checkHead(text, path, identity);
    ends.push(end);
  }
  // A run that failed at its first picture leaves nothing to continue.
  if (ends.length < 2) return undefined;
  const pictures = Math.min(ends.length - 1, ids.length);
  const done = pictures === ids.length ? pictures : pictures - (pictures % batchSize);
  return { pictures, done, end: ends[done] ?? 0 };
}

function checkHead(text: string, path: string, identity: RunIdentity): void {
  const head = headSchema.safeParse(parsedJson(text));
  if (!head.success) throw wrong(path, "a journal of 'lowformer evaluate'", text.slice(0, 60));
  const { run } = head.data;
  const differing = [...new Set([...Object.keys(identity), ...Object.keys(run)])].filter(
    (key) => identity[key] !== run[key],
  );
  if (differing.length === 0) return;
  const sides = differing.map((key) => `${key} was ${run[key]} and is ${identity[key]}`).join(', ');
  const hint = `The journal is of another run: ${sides}. Remove it to start anew.`;
  throw wrong(path, 'the journal of this run', 'another', hint);
}

function parseEntry(text: string, path: string, number: number, ids: readonly (number | string)[]): unknown {
  const entry = entrySchema.safeParse(parsedJson(text));
  const id = ids[number - 1];
  if (entry.success && entry.data.picture === id) return entry.data.record;
  throw damagedJournal(path, number, id, text);
}

/** What the journal has for its picture `number`, counted from 1, is not what was written there. */
export function damagedJournal(
  path: string,
  number: number,
  id: number | string | undefined,
  received: unknown,
): LowformerError {
  const text = typeof received === 'string' ? received : JSON.stringify(received);
  const hint = 'The journal is damaged. Remove it to start anew.';
  return wrong(`${path}:${number + 1}`, `the results of picture ${id}`, text.slice(0, 60), hint);
}

function line(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}

function wrong(where: string, expected: string, received: unknown, hint?: string): LowformerError {
  const parts = { code: 'invalid-argument', where, expected, received } as const;
  return new LowformerError(hint === undefined ? parts : { ...parts, hint });
}

/** Runs a model over the pictures of a dataset, keeps what came of each in a journal, and counts it. */
import type { z } from 'zod';
import type { Log } from '../core/log.js';
import { collectNotes, noteText } from '../core/notes.js';
import type { Result } from '../core/results.js';
import { listening } from '../files/interruption.js';
import { damagedJournal, type Journal } from './journal.js';
import type { PictureRunner } from './picture_runner.js';

/** How the results of one task are kept and counted. Pictures by their position among those that are run. */
export interface PictureScoring<R extends Result, Kept> {
  readonly files: readonly string[];
  /** What the journal calls them. */
  readonly ids: readonly (number | string)[];
  /** The picture's result is near: what it is held against can be read meanwhile. */
  readonly begin?: (picture: number) => void;
  /** What the journal keeps of a result, as plain JSON. */
  readonly record: (picture: number, result: R) => Kept | Promise<Kept>;
  /** Of what the journal keeps. */
  readonly schema: z.ZodType<Kept>;
  /** Counts a record, of this run or, read from the journal, of an earlier one. */
  readonly count: (picture: number, record: Kept) => void;
}

export interface ScoringRun {
  readonly journal: Journal;
  readonly batchSize: number;
  readonly signal: AbortSignal;
  readonly log: Log;
}

/**
 * Decoding, network and counting overlap. Afterwards the journal holds every picture.
 * @param load is told how many pictures there are to run.
 * @throws {LowformerError} for the first picture that cannot be read or scored; the signal's reason when aborted. The
 *   journal then keeps what is done.
 */
export function scorePictures<R extends Result, Kept>(
  load: (pictures: number) => Promise<PictureRunner<R>>,
  scoring: PictureScoring<R, Kept>,
  run: ScoringRun,
): Promise<void> {
  return listening(() => scoreAll(load, scoring, run));
}

async function scoreAll<R extends Result, Kept>(
  load: (pictures: number) => Promise<PictureRunner<R>>,
  scoring: PictureScoring<R, Kept>,
  { journal, batchSize, signal, log }: ScoringRun,
): Promise<void> {
  let counted = 0;
  for await (const entry of journal.entries()) {
    signal.throwIfAborted();
    const record = scoring.schema.safeParse(entry);
    if (!record.success) throw damagedJournal(journal.path, counted + 1, scoring.ids[counted], entry);
    scoring.count(counted++, record.data);
  }
  const left = scoring.files.slice(counted);
  if (counted > 0) log.say(`${journal.path}: ${counted} of ${scoring.files.length} pictures are done already`);
  if (left.length === 0) return;
  await using runner = await load(left.length);
  const begin = (index: number) => scoring.begin?.(counted + index);
  const progress = log.progress(left.length, 'pictures');
  const start = performance.now();
  let done = 0;
  const notes = collectNotes();
  try {
    for await (const outcome of runner.run(left, { batchSize, signal, begin })) {
      signal.throwIfAborted();
      if (!outcome.ok) throw outcome.error;
      for (const { where, ...note } of outcome.notes) notes.add({ ...note, where: 'pictures' }, where);
      const picture = counted + outcome.index;
      const record = await scoring.record(picture, outcome.result);
      scoring.count(picture, record);
      await journal.append(scoring.ids[picture] ?? picture, record);
      done++;
      progress.done(
        `${outcome.source}${progress.timed ? '' : speed(done, left.length, start)}${runner.said?.() ?? ''}`,
      );
    }
    signal.throwIfAborted();
  } catch (error) {
    if (counted + done > 0) {
      log.say(`${counted + done} of ${scoring.files.length} pictures are in ${journal.path}: continue with --resume`);
    }
    throw error;
  } finally {
    progress.stop();
  }
  for (const note of notes.list()) log.say(noteText(note));
  const seconds = (performance.now() - start) / 1000;
  log.say(`${done} pictures in ${seconds.toFixed(1)} s: ${(done / seconds).toFixed(1)} pictures/s`);
}

function speed(done: number, total: number, start: number): string {
  const rate = (done * 1000) / (performance.now() - start);
  return `: ${rate.toFixed(1)} pictures/s, ${Math.ceil((total - done) / rate)} s left`;
}

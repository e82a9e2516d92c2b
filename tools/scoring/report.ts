import { type Notes, noteText, refuseNotes } from '../../core/notes.js';
import type { Console } from '../console.js';
import { writeJson } from '../json_output.js';
import { writeStdout } from '../standard_streams.js';

/** What a score comes to, for programs and for people. */
export interface Report {
  readonly record: object;
  readonly text: string;
  /** One line. */
  readonly headline: string;
}

/**
 * Says what was noted while data were read, before anything long begins.
 * @throws {LowformerError} for any note where `strict` is set.
 */
export function tellNotes(notes: Notes, { strict, log }: { readonly strict: boolean; readonly log: Console }): void {
  if (strict) refuseNotes(notes.list());
  for (const note of notes.list()) log.warn(noteText(note));
}

/** A record with its notes, where there are any. */
export function withNotes(record: object, notes: Notes): object {
  const list = notes.list();
  return list.length === 0 ? record : { ...record, notes: list };
}

/** JSON where it was asked for, else the table on stdout. */
export async function writeReport(
  { record, text, headline }: Report,
  { json, log, notes }: { readonly json: string | undefined; readonly log: Console; readonly notes: Notes },
): Promise<void> {
  if (json === undefined) return writeStdout(`${text}\n`);
  await writeJson(json, withNotes(record, notes));
  log.say(headline);
}

/** Four digits, as papers print them with two of percent; a dash where there is nothing to measure. */
export function fraction(value: number | null): string {
  return value === null || value < 0 ? '-' : value.toFixed(4);
}

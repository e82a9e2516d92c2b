import type { Log } from '../core/log.js';
import { type Notes, noteText, refuseNotes } from '../core/notes.js';

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
export function tellNotes(notes: Notes, { strict, log }: { readonly strict: boolean; readonly log: Log }): void {
  if (strict) refuseNotes(notes.list());
  for (const note of notes.list()) log.warn(noteText(note));
}

/** A record with its notes, where there are any. */
export function withNotes(record: object, notes: Notes): object {
  const list = notes.list();
  return list.length === 0 ? record : { ...record, notes: list };
}

/** Four digits, as papers print them with two of percent; a dash where there is nothing to measure. */
export function fraction(value: number | null): string {
  return value === null || value < 0 ? '-' : value.toFixed(4);
}

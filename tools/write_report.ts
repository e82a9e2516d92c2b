import type { Log } from '../core/log.js';
import type { Notes } from '../core/notes.js';
import { type Report, withNotes } from '../scoring/report.js';
import { writeJson } from './json_output.js';
import { writeStdout } from './standard_streams.js';

/** JSON where it was asked for, else the table on stdout. */
export async function writeReport(
  { record, text, headline }: Report,
  { json, log, notes }: { readonly json: string | undefined; readonly log: Log; readonly notes: Notes },
): Promise<void> {
  if (json === undefined) return writeStdout(`${text}\n`);
  await writeJson(json, withNotes(record, notes));
  log.say(headline);
}

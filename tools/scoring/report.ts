import type { Console } from '../console.js';
import { writeJson, writeStdout } from '../json_output.js';

/** What a score comes to, for programs and for people. */
export interface Report {
  readonly record: unknown;
  readonly text: string;
  /** One line. */
  readonly headline: string;
}

/** JSON where it was asked for, else the table on stdout. */
export async function writeReport(
  { record, text, headline }: Report,
  { json, log }: { readonly json: string | undefined; readonly log: Console },
): Promise<void> {
  if (json === undefined) return writeStdout(`${text}\n`);
  await writeJson(json, record);
  log.say(headline);
}

/** Four digits, as papers print them with two of percent; a dash where there is nothing to measure. */
export function fraction(value: number | null): string {
  return value === null || value < 0 ? '-' : value.toFixed(4);
}

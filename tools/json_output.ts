import { checkWritable, type GrowingFile, openGrowing, openWhole, writeWhole } from '../files/atomic_write.js';
import { exactJson } from '../files/exact_json.js';
import { formatJson } from '../files/format_json.js';
import { offerStdout, writeStdout } from './standard_streams.js';

/** One JSON value, or a record a line (jsonlines.org). */
export const RECORD_FORMATS = ['json', 'jsonl'] as const;
export type RecordFormat = (typeof RECORD_FORMATS)[number];

/** Which it is when nobody says, for the help. */
export const FORMAT_DEFAULT = 'json of pictures, jsonl of clips';

export function isRecordFormat(name: string): name is RecordFormat {
  return RECORD_FORMATS.some((own) => own === name);
}

/** @throws {LowformerError} `unwritable-file` when `writeJson` could not write there; known before the work is done. */
export async function checkJsonTarget(target: string | undefined): Promise<void> {
  if (target !== undefined && target !== '-') await checkWritable(target);
}

/**
 * Writes JSON to a file, whole or not at all, or to stdout for `-`.
 * @throws {LowformerError} `unwritable-file`.
 */
export async function writeJson(target: string, value: unknown): Promise<void> {
  const text = `${formatJson(value)}\n`;
  if (target === '-') await writeStdout(text);
  else await writeWhole(target, async (file) => void (await file.writeFile(text)));
}

/** A list of records that is written as they come. Disposing of it before `finish` leaves no file, but of one that grows. */
export interface RecordWriter extends AsyncDisposable {
  /** Whether somebody can read what is added: not where stdout is closed. */
  readonly wanted: boolean;
  /** Returns once the system has taken it. @throws {LowformerError} `unwritable-file`. */
  add(record: unknown): Promise<void>;
  /** Closes the list; the file takes its place. Without a record nothing is written. @throws likewise. */
  finish(): Promise<void>;
}

/**
 * A list in a file, whole or not at all, or on stdout for `-`: there it is cut off where the work is. However many
 * records there are, no more than one is held. The file is opened with the first.
 * @param grows of lines: the file stands under its name from the first record on, and keeps those that were written until the
 *   work ends, in whatever way that is.
 */
export function recordWriter(target: string, format: RecordFormat, { grows = false } = {}): RecordWriter {
  const open: (path: string) => Promise<GrowingFile> = grows && format === 'jsonl' ? openGrowing : openWhole;
  let count = 0;
  let wanted = true;
  let file: GrowingFile | undefined;
  const write = async (text: string) => {
    if (file !== undefined) await file.append(text);
    else if (wanted) wanted = await offerStdout(text);
  };
  return {
    get wanted() {
      return wanted;
    },
    async add(record) {
      if (count === 0 && target !== '-') file = await open(target);
      const opening = count++ === 0 ? '[\n  ' : ',\n  ';
      await write(format === 'jsonl' ? `${exactJson(record)}\n` : opening + formatJson(record, 2));
    },
    async finish() {
      if (count === 0) return;
      if (format === 'json') await write('\n]\n');
      await file?.finish();
    },
    [Symbol.asyncDispose]: async () => await file?.[Symbol.asyncDispose](),
  };
}

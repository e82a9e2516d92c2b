/** What `--format` of a command that finds things writes besides records: files that other tools read. */
import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { z } from 'zod';
import { LowformerError } from '../core/errors.js';
import type { Size } from '../core/frame.js';
import type { Log } from '../core/log.js';
import { collectNotes, noteText } from '../core/notes.js';
import { checkClassNames } from '../exchange/class_names.js';
import type { ExchangeFormat, WritingContext } from '../exchange/define.js';
import { EXCHANGE_FORMATS } from '../exchange/formats/index.js';
import { countLosses } from '../exchange/losses.js';
import type { MarkedObject } from '../exchange/marked.js';
import { checkOwnFiles } from '../exchange/picture_names.js';
import { openFileTarget, openFolderTarget, type PieceTarget, textOf } from '../exchange/write_pieces.js';
import { checkEmptyFolder } from '../files/whole_folder.js';
import { checkJsonTarget, FORMAT_DEFAULT, isRecordFormat, RECORD_FORMATS } from './json_output.js';
import { pathsBelowShared } from './output_names.js';
import { offerStdout } from './standard_streams.js';

export const exchangeOptionsSchema = z.object({
  format: z.string().optional(),
  labels: z.string().optional(),
  copyImages: z.boolean().optional(),
});

/** What a command finds. */
export type Marks = 'boxes' | 'label maps';

function formatsOf(marks: Marks): readonly ExchangeFormat[] {
  const all = EXCHANGE_FORMATS.names().map((name) => EXCHANGE_FORMATS.get(name, '--format'));
  return all.filter(({ shapes, boxes }) => (marks === 'boxes' ? boxes !== false : shapes !== undefined));
}

/** `segment --out` writes these. */
function isLabelMaps(name: string): boolean {
  return EXCHANGE_FORMATS.get(name, '--format').labelMaps === true;
}

export interface ExchangeOptions {
  readonly format: string;
  readonly json?: string | undefined;
  readonly labels?: string | undefined;
  readonly copyImages?: boolean | undefined;
  readonly queue?: string | undefined;
}

/** `--format`, `--labels` and `--copy-images`. @param marks what the command finds. */
export function withExchangeOptions(command: Command, marks: Marks): Command {
  const names = formatsOf(marks).map(({ type }) => type);
  const folders = names.filter((name) => EXCHANGE_FORMATS.get(name, '--format').shape === 'folder');
  return command
    .addOption(
      // Others are named, too, so that it can be said why they are of no use.
      new Option(
        '--format <name>',
        `of --json: one list, a picture a line, or the format of another tool; ${FORMAT_DEFAULT}`,
      ).choices([...RECORD_FORMATS, ...EXCHANGE_FORMATS.names().filter((name) => !isLabelMaps(name))]),
    )
    .option('--labels <dir>', `of --format ${folders.join(', ')}: a new folder, with a file for each picture`)
    .option('--copy-images', 'copy the pictures into --labels, too');
}

/**
 * What `--format` names; undefined for records.
 * @throws {LowformerError} `invalid-argument` for options that contradict it.
 */
export function exchangeFormat(
  { format: name, json, labels, copyImages, queue }: ExchangeOptions,
  marks: Marks,
): ExchangeFormat | undefined {
  const wrong = (where: string, expected: string, received: string, hint?: string) => {
    const parts = { code: 'invalid-argument', where, expected, received } as const;
    return new LowformerError(hint === undefined ? parts : { ...parts, hint });
  };
  const format = isRecordFormat(name) ? undefined : EXCHANGE_FORMATS.get(name, '--format');
  if (format !== undefined && !formatsOf(marks).includes(format)) {
    const own = formatsOf(marks).map(({ type }) => type);
    throw wrong('--format', `a format that holds ${marks} (${own.join(', ')})`, name);
  }
  if (format?.shape === 'folder') {
    if (json !== undefined)
      throw wrong('--json', `none beside --format ${name}, which fills a folder (--labels)`, json);
    if (labels === undefined) throw wrong('--format', 'the folder that it fills, as --labels DIR, beside', name);
  } else {
    if (labels !== undefined) throw wrong('--labels', 'none beside a format of one file, which --json names,', labels);
    if (copyImages === true) throw wrong('--copy-images', 'none beside a format of one file', name);
  }
  if (format !== undefined && queue !== undefined) {
    throw wrong(
      '--format',
      `${RECORD_FORMATS.join(' or ')} beside --queue`,
      name,
      'Workers send back what they found alone.',
    );
  }
  return format;
}

/** Writes what was found as it comes; disposing of it before `finish` leaves no file. */
export interface ExchangeOutput extends AsyncDisposable {
  /** Whether somebody can read what is added: not where stdout is closed. */
  readonly wanted: boolean;
  add(source: string, size: Size, objects: readonly MarkedObject[]): Promise<void>;
  /** The file or folder takes its place, and what the format does not keep is told. Without a picture nothing is written. */
  finish(log: Log): Promise<void>;
}

export interface ExchangePlaces {
  /** Of a format of one file: it, or `-`. */
  readonly target: string;
  /** Of a format of a folder. */
  readonly labels: string | undefined;
  readonly copyImages: boolean;
  /** All pictures, as they are named. */
  readonly files: readonly string[];
}

/** That what `exchangeOutput` writes can be written there. @throws {LowformerError} `unwritable-file`, `invalid-argument`. */
export async function checkExchangePlaces(
  format: ExchangeFormat,
  { target, labels, files }: ExchangePlaces,
): Promise<void> {
  if (format.shape === 'file') return checkJsonTarget(target);
  await checkEmptyFolder(labels ?? '');
  checkOwnFiles([...pathsBelowShared(files).values()], format.title);
}

/** @throws {LowformerError} `invalid-argument` for a class name that the format cannot hold. */
export function exchangeOutput(
  format: ExchangeFormat,
  { target, labels, copyImages, files }: ExchangePlaces,
  list: Pick<WritingContext, 'classes' | 'categoryIds'>,
): ExchangeOutput {
  checkClassNames(format, list.classes);
  const names = pathsBelowShared(files);
  const folder = labels === undefined ? '' : resolve(labels);
  // Label maps do not tell objects apart.
  const things = list.classes.map(() => false);
  const context: WritingContext = { ...list, things, kind: 'found', wholeIds: false, folder, copyImages };
  const notes = collectNotes();
  const losses = countLosses(format, context, notes);
  const writer = format.open(context);
  let pieces: PieceTarget | undefined;
  let wanted = true;
  const put = async (...[some]: Parameters<PieceTarget['write']>) => {
    if (pieces !== undefined) await pieces.write(some);
    else if (wanted) wanted = await offerStdout(textOf(some));
  };
  let begun = false;
  return {
    get wanted() {
      return wanted;
    },
    async add(source, { width, height }, objects) {
      if (!begun) {
        begun = true;
        if (format.shape === 'folder') pieces = await openFolderTarget(folder);
        else if (target !== '-') pieces = await openFileTarget(target);
        await put(writer.begin());
      }
      const picture = {
        id: undefined,
        name: names.get(source) ?? source,
        file: resolve(source),
        size: { width, height },
        objects,
      };
      losses.add(picture);
      await put(writer.add(picture));
    },
    async finish(log) {
      if (!begun) return;
      await put(writer.finish());
      await pieces?.finish();
      losses.finish();
      for (const note of notes.list()) log.say(noteText(note));
      if (format.shape === 'folder') log.say(`labels are in ${labels}`);
    },
    [Symbol.asyncDispose]: async () => await pieces?.[Symbol.asyncDispose](),
  };
}

/** Options that mean nothing, or something else, where frames are run and no pictures. */
import { resolve } from 'node:path';
import { LowformerError } from '../core/errors.js';
import { checkClipName } from '../video/encode.js';
import type { VideoSource } from '../video/source.js';
import { isRecordFormat, RECORD_FORMATS, type RecordFormat } from './json_output.js';
import type { GivenOptions } from './picture_run.js';

/**
 * @param newest whether only the newest frame is run.
 * @returns the form of the records: a line each, unless told otherwise.
 * @throws {LowformerError} `invalid-argument` for options that would have no effect, or not the one that they have for pictures.
 */
export function checkClipOptions(source: VideoSource, newest: boolean, options: GivenOptions): RecordFormat {
  const { queue, out, labels, copyImages, batchSize, sessions, format = 'jsonl', stall, frames } = options;
  if (queue !== undefined) throw refused('--queue', 'none for a clip: workers are given files of pictures,', queue);
  if (out !== undefined) {
    checkClipName(out);
    if (source.kind === 'file' && resolve(out) === resolve(source.name)) {
      throw refused('--out', 'another clip than the one that is read,', out);
    }
    if (options.format !== undefined && options.json === undefined) {
      throw refused('--format', '--json FILE beside --out, or no --format:', options.format);
    }
  }
  if (labels !== undefined) throw refused('--labels', 'none for a clip, whose frames have no files,', labels);
  if (copyImages === true) throw refused('--copy-images', 'none for a clip, whose frames have no files', undefined);
  if (source.kind === 'file') {
    if (stall !== undefined) throw refused('--stall', 'none for a file, which cannot stall,', stall);
    if (newest) throw refused('--frames', 'all of a file, which waits for the network,', frames);
  }
  if (newest && options.slices === undefined) {
    const hint = 'With --frames all every frame is run, and results come late.';
    if (batchSize > 1) throw refused('--batch-size', '1 where only the newest frame is run,', batchSize, hint);
    if (sessions !== undefined && sessions > 1) {
      throw refused('--sessions', '1 where only the newest frame is run,', sessions, hint);
    }
  }
  if (!isRecordFormat(format)) {
    const hint = 'Formats of other tools name a file for each picture.';
    throw refused('--format', `${RECORD_FORMATS.join(' or ')} for a clip`, format, hint);
  }
  if (source.live && format === 'json') {
    throw refused('--format', 'jsonl for a stream, whose list would not be closed before its end,', format);
  }
  return format;
}

function refused(where: string, expected: string, received: unknown, hint?: string): LowformerError {
  const parts = { code: 'invalid-argument', where, expected, received } as const;
  return new LowformerError(hint === undefined ? parts : { ...parts, hint });
}

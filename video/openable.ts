/** What can be known of a camera or stdin before ffmpeg opens it, and ffmpeg would say in other words or not at all. */
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { isatty } from 'node:tty';
import { LowformerError } from '../core/errors.js';
import { isAbsence, readingReason } from '../files/system_error.js';
import type { VideoSource } from './source.js';

/** @throws {LowformerError} `unreadable-file` for a camera that is not there or may not be used, and where stdin is a terminal. */
export async function checkOpenable({ kind, name }: VideoSource): Promise<void> {
  if (kind === 'stdin' && isatty(0)) {
    const hint = 'Put what writes one before it: ffmpeg … -f matroska - | lowformer …';
    throw new LowformerError({
      code: 'unreadable-file',
      where: 'stdin',
      expected: 'a clip or a stream',
      received: 'a terminal',
      hint,
    });
  }
  if (kind !== 'camera') return;
  // A driver is told what to do through the same device.
  await access(name, constants.R_OK | constants.W_OK).catch((cause: unknown) => {
    const hint = isAbsence(cause)
      ? 'There is no such device: is it plugged in?'
      : `${readingReason(cause)} Users of the group that has it may: ls -l ${name} tells which.`;
    throw new LowformerError({ code: 'unreadable-file', where: name, expected: 'a camera', hint, cause });
  });
}

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { LowformerError } from '../../core/errors.js';
import { loadImage } from '../../models/image_source.js';
import { pictureFailure } from '../../queue/picture_failure.js';
import { encodeFailure } from '../../queue/result_code.js';
import { temporaryFolder } from '../tools/command_line.js';
import { drawPicture, writePicture } from '../tools/tiny_models.js';

const folder = temporaryFolder();
const there = '/mnt/a.png';

/** What a worker says of a picture, told where it lies at `path`. */
async function told(error: LowformerError, path: string) {
  const encoded = encodeFailure(error, there);
  if (!('failure' in encoded)) return expect.fail('no failure');
  return pictureFailure(encoded.failure, { source: 'a.png', path, worker: 'node1:71' });
}

const unreadable = new LowformerError({ code: 'unreadable-file', where: there, expected: 'a file', received: 'none' });

test('a picture that cannot be read here either: what one process says', async () => {
  const path = join(folder, 'damaged.png');
  writeFileSync(path, 'no picture');
  for (const file of [path, join(folder, 'absent.png')]) {
    const alone = await loadImage(file, { name: 'a.png' }).catch((error: unknown) => error);
    expect(alone).toBeInstanceOf(LowformerError);
    expect(await told(unreadable, file)).toEqual(alone);
  }
});

test('a picture that is read here: the worker is named, and its own words', async () => {
  const path = join(folder, 'good.png');
  await writePicture(path, drawPicture(9, 6));
  const { code, message } = await told(unreadable, path);
  expect([code, message]).toEqual([
    'unreadable-file',
    "a.png: expected a picture that worker node1:71 can read, as it can be read here. The worker says: /mnt/a.png: expected a file but received 'none'",
  ]);
});

test('what is wrong beside reading is told as it came', async () => {
  const error = new LowformerError({ code: 'not-a-number', where: there, expected: 'numbers' });
  expect((await told(error, '/nowhere')).message).toBe('a.png: expected numbers');
});

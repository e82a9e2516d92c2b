import { expect, it } from 'vitest';
import { LowformerError } from '../../core/errors.js';
import { decodeImage } from '../../images/decode.js';
import { decodedFiles, SOME_TIFFS } from './decoded_files.js';

const files = decodedFiles('opencv_tiff.json').filter(({ name }) => SOME_TIFFS.test(name));

it.each(files)('$name with changed bytes gives a picture or a refusal', async ({ name, file }) => {
  const bytes = Buffer.from(file, 'base64');
  for (let at = 2; at < bytes.length; at += 17) {
    for (const value of [0, 1, 2, 255]) {
      const changed = Buffer.from(bytes);
      changed[at] = value;
      await decodeImage(changed, { name }).catch((error: unknown) => expect(error).toBeInstanceOf(LowformerError));
    }
  }
});

/** Encoded files with what OpenCV's reader made of each: pixels by their hash, or a refusal. */
import { expect } from 'vitest';
import { z } from 'zod';
import { LowformerError } from '../../core/errors.js';
import { decodeImage } from '../../images/decode.js';
import { imageFixture, sha256 } from './formula_picture.js';

const schema = z.array(
  z.object({
    name: z.string(),
    /** Base64. */
    file: z.string(),
    width: z.number().optional(),
    height: z.number().optional(),
    /** Of the RGB pixels; absent where the file is refused. */
    sha256: z.string().optional(),
  }),
);
export type DecodedFile = z.output<typeof schema>[number];

/** @param fixture in `test/fixtures/images`. */
export function decodedFiles(fixture: string): readonly DecodedFile[] {
  return imageFixture(fixture, schema);
}

/** Equal to the bit, or an error that names the file. */
export async function expectDecoded({ name, file, ...expected }: DecodedFile): Promise<void> {
  const decoding = decodeImage(Buffer.from(file, 'base64'), { name });
  if (expected.sha256 === undefined) {
    await expect(decoding).rejects.toThrow(LowformerError);
    await expect(decoding).rejects.toMatchObject({ code: 'unreadable-image', path: name });
    return;
  }
  const { width, height, data } = await decoding;
  expect({ width, height, sha256: sha256(data) }).toEqual(expected);
}

/** Of those in `opencv_tiff.json`, one of each way in which pixels are packed: they are damaged in every way. */
export const SOME_TIFFS = /^(greysep3_be_16_def|rgbsep_le_8|ycc11_no_6_1$|big)/;

import { LowformerError } from '../core/errors.js';
import type { DetectionSample } from '../data/dataset.js';
import { handful, mapFew } from '../data/files.js';
import { checkSampleSize, readPictureSize } from '../data/picture_folder.js';

/**
 * That all pictures have the sizes that their annotations give, by their headers alone: known before the long work.
 * @throws {LowformerError} `invalid-argument` naming a handful of those that do not, and both sizes; `unreadable-image`.
 */
export async function checkSizes(samples: readonly DetectionSample[]): Promise<void> {
  const sized = samples.filter(({ size }) => size !== undefined);
  const checked = await mapFew(sized, async (sample) => {
    const actual = await readPictureSize(sample.file);
    try {
      checkSampleSize(sample, actual);
      return undefined;
    } catch (error) {
      if (error instanceof LowformerError) return error;
      throw error;
    }
  });
  const wrong = checked.filter((error) => error !== undefined);
  const [first] = wrong;
  if (first === undefined) return;
  if (wrong.length === 1) throw first;
  const { hint } = first.parts;
  const all = `${wrong.length} of ${sized.length} differ: ${handful(wrong.map(({ path }) => path))}.`;
  throw new LowformerError({ ...first.parts, hint: hint === undefined ? all : `${hint} ${all}` });
}

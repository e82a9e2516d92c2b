/** What is wrong with a detection data set and shows only against its pictures, before the first step. */
import { LowformerError } from '../../core/errors.js';
import type { Notes } from '../../core/notes.js';
import type { DetectionDataset } from '../../data/dataset.js';
import { checkPicturesExist } from '../../data/picture_folder.js';
import { checkSizes } from '../../runs/picture_sizes.js';

/** Headers that are read; of more pictures as many, evenly spread. The loader compares all of them once more. */
const MOST_HEADERS = 5000;

/**
 * That all pictures are there, in the sizes that their annotations give, and that no object was left out for a category
 * that its file does not list: such objects would be trained as background.
 * @param notes of reading the data set.
 * @throws {LowformerError} `invalid-argument`, `unreadable-file` or `unreadable-image`, naming a handful of pictures.
 */
export async function checkPictures(dataset: DetectionDataset, notes: Notes): Promise<void> {
  refuseUnlisted(dataset, notes);
  await checkPicturesExist(dataset);
  const { samples } = dataset;
  const count = Math.min(MOST_HEADERS, samples.length);
  const some = Array.from({ length: count }, (_, i) => samples[Math.floor((i * samples.length) / count)]);
  await checkSizes(some.filter((sample) => sample !== undefined));
}

/** As `data/coco` notes them: whoever scores may do without such objects. */
const UNLISTED = 'unlisted-category';

function refuseUnlisted({ name }: DetectionDataset, notes: Notes): void {
  const note = notes.list().find(({ kind, where }) => kind === UNLISTED && where === name);
  if (note === undefined) return;
  throw new LowformerError({
    code: 'invalid-argument',
    where: name,
    expected: 'every category_id among "categories"',
    received: `${note.count} that are not (${note.examples.join(', ')})`,
    hint: 'Objects that are left out would be trained as background: list the categories, or remove the annotations.',
  });
}

import { LowformerError } from '../../core/errors.js';
import type { Notes } from '../../core/notes.js';

/** As `data/coco` notes them: who scores may do without such objects. Who trains would teach that they are background. */
const KIND = 'unlisted-category';

/** @throws {LowformerError} `invalid-argument` where a reader has left out objects of categories that its file does not list. */
export function refuseUnlistedCategories(notes: Notes): void {
  const note = notes.list().find(({ kind }) => kind === KIND);
  if (note === undefined) return;
  const { where, count, examples } = note;
  throw new LowformerError({
    code: 'invalid-argument',
    where,
    expected: 'every category_id among "categories"',
    received: `${count} that are not (${examples.join(', ')})`,
    hint: 'Objects that were left out would be trained as background: list the categories, or remove the annotations.',
  });
}

import { describe, expect, it } from 'vitest';
import { categoryId } from '../../core/brands.js';
import { collectNotes } from '../../core/notes.js';
import { parseCocoResults } from '../../data/coco_results.js';
import { matchedCategories } from '../../scoring/matched_categories.js';
import { mistakeOf } from '../data/temporary.js';

const truth = { name: 'gt.json', classes: ['cat', 'dog '], categoryIds: [categoryId(2), categoryId(7)] };

function match(entries: readonly (readonly [id: number, name?: string])[], own: object = {}) {
  const list = entries.map(([category_id, category_name]) => ({
    image_id: 1,
    category_id,
    category_name,
    bbox: [0, 0, 1, 1],
    score: 0.5,
  }));
  const results = parseCocoResults(new TextEncoder().encode(JSON.stringify(list)), 'dt.json');
  const notes = collectNotes();
  const ids = matchedCategories({ ...truth, ...own }, results, notes);
  const matched = Array.from(ids, (position) => truth.categoryIds[position] ?? -1);
  return { matched, notes: notes.list().map(({ kind, count, examples }) => [kind, count, ...examples]) };
}

describe('categories of detections', () => {
  it('by id where there are no names; what the ground truth lacks is left out with a count', () => {
    expect(match([[2], [7], [2]])).toEqual({ matched: [2, 7, 2], notes: [] });
    expect(match([[77], [7], [77]])).toEqual({
      matched: [-1, 7, -1],
      notes: [['unknown-category', 2, '[0]: category_id 77']],
    });
  });

  it('by name where there are, whatever the ids', () => {
    expect(match([[2, 'cat'], [7, 'dog'], [2]])).toEqual({ matched: [2, 7, 2], notes: [] });
    const exchanged = [
      [7, 'cat'],
      [2, 'dog'],
    ] as const;
    expect(match(exchanged)).toEqual({
      matched: [2, 7],
      notes: [['category-by-name', 2, "[0]: 'cat' (7)", "[1]: 'dog' (2)"]],
    });
    // Ids that nobody has chosen say nothing.
    expect(match(exchanged, { countedIds: true })).toEqual({ matched: [2, 7], notes: [] });
  });

  it('a name that the ground truth lacks is left out, unless it is spelled otherwise alone', () => {
    expect(
      match([
        [2, 'cat'],
        [7, 'cow'],
      ]),
    ).toMatchObject({
      matched: [2, -1],
      notes: [['unknown-category', 1, "[1]: 'cow' (7)"]],
    });
    expect(
      match([
        [2, 'Cat'],
        [7, 'dog'],
      ]),
    ).toMatchObject({
      matched: [2, 7],
      notes: [['category-spelling', 1, "[0]: 'Cat' (2)"]],
    });
  });

  it('classes that were not asked for are passed over without a word', () => {
    const leftOut = { classes: ['cow'], categoryIds: [categoryId(9)], pictures: [] };
    expect(match([[2], [9], [9, 'cow']], { leftOut })).toEqual({ matched: [2, -1, -1], notes: [] });
  });

  it('contradictions are mistakes, and files of which nothing fits', async () => {
    expect(
      await mistakeOf(() =>
        match([
          [2, 'cat'],
          [3, 'cat'],
        ]),
      ),
    ).toMatch(/^dt\.json: \[1\]\.category_id: expected 2, as for 'cat' before, but received 3\. Which of the two/);
    expect(
      await mistakeOf(() =>
        match([
          [2, 'cat'],
          [2, 'dog'],
        ]),
      ),
    ).toMatch(
      /^dt\.json: \[1\]\.category_name: expected 'cat', as for 2 before, but received 'dog'\. Which of the two/,
    );
    expect(await mistakeOf(() => match([[3], [4]]))).toBe(
      'dt.json: [0].category_id: expected one of the 2 categories of gt.json (2 cat, 7 dog ) but received 3. ' +
        'No detection is of a category of the ground truth: the files do not belong together.',
    );
  });
});

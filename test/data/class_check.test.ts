import { describe, expect, it } from 'vitest';
import { categoryId } from '../../core/brands.js';
import { collectNotes } from '../../core/notes.js';
import { checkLabelClasses, mapCategories } from '../../data/class_check.js';
import { ade20k } from '../../data/classes/ade20k.js';
import { coco } from '../../data/classes/coco.js';
import { mistakeOf } from './temporary.js';

const dataset = (classes: readonly string[], ids: readonly number[]) => ({
  name: 'gt.json',
  classes,
  categoryIds: ids.map(categoryId),
  // An object of each class.
  samples: [
    {
      id: 1,
      size: undefined,
      objects: ids.map((id) => ({
        id,
        categoryId: categoryId(id),
        box: [0, 0, 1, 1] as const,
        area: 1,
        crowd: false,
        difficult: false,
      })),
    },
  ],
});

describe('categories and a config', () => {
  it('in one order', () => {
    const { classIndexOf, categoryIdOf, sameOrder } = mapCategories(dataset(coco.classes, coco.category_ids), coco);
    expect(sameOrder).toBe(true);
    expect(categoryIdOf).toEqual(coco.category_ids);
    expect(classIndexOf.get(categoryId(90))).toBe(79);
  });

  it('in another order, by name', () => {
    const mapping = mapCategories(dataset(['dog ', 'cat', 'fox'], [4, 9, 2]), { classes: ['cat', 'fox', 'dog'] });
    expect([...mapping.classIndexOf]).toEqual([
      [9, 0],
      [2, 1],
      [4, 2],
    ]);
    expect(mapping).toMatchObject({ categoryIdOf: [9, 2, 4], sameOrder: false });
  });

  it('leaves out what no object shows, and more of the config where classes were chosen', async () => {
    const { samples, ...given } = dataset(['animals', 'cat', 'dog'], [0, 1, 2]);
    const [sample] = samples;
    const shown = { ...given, samples: sample === undefined ? [] : [{ ...sample, objects: sample.objects.slice(1) }] };
    const notes = collectNotes();
    expect(mapCategories(shown, { classes: ['dog', 'cat'] }, { notes }).categoryIdOf).toEqual([2, 1]);
    expect(notes.list()).toMatchObject([{ kind: 'unused-class', count: 1, examples: ["'animals'"] }]);
    const some = dataset(['cat'], [7]);
    expect(await mistakeOf(() => mapCategories(some, { classes: ['dog', 'cat'] }))).toContain('--classes a,b');
    const { categoryIdOf, sameOrder } = mapCategories(some, { classes: ['dog', 'cat'] }, { chosen: true });
    expect([categoryIdOf, sameOrder]).toEqual([[undefined, 7], true]);
  });

  it.each([
    [
      ['cat', 'dog'],
      ['cat', 'fox'],
      undefined,
      "gt.json: expected the classes of the config. The dataset lacks 'fox'. The config lacks 'dog'. To score the classes that both have, name them: --classes a,b.\n  dataset (2): cat, dog\n  config (2): cat, fox",
    ],
    [
      ['cat', 'dog'],
      ['cat'],
      undefined,
      "gt.json: expected the classes of the config. The config lacks 'dog'. To score the classes that both have, name them: --classes a,b.\n  dataset (2): cat, dog\n  config (1): cat",
    ],
    [['cat'], ['cat', 'dog'], undefined, "The dataset lacks 'dog'."],
    [['Cat'], ['cat'], undefined, "The dataset lacks 'cat'. The config lacks 'Cat'."],
    [['cat', 'cat'], ['cat'], undefined, "gt.json: expected each class name once but received 'cat'"],
    [['cat'], ['cat', ' cat'], undefined, "metainfo.classes: expected each class name once but received 'cat'"],
    [
      ['cat', 'dog'],
      ['cat', 'dog'],
      [1, 3],
      "metainfo.category_ids: expected 2 for 'dog', as gt.json has it, but received 3. Correct the list, or leave it out: classes are matched by name.",
    ],
  ])('%j against %j, ids %j', async (theirs, ours, category_ids, message) => {
    const ids = theirs.map((_, i) => i + 1);
    expect(await mistakeOf(() => mapCategories(dataset(theirs, ids), { classes: ours, category_ids }))).toContain(
      message,
    );
  });
});

describe('label numbers and a config', () => {
  it('in one order, or unnamed', () => {
    checkLabelClasses({ name: 'ade', classes: ade20k.classes }, ade20k);
    checkLabelClasses({ name: 'folder', classes: undefined }, { classes: ['a'] });
  });

  it('in another order is a mistake: labels are positions', async () => {
    const check = () =>
      checkLabelClasses({ name: 'labels', classes: ['sky', 'road', 'car'] }, { classes: ['sky', 'car', 'road'] });
    expect(await mistakeOf(check)).toBe(
      "labels: expected the classes in the order of the config. Label 1 is 'road' in the dataset and 'car' in the config.\n  dataset (3): sky, road, car\n  config (3): sky, car, road",
    );
  });
});

import { describe, expect, test } from 'vitest';
import { splitPictures } from '../../../training/from_pictures/held_out.js';

const pictures = (count: number, classesOf: (i: number) => readonly number[]) =>
  Array.from({ length: count }, (_, i) => ({ path: `${i}.jpg`, classes: new Set(classesOf(i)) }));

describe('by chance', () => {
  test('a fifth is held out, the same for one seed', () => {
    const all = pictures(50, () => [0]);
    const parts = splitPictures(all, 7);
    expect(parts.by).toBe('chance');
    expect(parts.validation).toHaveLength(10);
    expect([...parts.train, ...parts.validation].toSorted((a, b) => a - b)).toEqual(all.map((_, i) => i));
    expect(splitPictures(all, 7)).toEqual(parts);
    expect(splitPictures(all, 8)).not.toEqual(parts);
  });

  test.each([1, 2, 3, 4, 5, 6])('every class of two pictures or more is on both sides (seed %i)', (seed) => {
    const all = pictures(40, (i) => (i < 2 ? [1] : i < 5 ? [2, 0] : i === 5 ? [3] : [0]));
    const { train, validation } = splitPictures(all, seed);
    for (const label of [0, 1, 2]) {
      for (const part of [train, validation]) expect(part.some((i) => all[i]?.classes.has(label))).toBe(true);
    }
    // What one picture alone shows can only be learnt.
    expect(train).toContain(5);
    expect(train.length + validation.length).toBe(40);
  });

  test('a thousand are enough', () => {
    expect(
      splitPictures(
        pictures(20_000, () => [0]),
        1,
      ).validation,
    ).toHaveLength(1000);
  });

  test('of three pictures none is held out', () => {
    expect(
      splitPictures(
        pictures(3, () => [0]),
        1,
      ),
    ).toEqual({
      train: [0, 1, 2],
      validation: [0, 1, 2],
      by: 'same',
    });
    expect(
      splitPictures(
        pictures(4, () => [0]),
        1,
      ).validation,
    ).toHaveLength(1);
  });
});

test('folders that say it', () => {
  const named = (...paths: readonly string[]) => paths.map((path) => ({ path, classes: new Set([0]) }));
  expect(splitPictures(named('train/a.jpg', 'val/b.jpg', 'train/x/c.jpg'), 1)).toEqual({
    train: [0, 2],
    validation: [1],
    by: 'folders',
  });
  expect(splitPictures(named('a/training/a.jpg', 'a/validation/val/b.jpg'), 1).by).toBe('folders');
  expect(splitPictures(named('train/a.jpg', 'train/b.jpg'), 1).by).toBe('same');
  expect(splitPictures(named('train/a.jpg', 'val/b.jpg', 'c.jpg', 'd.jpg'), 1).by).toBe('chance');
  expect(splitPictures(named('a/train.jpg', 'a/val.jpg'), 1).by).toBe('same');
});

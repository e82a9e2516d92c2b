import { describe, expect, it } from 'vitest';
import { parseCocoAnnotations } from '../../data/coco.js';
import { selectClasses, selectPictures } from '../../data/subset.js';
import { mistakeOf, temporaryFile } from './temporary.js';

const box = { bbox: [0, 0, 10, 10], area: 100 };
const dataset = () =>
  parseCocoAnnotations(
    new TextEncoder().encode(
      JSON.stringify({
        images: [
          { id: 5, file_name: 'train/a.jpg' },
          { id: 6, file_name: 'val/b.jpg' },
          { id: 7, file_name: 'val/a.jpg' },
        ],
        categories: [
          { id: 1, name: 'person' },
          { id: 3, name: 'car' },
        ],
        annotations: [
          { id: 1, image_id: 5, category_id: 3, ...box },
          { id: 2, image_id: 5, category_id: 1, ...box },
        ],
      }),
    ),
    'gt.json',
  );

describe('a part of a dataset', () => {
  it('by classes, whose ids stay', async () => {
    const { classes, categoryIds, samples, leftOut } = selectClasses(dataset(), ['person']);
    expect({ classes, categoryIds, leftOut }).toEqual({
      classes: ['person'],
      categoryIds: [1],
      leftOut: { classes: ['car'], categoryIds: [3], pictures: [] },
    });
    expect(samples.map(({ objects, fileName }) => [fileName, objects.map(({ id }) => id)])).toEqual([
      ['train/a.jpg', [2]],
      ['val/b.jpg', []],
      ['val/a.jpg', []],
    ]);
    expect(await mistakeOf(() => selectClasses(dataset(), ['persons']))).toBe(
      "--classes: expected classes of gt.json but received 'persons'. Did you mean 'person'?",
    );
  });

  it('by pictures: ids, file names, names without ending or folder', async () => {
    const ids = async (text: string) =>
      (await selectPictures(dataset(), temporaryFile('val.txt', text))).samples.map(({ id }) => id);
    expect(await ids('7\n5\n')).toEqual([5, 7]);
    expect(await ids('val/a.jpg\nb 1\n')).toEqual([6, 7]);
    expect(await ids('./val/a\r\n')).toEqual([7]);
    expect(await mistakeOf(() => ids('a\n'))).toContain("expected names of one picture each but received 'a'");
    expect(await mistakeOf(() => ids('b\nc\nd\n'))).toContain('2 of 3 are not among them: c, d.');
    expect(await mistakeOf(() => ids('\n'))).toContain('It is empty.');
    const { leftOut } = await selectPictures(dataset(), temporaryFile('val.txt', 'b'));
    expect(leftOut?.pictures).toEqual([5, 7]);
  });
});

import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { collectNotes } from '../../core/notes.js';
import { detectionFormat, openAnnotations } from '../../scoring/open_detection.js';
import { drawnPicture, mistakeOf, temporaryFolder } from '../data/temporary.js';

async function folder() {
  const object = (name: string) =>
    `<object><name>${name}</name><bndbox><xmin>11</xmin><ymin>21</ymin><xmax>31</xmax><ymax>41</ymax></bndbox></object>`;
  const box = { bbox: [10, 20, 20, 20], area: 400 };
  return temporaryFolder({
    'gt.json': JSON.stringify({
      images: [
        { id: 1, file_name: 'a.png' },
        { id: 2, file_name: 'b.png' },
      ],
      categories: [
        { id: 5, name: 'cat' },
        { id: 9, name: 'dog' },
      ],
      annotations: [
        { id: 1, image_id: 1, category_id: 5, ...box },
        { id: 2, image_id: 2, category_id: 9, ...box },
      ],
    }),
    'Annotations/a.xml': `<annotation>${object('cat')}</annotation>`,
    'Annotations/b.xml': `<annotation>${object('dog')}</annotation>`,
    'ImageSets/Main/val.txt': 'b\n',
    'images/a.png': await drawnPicture(100, 100, 'png'),
    'images/b.png': await drawnPicture(100, 100, 'png'),
    'labels/a.txt': '0 0.2 0.3 0.2 0.2\n',
    'labels/b.txt': '1 0.2 0.3 0.2 0.2\n',
    'data.yaml': 'names: [cat, dog]\nval: images\n',
    'list.txt': 'b.png\n',
  });
}

describe('ground truth, whatever its format', () => {
  it('is told by what it looks like', async () => {
    const root = await folder();
    const found = ['gt.json', 'Annotations', 'ImageSets/Main/val.txt', 'labels', 'data.yaml', 'obj.data'].map((path) =>
      detectionFormat(join(root, path)),
    );
    expect(await Promise.all(found)).toEqual(['coco', 'voc', 'voc', 'yolo', 'yolo', 'yolo']);
  });

  it('holds the same objects; classes and pictures are chosen alike', async () => {
    const root = await folder();
    const open = async (annotations: string, own: object = {}) => {
      const places = {
        annotations: join(root, annotations),
        missingArea: 'error',
        notes: collectNotes(),
        ...own,
      } as const;
      const { samples, classes } = await openAnnotations(places);
      return [classes, samples.map(({ objects }) => objects.map(({ box }) => box.map(Math.round)))];
    };
    const both = [[[10, 20, 20, 20]], [[10, 20, 20, 20]]];
    const list = { list: join(root, 'list.txt') };
    for (const [path, own] of [
      ['gt.json', {}],
      ['Annotations', { classes: 'cat,dog' }],
      ['labels', { classes: 'cat,dog' }],
      ['data.yaml', { images: join(root, 'images') }],
    ] as const) {
      expect(await open(path, own), path).toEqual([['cat', 'dog'], both]);
      expect(await open(path, { ...own, ...list }), path).toEqual([['cat', 'dog'], both.slice(1)]);
    }
    for (const path of ['gt.json', 'Annotations', 'data.yaml']) {
      expect(await open(path, { classes: 'dog' }), path).toEqual([['dog'], [[], ...both.slice(1)]]);
    }
    expect(await open('ImageSets/Main/val.txt', { classes: 'cat,dog' })).toEqual([['cat', 'dog'], both.slice(1)]);
    expect(await mistakeOf(() => open('labels'))).toContain('--classes: expected the names of the classes');
    expect(await mistakeOf(() => open('gt.json', { firstPixel: 0 }))).toContain(
      "--first-pixel: expected Pascal VOC's XML",
    );
  });
});

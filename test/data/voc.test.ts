import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { collectNotes } from '../../core/notes.js';
import { voc } from '../../data/classes/voc.js';
import { readVoc, readVocAnnotations, readVocDevkit, vocDevkitRoot } from '../../data/voc.js';
import { parseVocXml } from '../../data/voc_xml.js';
import { dataFixture, drawnPicture, mistakeOf, temporaryFolder } from './temporary.js';

const devkit = dataFixture('voc');

describe('the development kit', () => {
  // Of the same files, mmdet 3.3's VOCDataset gives [0, 0, 7, 7], [2, 0, 19, 15] and [9, 3, 23, 11] (ignored) as corners.
  it('gives the boxes that mmdet gives, of the pictures that a set lists', async () => {
    const { name, classes, categoryIds, samples } = await readVocDevkit(devkit, 'val');
    expect(name).toBe(join(devkit, 'ImageSets/Main/val.txt'));
    expect(classes).toEqual(voc.classes);
    expect(categoryIds).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    expect(samples.map((sample) => ({ ...sample }))).toEqual([
      {
        id: '000003',
        size: undefined,
        file: join(devkit, 'JPEGImages/000003.jpg'),
        objects: [{ id: 1, categoryId: 8, box: [0, 0, 7, 7], area: 49, crowd: false, difficult: false }],
      },
      {
        id: '000001',
        size: { width: 24, height: 16 },
        file: join(devkit, 'JPEGImages/000001.jpg'),
        objects: [
          { id: 2, categoryId: 15, box: [2, 0, 17, 15], area: 255, crowd: false, difficult: false },
          { id: 3, categoryId: 12, box: [9, 3, 14, 8], area: 112, crowd: false, difficult: true },
        ],
      },
    ]);
  });

  it('has lists by class, and is known by its folders', async () => {
    const { samples } = await readVocDevkit(devkit, 'dog_val');
    expect(samples.map(({ id, objects }) => [id, objects.length])).toEqual([
      ['000001', 2],
      ['000002', 0],
    ]);
    expect(await vocDevkitRoot(join(devkit, 'Annotations'))).toBe(devkit);
    expect(await vocDevkitRoot(join(devkit, 'JPEGImages'))).toBeUndefined();
  });
});

const boxed = (name: string, corners: readonly (number | string)[]) => {
  const [a, b, c, d] = corners;
  return `<object><name>${name}</name><bndbox><xmin>${a}</xmin><ymin>${b}</ymin><xmax>${c}</xmax><ymax>${d}</ymax></bndbox></object>`;
};
const annotation = (content: string) => `<annotation>${content}</annotation>`;

describe('a folder of XML files', () => {
  it('has the classes that occur, sorted, or those given', async () => {
    const root = temporaryFolder({
      'x/a.xml': annotation(boxed('white &amp; red', [1, 1, 4, 4])),
      'x/s/b.xml': annotation(boxed('RBC', [1, 1, 4, 4])),
    });
    const folder = join(root, 'x');
    const found = await readVocAnnotations(folder);
    expect(found.classes).toEqual(['RBC', 'white & red']);
    expect(found.samples.map(({ id, objects }) => [id, objects[0]?.categoryId])).toEqual([
      ['a', 2],
      ['s/b', 1],
    ]);
    const given = await readVocAnnotations(folder, { classes: ['white & red', 'other', 'RBC'], firstPixel: 0 });
    expect(given.samples.map(({ objects }) => objects[0])).toMatchObject([
      { categoryId: 1, box: [1, 1, 3, 3] },
      { categoryId: 3, box: [1, 1, 3, 3] },
    ]);
    const notes = collectNotes();
    const some = await readVocAnnotations(folder, { classes: ['white & red'], notes });
    expect(some.samples.map(({ objects }) => objects.length)).toEqual([1, 0]);
    expect(notes.list()).toMatchObject([{ kind: 'foreign-class', count: 1, examples: ["s/b.xml: object[0] 'RBC'"] }]);
    expect(await mistakeOf(() => readVocAnnotations(folder, { classes: ['rbc'] }), `${root}/`)).toBe(
      "x: expected objects of the classes rbc but received 'RBC, white & red'",
    );
  });

  it('tells mistakes in the order of the files, however long each takes to read', async () => {
    const object = (name: string) => `<object><name>${name}</name><bndbox><xmin>x</xmin></bndbox></object>`;
    // The first is by far the largest.
    const root = temporaryFolder({
      'x/a.xml': annotation(`${object('one')}<!-- ${'-+'.repeat(2_000_000)} -->`),
      'x/b.xml': 'none',
      'x/c.xml': annotation(object('three')),
      'x/d.xml': '',
    });
    const said = await mistakeOf(() => readVocAnnotations(join(root, 'x')), `${root}/`);
    const files = [...said.slice(said.indexOf('mistakes in all')).matchAll(/\b([a-d])\.xml/g)].map(([, name]) => name);
    expect([...new Set(files)]).toEqual(['a', 'b', 'c', 'd']);
  });

  it('needs a picture for each', async () => {
    const root = temporaryFolder({
      'x/a.xml': annotation(''),
      'x/b.xml': annotation(''),
      'i/a.png': await drawnPicture(4, 4, 'png'),
      'i/more.jpg': '',
    });
    const folders = { annotations: join(root, 'x'), images: join(root, 'i') };
    expect(await mistakeOf(() => readVoc(folders), `${root}/`)).toBe(
      'i: expected a picture for every annotation in x. 1 of 2 have none: b.',
    );
    const { samples } = await readVoc(folders, { ids: ['a'] });
    expect(samples).toMatchObject([{ id: 'a', file: join(root, 'i/a.png'), objects: [] }]);
  });

  it('that is none, or a set that lists nothing or what is not there', async () => {
    const root = temporaryFolder({
      'Annotations/a.xml': annotation(''),
      'ImageSets/Main/val.txt': 'a\nb\n',
      'ImageSets/Main/none.txt': '\n',
      'ImageSets/Main/twice.txt': 'a\na\n',
      'JPEGImages/a.jpg': '',
    });
    const said = (set: string) => mistakeOf(() => readVocDevkit(root, set), `${root}/`);
    expect(await said('val')).toBe(
      "Annotations/b.xml: expected a picture's annotation in Pascal VOC's XML. There is no such file.",
    );
    expect(await said('test')).toBe('ImageSets/Main/test.txt: expected a list of picture ids. There is no such file.');
    expect(await said('none')).toBe(
      "ImageSets/Main/none.txt: expected a list of picture ids but received 'an empty file'",
    );
    expect(await said('twice')).toBe("ImageSets/Main/twice.txt: expected each picture once but received 'a'");
    expect(await mistakeOf(() => readVocAnnotations(join(root, 'JPEGImages')), root)).toContain(
      'Nothing in it is named *.xml.',
    );
  });
});

describe('what is wrong with an annotation is named', () => {
  it.each([
    ['', "a.xml: expected Pascal VOC's XML: <annotation> with <object>s. It is"],
    [
      '<annotation><object>',
      "a.xml: expected Pascal VOC's XML: <annotation> with <object>s. It is no well-formed XML, or cut off: ",
    ],
    ['{"images": []}', 'It is no well-formed XML, or cut off'],
    ['<html></html>', "a.xml: expected Pascal VOC's XML: <annotation> with <object>s but received '<html>'"],
    [annotation('<object></object>'), 'a.xml: object[0].name: expected <name>. The element is missing.'],
    [
      annotation('<object><name>a</name></object>'),
      'a.xml: object[0].bndbox: expected <xmin>, <ymin>, <xmax>, <ymax>. The element is missing.',
    ],
    [annotation(boxed('a', [1, 2, 3, 'x'])), "a.xml: object[0].bndbox.ymax: expected a finite number but received 'x'"],
    [annotation(boxed('a', [1, 2, 3, ''])), "a.xml: object[0].bndbox.ymax: expected a finite number but received ''"],
    [
      annotation(boxed('a', ['nan', 2, 3, 4])),
      "a.xml: object[0].bndbox.xmin: expected a finite number but received 'nan'",
    ],
    [
      annotation('<size><width>-1</width><height>3</height></size>'),
      'a.xml: size.width: expected a whole number from 1 but received -1',
    ],
  ])('%s', async (text, message) => {
    expect(await mistakeOf(() => parseVocXml(text, 'a.xml'))).toContain(message);
  });
});

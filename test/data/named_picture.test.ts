import { symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { readCoco } from '../../data/coco.js';
import { namedPictures } from '../../data/named_picture.js';
import { readVocDevkit } from '../../data/voc.js';
import { mistakeOf, temporaryFolder } from './temporary.js';

it('a name is a path from the folder of pictures on, and stays in it', async () => {
  const root = temporaryFolder({ 'real/a.jpg': '' });
  symlinkSync(join(root, 'real'), join(root, 'link'));
  const find = namedPictures(join(root, 'link'));
  const inside = [
    'a.jpg',
    './a.jpg',
    'b/../a.jpg',
    'b/c d/é\n.jpg',
    '..a.jpg',
    '-a.jpg',
    `${root}/link/a.jpg`,
    `${root}/real/a.jpg`,
  ];
  expect(inside.map((name) => find(name, 'gt').slice(root.length))).toEqual([
    '/link/a.jpg',
    '/link/a.jpg',
    '/link/a.jpg',
    '/link/b/c d/é\n.jpg',
    '/link/..a.jpg',
    '/link/-a.jpg',
    '/link/a.jpg',
    '/real/a.jpg',
  ]);
  for (const name of ['../x.jpg', 'b/../../x.jpg', '/dev/zero', `${root}/link2/a.jpg`, `${root}/real2`, '..']) {
    const said = await mistakeOf(() => find(name, 'gt.json: images[3].file_name'), root);
    expect(said, name).toMatch(/^gt\.json: images\[3\]\.file_name: .* in \/link but received '.*--allow-outside\.$/);
  }
  const anywhere = namedPictures(join(root, 'link'), { allowOutside: true });
  expect([anywhere('../x.jpg', ''), anywhere('/p/y.jpg', '')]).toEqual([join(root, 'x.jpg'), resolve('/p/y.jpg')]);
  for (const name of ['', '.', 'a/..']) {
    expect(await mistakeOf(() => anywhere(name, 'gt'))).toContain('It names no file.');
  }
});

it('annotations that name what lies outside are a mistake', async () => {
  const image = (file_name: string) =>
    JSON.stringify({ images: [{ id: 1, file_name }], annotations: [], categories: [] });
  const root = temporaryFolder({ 'gt.json': image('../x.jpg'), 'images/a.jpg': '' });
  const [file, images] = [join(root, 'gt.json'), join(root, 'images')];
  expect(await mistakeOf(() => readCoco(file, images), root)).toContain(
    "/gt.json: images[0].file_name: expected the name of a picture in /images but received '../x.jpg'",
  );
  expect((await readCoco(file, images, { allowOutside: true })).samples[0]?.file).toBe(join(root, 'x.jpg'));

  const devkit = temporaryFolder({ 'Annotations/a.xml': '', 'JPEGImages/a.jpg': '', 'ImageSets/Main/val.txt': '../a' });
  writeFileSync(join(devkit, 'a.xml'), '<annotation/>');
  expect(await mistakeOf(() => readVocDevkit(devkit, 'val'), devkit)).toMatch(
    /^\/ImageSets\/Main\/val\.txt: .*'\.\.\/a'/,
  );
});

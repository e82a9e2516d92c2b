import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { filesIn, lowformer, temporaryFolder } from '../command_line.js';
import { drawPicture, writePicture } from '../tiny_models.js';

const cwd = temporaryFolder();
const coco = (bbox: readonly number[]) => ({
  images: [
    { id: 1, file_name: 'a.png', width: 120, height: 80 },
    { id: 2, file_name: 'b.png', width: 64, height: 90 },
  ],
  categories: [
    { id: 7, name: 'disc' },
    { id: 3, name: 'ring' },
  ],
  annotations: [{ id: 5, image_id: 1, category_id: 3, bbox, area: 50, iscrowd: 1 }],
});

beforeAll(async () => {
  mkdirSync(join(cwd, 'pics'));
  await writePicture(join(cwd, 'pics/a.png'), drawPicture(120, 80));
  await writePicture(join(cwd, 'pics/b.png'), drawPicture(64, 90, 200));
  writeFileSync(join(cwd, 'gt.json'), JSON.stringify(coco([10, 20, 30, 5])));
  writeFileSync(join(cwd, 'outside.json'), JSON.stringify(coco([110, 20, 30, 5])));
});

const convert = (...args: readonly string[]) => lowformer(['convert', ...args], { cwd });
const gt = ['--annotations', 'gt.json'];

describe.concurrent('lowformer convert', () => {
  test('says what of a COCO annotation is not read, and how often', async () => {
    const {
      annotations: [one],
      ...rest
    } = coco([10, 20, 30, 5]);
    const more = {
      segmentation: [[10, 20, 40, 20, 40, 25]],
      keypoints: [1, 2, 2],
      num_keypoints: 1,
      attributes: { occluded: true },
    };
    const empty = { segmentation: [], keypoints: [], num_keypoints: 0, attributes: {} };
    const annotations = [more, empty, more, {}].map((own, i) => ({ ...one, id: i + 1, ...own }));
    writeFileSync(join(cwd, 'outlines.json'), JSON.stringify({ ...rest, annotations }));
    const args = ['--from', 'coco', '--to', 'coco', '--annotations', 'outlines.json', '--out', 'boxes.json'];
    const { code, stderr } = await convert(...args);
    expect(code, stderr).toBe(0);
    expect(stderr.split('\n').slice(0, 3)).toEqual([
      'outlines.json: Outlines of objects (segmentation) are not read: the boxes stand for them (2: annotations[0].segmentation, annotations[2].segmentation)',
      'outlines.json: Keypoints are not read (4: annotations[0].keypoints, annotations[0].num_keypoints, annotations[2].keypoints, …)',
      'outlines.json: Annotations have keys that are not read (2: annotations[0].attributes, annotations[2].attributes)',
    ]);
    expect(await convert('--to', 'coco', ...gt, '--strict', '--out', 'strict.json')).toMatchObject({ code: 0 });
    const strict = await convert(...args.slice(0, -1), 'refused.json', '--strict');
    expect([strict.code, existsSync(join(cwd, 'refused.json'))]).toEqual([2, false]);
  });

  test('writes another format, and says what it does not keep', async () => {
    const { code, stdout, stderr } = await convert('--from', 'coco', '--to', 'voc', ...gt, '--out', 'voc');
    expect([code, stdout]).toEqual([0, '']);
    expect(stderr.split('\n')).toEqual([
      'voc: ids of pictures are not kept: their names tell them apart (2: a.png, b.png)',
      'voc: crowd regions become ordinary objects (1: a.png)',
      'voc: areas of masks are not kept: sizes will go by the box (1: a.png)',
      'voc: ids of objects are not kept: they are counted anew (1: a.png)',
      'voc: ids of categories are not kept: names tell classes apart, or their order from 0 (2)',
      '2 pictures, 1 object, 2 classes are in voc',
      '',
    ]);
    // The format is told by what is there, and the classes by their list.
    const back = await convert(
      '--to',
      'csv',
      '--annotations',
      'voc/Annotations',
      '--images',
      'pics',
      '--out',
      'back.csv',
    );
    expect(back.code, back.stderr).toBe(0);
    expect(readFileSync(join(cwd, 'back.csv'), 'utf8').split('\r\n')).toEqual([
      'filename,width,height,class,xmin,ymin,xmax,ymax,score,category_id,image_id,id,area,iscrowd,difficult',
      'a.png,120,80,ring,10,20,40,25,,2,,,150,0,0',
      'b.png,64,90,,,,,,,,,,,,',
      '',
    ]);
  });

  test('--copy-images makes a folder that is whole in itself', async () => {
    const args = ['--to', 'yolo', ...gt, '--images', 'pics', '--copy-images', '--out', 'yolo', '--quiet'];
    expect(await convert(...args)).toEqual({ code: 0, stdout: '', stderr: '' });
    expect([...filesIn(join(cwd, 'yolo'))].sort()).toEqual([
      ...['data.yaml', 'images/a.png', 'images/b.png', 'labels/a.txt', 'labels/b.txt'],
    ]);
    expect(readFileSync(join(cwd, 'yolo/labels/a.txt'), 'utf8')).toMatch(/^1 0\.20833\d+ 0\.28125 0\.25 0\.0625\n$/);
  });

  test('--classes and --list choose; the order of ids is that of the file', async () => {
    writeFileSync(join(cwd, 'some.txt'), 'a.png\n');
    const args = ['--to', 'coco', ...gt, '--classes', 'ring', '--list', 'some.txt', '--out', 'some.json'];
    const { code, stderr } = await convert(...args);
    expect(code, stderr).toBe(0);
    expect(JSON.parse(readFileSync(join(cwd, 'some.json'), 'utf8'))).toMatchObject({
      images: [{ id: 1, file_name: 'a.png' }],
      categories: [{ id: 3, name: 'ring' }],
      annotations: [{ id: 5, category_id: 3, area: 50, iscrowd: 1 }],
    });
  });

  test.each([
    [['--to', 'yolo', ...gt, '--out', 'n1'], 'Say with --images where the pictures are.'],
    [
      ['--to', 'yolo', '--annotations', 'outside.json', '--images', 'pics', '--out', 'n2'],
      'a.png: expected boxes within the picture (120x80)',
    ],
    [
      ['--to', 'csv', ...gt, '--copy-images', '--out', 'n3'],
      '--copy-images: expected none beside a format of one file',
    ],
    [['--to', 'coco-results', ...gt, '--out', 'n4'], "argument 'coco-results' is invalid"],
    [['--to', 'voc', ...gt, '--out', 'pics'], 'pics: expected a folder that is new or empty'],
    [['--from', 'cvat', '--to', 'voc', ...gt, '--out', 'n5'], "gt.json: expected CVAT's XML for images"],
  ])('refuses %j, and leaves nothing', async (args, message) => {
    const { code, stderr } = await convert(...args);
    expect(code, stderr).toBe(2);
    expect(stderr).toContain(message);
    expect(existsSync(join(cwd, args.at(-1) ?? '')) && args.at(-1) !== 'pics').toBe(false);
  });
});

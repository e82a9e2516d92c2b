import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { readLabelMap } from '../../../data/label_map.js';
import { writeLabelMap } from '../../../drawing/label_map.js';
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
  for (const folder of ['pics', 'maps', 'unnamed']) mkdirSync(join(cwd, folder));
  await writePicture(join(cwd, 'pics/a.png'), drawPicture(120, 80));
  await writePicture(join(cwd, 'pics/b.png'), drawPicture(64, 90, 200));
  for (const folder of ['maps', 'unnamed']) {
    for (const [name, width, height] of [
      ['a.png', 120, 80],
      ['b.png', 64, 90],
    ] as const) {
      const labels = Uint8Array.from({ length: width * height }, (_, i) => (i % width < 10 ? (i < 640 ? 0 : 255) : 1));
      await writeLabelMap(join(cwd, folder, name), {
        width,
        height,
        labels: name === 'a.png' ? labels : labels.fill(1),
      });
    }
  }
  writeFileSync(join(cwd, 'maps/classes.txt'), 'road\ntree\n');
  writeFileSync(join(cwd, 'gt.json'), JSON.stringify(coco([10, 20, 30, 5])));
  writeFileSync(join(cwd, 'outside.json'), JSON.stringify(coco([110, 20, 30, 5])));
});

const convert = (...args: readonly string[]) => lowformer(['convert', ...args], { cwd });
const gt = ['--annotations', 'gt.json'];
const maps = ['--annotations', 'maps', '--images', 'pics'];

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
    expect(stderr.split('\n').slice(0, 2)).toEqual([
      'outlines.json: Keypoints are not read (4: annotations[0].keypoints, annotations[0].num_keypoints, annotations[2].keypoints, …)',
      'outlines.json: Annotations have keys that are not read (2: annotations[0].attributes, annotations[2].attributes)',
    ]);
    expect(await convert('--to', 'coco', ...gt, '--strict', '--out', 'strict.json')).toMatchObject({ code: 0 });
    expect(
      readFileSync(join(cwd, 'boxes.json'), 'utf8').match(/"segmentation":\[\[10,20,40,20,40,25\]\]/g),
    ).toHaveLength(2);
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

  test('label maps go to COCO and come back', async () => {
    const args = ['--annotations', 'maps', '--images', 'pics', '--out', 'maps.json'];
    const there = await convert('--to', 'coco', ...args);
    expect(there.code, there.stderr).toBe(0);
    expect(there.stderr).toBe('2 pictures, 3 objects, 2 classes are in maps.json\n');
    const back = await convert('--from', 'coco', '--to', 'folder', '--annotations', 'maps.json', '--out', 'maps-back');
    expect(back.code, back.stderr).toBe(0);
    expect(back.stderr).toContain('folder: objects of one class are not told apart (3: a.png, b.png, …)\n');
    expect([...filesIn(join(cwd, 'maps-back'))].sort()).toEqual(['a.png', 'b.png', 'classes.txt']);
    for (const name of ['a.png', 'b.png']) {
      expect(await readLabelMap(join(cwd, 'maps-back', name))).toEqual(await readLabelMap(join(cwd, 'maps', name)));
    }
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
      'a.png: expected what is marked within the picture (120x80)',
    ],
    [
      ['--to', 'csv', ...gt, '--copy-images', '--out', 'n3'],
      '--copy-images: expected none beside a format of one file',
    ],
    [['--to', 'coco-results', ...gt, '--out', 'n4'], "argument 'coco-results' is invalid"],
    [['--to', 'voc', ...gt, '--out', 'pics'], 'pics: expected a folder that is new or empty'],
    [['--from', 'cvat', '--to', 'voc', ...gt, '--out', 'n5'], "gt.json: expected CVAT's XML for images"],
    [
      ['--to', 'yolo', ...maps, '--out', 'n6'],
      '--to: expected a format that holds label maps (coco, coco-polygons, coco-panoptic, yolo-seg, labelme, cvat, cvat-masks, labelstudio, labelstudio-masks, geojson, folder, folder-grey, ade20k, cityscapes): maps says a class for each pixel, but received',
    ],
    [['--to', 'coco', ...maps.slice(0, 2), '--out', 'n7'], '--images: expected the folder of the pictures'],
    [
      ['--to', 'coco', ...maps, '--classes', 'road', '--out', 'n8'],
      'a.png: pixel (10, 0): expected a label from 0 to 0, one for each class, or 255, which is ignored, but received 1',
    ],
    [
      ['--to', 'coco', '--annotations', 'unnamed', '--images', 'pics', '--out', 'n9'],
      '--classes: expected the names of the classes, in the order of their labels',
    ],
    [
      ['--from', 'ade20k', '--to', 'coco', ...maps, '--classes', 'a,b', '--out', 'n10'],
      '--classes: expected the 150 classes of ade20k, or no --classes but received 2',
    ],
    [['--to', 'ade20k', ...maps, '--out', 'n11'], '--to: expected the 150 classes of ADE20K in their order'],
    [
      ['--to', 'voc', ...gt, '--ignore-index', '255', '--out', 'n12'],
      '--ignore-index: expected none but with --from folder',
    ],
    [['--to', 'voc', ...gt, '--label-map', '1=2', '--out', 'n13'], '--label-map: expected --format folder'],
    [['--to', 'folder', ...gt, '--out', 'n14'], '--to folder: expected objects with outlines'],
  ])('refuses %j, and leaves nothing', async (args, message) => {
    const { code, stderr } = await convert(...args);
    expect(code, stderr).toBe(2);
    expect(stderr).toContain(message);
    expect(existsSync(join(cwd, args.at(-1) ?? '')) && args.at(-1) !== 'pics').toBe(false);
  });
});

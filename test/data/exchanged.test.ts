import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { collectNotes } from '../../core/notes.js';
import { readCsvBoxes } from '../../data/csv_boxes.js';
import { readCvat } from '../../data/cvat.js';
import type { DetectionAnnotations } from '../../data/dataset.js';
import { readGeojson } from '../../data/geojson.js';
import { readLabelStudio } from '../../data/label_studio.js';
import { readLabelme } from '../../data/labelme.js';
import { temporaryFile, temporaryFolder } from './temporary.js';

const marks = ({ samples, classes, categoryIds }: DetectionAnnotations) =>
  samples.map(({ id, size, objects }) => ({
    id,
    size: size === undefined ? '' : `${size.width}x${size.height}`,
    objects: objects.map(({ box, categoryId }) => [
      classes[categoryIds.indexOf(categoryId)],
      ...box.map((value) => Math.round(value * 1e9) / 1e9),
    ]),
  }));

describe('LabelMe', () => {
  const shape = (label: string, shape_type: string, points: readonly (readonly number[])[]) => ({
    label,
    shape_type,
    points,
  });
  const file = (shapes: readonly unknown[]) =>
    JSON.stringify({
      version: '5.5.0',
      flags: {},
      shapes,
      imagePath: '..\\pics\\one.JPG',
      imageData: null,
      imageHeight: 40,
      imageWidth: 60,
    });

  test('corners in any order; boxes around polygons and circles; points and lines left out, both noted', async () => {
    const shapes = [
      shape('b', 'rectangle', [
        [30, 20],
        [10, 5],
      ]),
      shape('a', 'polygon', [
        [1, 2],
        [5, 2],
        [3, 9],
      ]),
      shape('a', 'circle', [
        [10, 10],
        [13, 14],
      ]),
      shape('a', 'line', [
        [1, 1],
        [2, 2],
      ]),
    ];
    const notes = collectNotes();
    const dataset = await readLabelme(temporaryFolder({ 'x/one.json': file(shapes) }), { notes });
    expect(marks(dataset)).toEqual([
      {
        id: 'x/one',
        size: '60x40',
        objects: [
          ['b', 10, 5, 20, 15],
          ['a', 1, 2, 4, 7],
          ['a', 5, 5, 10, 10],
        ],
      },
    ]);
    expect(dataset.samples[0]?.fileName).toBe('x/one.JPG');
    expect(dataset.classes).toEqual(['a', 'b']);
    expect(notes.list().map(({ kind, count }) => [kind, count])).toEqual([
      ['outline', 2],
      ['no-area', 1],
    ]);
  });

  test('labels.txt gives the order of the classes', async () => {
    const folder = temporaryFolder({
      'one.json': file([
        shape('a', 'rectangle', [
          [0, 0],
          [1, 1],
        ]),
      ]),
      'labels.txt': '__ignore__\n_background_\nb\na\n',
    });
    expect((await readLabelme(folder)).classes).toEqual(['b', 'a']);
  });

  test('what is wrong is told with file and shape', async () => {
    const folder = temporaryFolder({ 'one.json': file([shape('a', 'rectangle', [[0, 0]]), { label: 'a' }]) });
    await expect(readLabelme(folder)).rejects.toThrow(
      `${join(folder, 'one.json')}: shapes[1].points: expected LabelMe's JSON`,
    );
    await expect(readLabelme(temporaryFolder({ 'a.txt': '' }))).rejects.toThrow('Nothing in it is named *.json.');
  });
});

describe('CVAT', () => {
  const file = (body: string, labels = '<label><name>car</name></label><label><name>tree &amp; co</name></label>') =>
    temporaryFile(
      'annotations.xml',
      `<?xml version="1.0"?><annotations><version>1.1</version><meta><task><labels>${labels}</labels></task></meta>${body}</annotations>`,
    );
  const box = 'label="car" occluded="0" source="manual" xtl="1.5" ytl="2" xbr="11" ybr="8" z_order="0"';

  test('boxes, polygons, ellipses, masks and turned boxes, with attributes', async () => {
    const notes = collectNotes();
    const body = `<image id="4" name="day/a.jpg" width="60" height="40">
      <box ${box}><attribute name="difficult">true</attribute></box>
      <box ${box} rotation="90"/>
      <polygon label="tree &amp; co" points="1,2;5,2;3,9"/>
      <mask label="car" rle="1, 2" left="3" top="4" width="5" height="6"/>
      <points label="car" points="1,1"/></image><image id="5" name="b.jpg" width="1" height="1"/>`;
    const dataset = await readCvat(file(body), { notes });
    expect(marks(dataset)).toEqual([
      {
        id: 4,
        size: '60x40',
        objects: [
          ['car', 1.5, 2, 9.5, 6],
          ['car', 3.25, 0.25, 6, 9.5],
          ['tree & co', 1, 2, 4, 7],
          ['car', 3, 4, 5, 6],
        ],
      },
      { id: 5, size: '1x1', objects: [] },
    ]);
    expect(dataset.classes).toEqual(['car', 'tree & co']);
    expect(dataset.samples[0]?.objects.map(({ difficult }) => difficult)).toEqual([true, false, false, false]);
    expect(notes.list().map(({ kind, count }) => [kind, count])).toEqual([
      ['outline', 3],
      ['no-area', 1],
    ]);
  });

  test.each([
    ['<track id="0"/>', 'Export the task as "CVAT for images 1.1"'],
    ['<image id="0" width="1" height="1"/>', 'image[0].name: expected an attribute of that name'],
    [
      `<image id="0" name="a" width="1" height="1"><box ${box.replace('"11"', '"x"')}/></image>`,
      "xbr: expected a finite number but received 'x'",
    ],
    [
      `<image id="0" name="a" width="1" height="1"><box ${box.replace('"11"', '"0"')}/></image>`,
      'width and height 0 or more',
    ],
    [
      '<image id="0" name="a" width="1" height="1"/><image id="1" name="a" width="1" height="1"/><image id="1" name="b" width="1" height="1"/>',
      'each picture once',
    ],
  ])('refuses %s', async (body, message) => {
    await expect(readCvat(file(body))).rejects.toThrow(message);
  });
});

describe('Label Studio', () => {
  const region = (value: object) => ({ type: 'rectanglelabels', original_width: 200, original_height: 50, value });
  const rectangle = region({ x: 10, y: 20, width: 50, height: 10, rotation: 0, rectanglelabels: ['car'] });

  test('percent of the size; turned boxes and polygons by the box around them; predictions are no truth', async () => {
    const tasks = [
      {
        data: { image: '/data/local-files/?d=day%201/a.jpg' },
        annotations: [
          {
            result: [
              rectangle,
              region({ x: 50, y: 0, width: 10, height: 40, rotation: 90, rectanglelabels: ['car'] }),
              region({
                points: [
                  [0, 0],
                  [10, 0],
                  [5, 100],
                ],
                polygonlabels: ['tree'],
              }),
              { type: 'choices', value: { choices: ['good'] } },
            ],
          },
          { was_cancelled: true, result: [] },
        ],
      },
      {
        data: { image: 'http://host/data/upload/1/ab12cd34-b.jpg', width: 20, height: 10 },
        annotations: [],
        predictions: [{ result: [rectangle] }],
      },
    ];
    const notes = collectNotes();
    const dataset = await readLabelStudio(temporaryFile('tasks.json', JSON.stringify(tasks)), { notes });
    expect(dataset.samples.map(({ fileName }) => fileName)).toEqual(['day 1/a.jpg', 'ab12cd34-b.jpg']);
    expect(marks(dataset)).toEqual([
      {
        id: 'day 1/a',
        size: '200x50',
        objects: [
          ['car', 20, 10, 100, 5],
          ['car', 80, 0, 20, 20],
          ['tree', 0, 0, 20, 50],
        ],
      },
      { id: 'ab12cd34-b', size: '20x10', objects: [] },
    ]);
    expect(notes.list().map(({ kind }) => kind)).toEqual(['outline', 'no-area', 'unconfirmed']);
  });

  test('refuses a task that two people have annotated', async () => {
    const tasks = [{ data: { image: 'a.jpg' }, annotations: [{ result: [rectangle] }, { result: [] }] }];
    const file = temporaryFile('tasks.json', JSON.stringify(tasks));
    await expect(readLabelStudio(file)).rejects.toThrow(
      '[0].annotations: expected one annotation a task but received 2',
    );
  });
});

describe('CSV', () => {
  const read = (text: string) => readCsvBoxes(temporaryFile('boxes.csv', text));

  test("Roboflow's and TensorFlow's columns, in any order; quotes; pictures without objects", async () => {
    const text =
      '\ufeffclass,filename,xmin,ymin,xmax,ymax,width,height\n"a ""b"", c",x.jpg,1,2,5.5,4,20,10\r\n,y.jpg,,,,,20,10\nz,x.jpg,0,0,1,1,20,10';
    const dataset = await read(text);
    expect(marks(dataset)).toEqual([
      {
        id: 'x',
        size: '20x10',
        objects: [
          ['a "b", c', 1, 2, 4.5, 2],
          ['z', 0, 0, 1, 1],
        ],
      },
      { id: 'y', size: '20x10', objects: [] },
    ]);
    expect(dataset.countedIds).toBe(true);
  });

  const head = 'filename,class,xmin,ymin,xmax,ymax,category_id\n';
  test.each([
    ['a,b\n1,2\n', ':1: expected CSV with a row of names that has filename, class'],
    [`${head}a.jpg,x,1,2,3,4\n`, 'row 2: expected 7 values but received 6'],
    [`${head}a.jpg,x,1,2,3,four,1\n`, "row 2: ymax: expected a finite number but received 'four'"],
    [`${head}a.jpg,x,1,2,3,4,1\na.jpg,x,1,2,3,4,2\n`, 'row 3: category_id: expected 1, as in other rows of x'],
    [`${head}a.jpg,x,5,2,3,4,1\n`, 'width and height 0 or more'],
    [`${head}a.jpg,"x,5,2,3,4,1\n`, 'values between commas'],
  ])('refuses %j', async (text, message) => {
    await expect(read(text)).rejects.toThrow(message);
  });
});

test('GeoJSON: classes of its categories, boxes around polygons, and no longitudes without a picture', async () => {
  const feature = (coordinates: unknown, properties: object) => ({
    type: 'Feature',
    geometry: { type: 'Polygon', coordinates },
    properties,
  });
  const triangle = [
    [
      [0, 0],
      [4, 0],
      [4, 3],
      [0, 0],
    ],
  ];
  const collection = (features: unknown) =>
    JSON.stringify({
      type: 'FeatureCollection',
      categories: [
        { id: 9, name: 'b' },
        { id: 4, name: 'a' },
      ],
      features,
    });
  const notes = collectNotes();
  const good = temporaryFile('a.geojson', collection([feature(triangle, { file: 'x.png', category: 'a' })]));
  const dataset = await readGeojson(good, { notes });
  expect(marks(dataset)).toEqual([{ id: 'x', size: '', objects: [['a', 0, 0, 4, 3]] }]);
  expect([dataset.classes, dataset.categoryIds]).toEqual([
    ['b', 'a'],
    [9, 4],
  ]);
  expect(notes.list().map(({ kind }) => kind)).toEqual(['outline']);
  const map = temporaryFile('map.geojson', collection([feature(triangle, { name: 'Hamburg' })]));
  await expect(readGeojson(map)).rejects.toThrow('features[0].properties.file: expected GeoJSON');
});

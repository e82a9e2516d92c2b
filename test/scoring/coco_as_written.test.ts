import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { collectNotes } from '../../core/notes.js';
import { parseCocoAnnotations } from '../../data/coco.js';
import { parseCocoResults } from '../../data/coco_results.js';
import { scoreCoco } from '../../scoring/coco_score.js';
import { placeResults } from '../../scoring/results_by_picture.js';
import { dataFixture, mistakeOf } from '../data/temporary.js';

const bytes = (value: unknown) => new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));

function score(truth: Uint8Array, detections: Uint8Array) {
  const notes = collectNotes();
  const annotations = parseCocoAnnotations(truth, 'gt.json', { notes });
  const placed = placeResults(annotations, parseCocoResults(detections, 'dt.json', { notes }), notes);
  const { stats } = scoreCoco(annotations, [placed], notes);
  return { AP: stats.AP, notes: notes.list().map(({ kind, where, count }) => [kind, where, count]), all: notes.list() };
}

/** pycocotools 2.0.11 on the same three pictures, whose ids, sizes or numbers are written as tools write them. */
const WHOLE = 0.9171617161716171;

describe('COCO files as tools write them', () => {
  it.each([
    ['ids_64bit', WHOLE, []],
    [
      'str_catid',
      WHOLE,
      [
        ['text-number', 'gt.json', 7],
        ['text-number', 'dt.json', 4],
      ],
    ],
    ['text_bbox', WHOLE, [['text-number', 'gt.json', 4]]],
    ['text_width', WHOLE, [['text-number', 'gt.json', 1]]],
    ['size0', WHOLE, [['missing-size', 'gt.json', 1]]],
    ['orphan_ann', WHOLE, [['orphan-annotation', 'gt.json', 1]]],
    ['unknown_cat_dt', WHOLE, [['unknown-category', 'dt.json', 1]]],
    ['annid0', 0.6922442244224423, [['annotation-id-0', 'gt.json', 1]]],
  ] as const)('%s', (name, AP, noted) => {
    const read = (side: string) => readFileSync(dataFixture(`coco/${name}/${side}.json`));
    const found = score(read('gt'), read('dt'));
    expect(found.AP).toBeCloseTo(AP, 12);
    expect(found.notes).toEqual(noted);
  });

  it('the figure that an id of 0 costs', () => {
    const read = (side: string) => readFileSync(dataFixture(`coco/annid0/${side}.json`));
    const [note] = score(read('gt'), read('dt')).all;
    expect(note?.message).toContain('AP 0.6922 and not 0.9172, AP50 0.7508 and not 1.0000');
  });

  const [images, categories] = [[{ id: 1 }, { id: 2 }], [{ id: 3, name: 'cat' }]];
  const annotation = { id: 1, image_id: 1, category_id: 3, bbox: [0, 0, 10, 10], area: 100 };
  const detection = { image_id: 1, category_id: 3, bbox: [0, 0, 10, 10], score: 0.9 };
  const [truth, detections] = [{ images, categories, annotations: [annotation] }, [detection]];
  const kinds = (one: unknown, other: unknown) => {
    const { AP, notes } = score(bytes(one), bytes(other));
    return [Number(AP.toFixed(12)), ...notes.map(([kind, , count]) => `${kind} ${count}`)];
  };
  const change = (own: object) => ({ ...truth, annotations: [{ ...annotation, ...own }] });

  it.each<[string, unknown, unknown, readonly unknown[]]>([
    ['ids of pictures as texts on one side', truth, [{ ...detection, image_id: '1' }], [1, 'text-id 1']],
    ['within one file', change({ image_id: '1' }), detections, [1, 'text-id 1']],
    ['texts on both sides', { ...change({ image_id: '1' }), images: [{ id: '1' }] }, detections, [1, 'text-id 1']],
    [
      'scores and crowds as texts',
      change({ iscrowd: '0' }),
      [{ ...detection, score: '.9e0'.replace('.', '0.') }],
      [1, 'text-number 1', 'text-number 1'],
    ],
    ['no ids of annotations', change({ id: undefined }), detections, [1, 'missing-annotation-id 1']],
    ['names for ids of annotations', change({ id: '5f1c-a' }), detections, [1, 'text-annotation-id 1']],
    ['half a size', { ...truth, images: [{ id: 1, width: 5, height: null }] }, detections, [1, 'missing-size 1']],
    [
      'annotations of an unlisted category',
      { ...truth, annotations: [annotation, { ...annotation, id: 2, category_id: 4 }] },
      detections,
      [1, 'unlisted-category 1'],
    ],
  ])('%s', (_, one, other, expected) => {
    expect(kinds(one, other)).toEqual(expected);
  });

  it('ids of 64 bits that float64 would take for one another', () => {
    const id = (last: number) => `17000000001234567${last}`;
    const text = JSON.stringify({
      images: [{ id: 'A' }, { id: 'B' }],
      categories,
      annotations: [
        { ...annotation, id: 'C', image_id: 'A' },
        { ...annotation, id: 'D', image_id: 'B' },
      ],
    });
    const filled = text
      .replaceAll('"A"', id(10))
      .replaceAll('"B"', id(11))
      .replace('"C"', id(12))
      .replace('"D"', id(13));
    const { samples } = parseCocoAnnotations(bytes(filled), 'gt.json');
    expect(samples.map((sample) => sample.id)).toEqual([1700000000123456710n, 1700000000123456711n]);
    expect(samples.map(({ objects }) => objects[0]?.id)).toEqual([1700000000123456712n, 1700000000123456713n]);
    const found = JSON.stringify([{ ...detection, image_id: 'B' }]).replace('"B"', id(11));
    // Of two objects one is found, without a mistake before it: precision 1 up to recall 0.5.
    expect(score(bytes(filled), bytes(found)).AP).toBeCloseTo(51 / 101, 12);
    const wrong = JSON.stringify([{ ...detection, image_id: 'B' }]).replace('"B"', id(14));
    expect(() => score(bytes(filled), bytes(wrong))).toThrow(/but received 1700000000123456714$/);
  });

  it('files of which nothing fits are mistakes', async () => {
    expect(await mistakeOf(() => kinds(change({ image_id: 5 }), detections))).toBe(
      'gt.json: annotations[0].image_id: expected the id of a picture in "images" (2) but received 5. None of the annotations fits.',
    );
    expect(await mistakeOf(() => kinds(change({ category_id: 5 }), detections))).toContain(
      '(3) but received 5. None of',
    );
  });
});

describe('all mistakes of a file are told at once', () => {
  const images = Array.from({ length: 50 }, (_, id) => ({ id: id % 2 === 0 ? id : 'x'.repeat(id), width: -1 - id }));
  const annotations = [{ id: 1.5 }, 7, { id: 2, image_id: 0, category_id: 1, bbox: [1, 2, 3, -4], area: 1 }];

  it('the first twenty whole, the others by kind', async () => {
    const file = bytes({ images, annotations, categories: [{ id: 1 }] });
    const said = await mistakeOf(() => parseCocoAnnotations(file, 'gt.json'));
    expect(said).toMatch(
      /^gt\.json: images\[0\]\.width: expected a whole number from 1 but received -1\. 54 mistakes in all:\n {2}gt\.json: images\[0\]/,
    );
    expect(said).toContain('\n  gt.json: images[19].width: expected a whole number from 1 but received -20');
    expect(said).toContain(
      'and 34 more. By kind: images[…].width (50), annotations[…].id (1), annotations[…] (1), annotations[…].bbox[…] (1), categories[…].name (1)',
    );
  });

  it('what is no JSON ends it', async () => {
    const text = JSON.stringify({ images }).slice(0, -30);
    expect(await mistakeOf(() => parseCocoAnnotations(bytes(text), 'gt.json'))).toContain('cut off');
  });

  it('a million mistakes are not read to their end', async () => {
    const many = `{"images": [${Array(5000).fill('3').join(',')}]}`;
    expect(await mistakeOf(() => parseCocoAnnotations(bytes(many), 'gt.json'))).toContain('1000 mistakes in all');
  });
});

describe('other formats are named, with the way out', () => {
  it.each([
    ['<?xml version="1.0"?>\n<annotations><version>1.1</version></annotations>', "CVAT's XML", 'Say --format cvat'],
    ['<annotation><object/></annotation>', "one picture's XML", 'Give the folder'],
    ['ImageID,Source,LabelName,Confidence,XMin\n', "Open Images' CSV", 'Convert it'],
    ['filename,width,height,class,xmin\na.jpg,1,1,a,0\n', 'a CSV file', '--format csv'],
    [
      JSON.stringify({ version: '5', shapes: [], imagePath: 'a.jpg' }),
      "one picture's JSON of LabelMe",
      '--format labelme',
    ],
    [JSON.stringify({ _via_settings: {}, _via_img_metadata: {} }), "VIA's own JSON", 'Export'],
    [
      JSON.stringify({ info: {}, categories: { label: { labels: [] } }, items: [] }),
      "Datumaro's own JSON",
      'datum convert',
    ],
    ['path: .\nval: images\n', 'YAML', 'data.yaml'],
    [
      JSON.stringify({
        images: [],
        categories: [],
        annotations: [{ segments_info: [], image_id: 1, file_name: 'a.png' }],
      }),
      "COCO's panoptic format",
      'instances_',
    ],
    [JSON.stringify([{ image: 'a.jpg', annotations: [] }]), "CreateML's JSON", 'COCO'],
    [JSON.stringify([{ id: 1, annotations: [], data: {} }]), "Label Studio's own JSON", 'COCO'],
  ])('%s', async (text, name, wayOut) => {
    const said = await mistakeOf(() => parseCocoAnnotations(bytes(text), 'gt.json'));
    expect(said).toContain(`but received '${name}`);
    expect(said).toContain(wayOut);
  });

  it("what 'detect --json' writes is no results file", async () => {
    const records = [{ file: 'a.jpg', width: 3, height: 3, detections: [] }];
    const said = await mistakeOf(() => parseCocoResults(bytes(records), 'found.json'));
    expect(said).toContain(
      "received 'what 'detect --json' writes'. It names files, no image_id: 'evaluate --predictions FILE'",
    );
  });
});

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { cocoResult, parseCocoResults, readCocoResults } from '../../data/coco_results.js';
import { parityFile } from '../parity_file.js';
import { mistakeOf, temporaryFile } from './temporary.js';

const parse = (value: unknown) => {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return parseCocoResults(new TextEncoder().encode(text), 'dt.json');
};
const entry = { image_id: 42, category_id: 18, bbox: [258.15, 41.29, 348.26, 243.78], score: 0.236 };

describe('a results file', () => {
  it('is read in columns, in its order', async () => {
    const { score, ...rest } = entry;
    const other = { score: 1, id: 5, segmentation: { counts: 'x]}' }, ...rest, image_id: 397133, bbox: [-1, 2, 0, 0] };
    const results = await readCocoResults(temporaryFile('dt.json', JSON.stringify([entry, other])));
    expect(results.length).toBe(2);
    expect([...results.imageIds]).toEqual([42, 397133]);
    expect([...results.categoryIds]).toEqual([18, 18]);
    expect([...results.boxes]).toEqual([258.15, 41.29, 348.26, 243.78, -1, 2, 0, 0]);
    expect([...results.scores]).toEqual([score, 1]);
    expect(cocoResult(results, 0)).toEqual(entry);
  });

  it('may be empty, and name pictures by text', () => {
    expect(parse([])).toMatchObject({ length: 0 });
    expect(parse([entry, { ...entry, image_id: 'a' }, entry]).imageIds).toEqual([42, 'a', 42]);
  });

  it('holds more entries than its length lets expect', () => {
    const short = '{"bbox":[1,2,3,4],"score":1,"image_id":1,"category_id":2}';
    expect(parse(`[${Array(3000).fill(short).join(',')}]`)).toMatchObject({ length: 3000 });
  });

  const files = ['small', 'ties', 'no_detections'].flatMap((name) => parityFile(`coco/${name}/dt.json`) ?? []);
  it('is what JSON.parse reads', () => {
    for (const file of files) {
      const results = parseCocoResults(readFileSync(file), file);
      const all = Array.from({ length: results.length }, (_, i) => cocoResult(results, i));
      expect(all).toEqual(JSON.parse(readFileSync(file, 'utf8')));
    }
  });
});

describe('what is wrong with a results file is named', () => {
  const cases: readonly (readonly [string, unknown, string])[] = [
    [
      'annotations',
      { images: [] },
      'dt.json: expected a list of detections: [{"image_id", "category_id", "bbox": [x, y, width, height], "score"}, …] but received \'an object\'. This looks like annotations, no detections.',
    ],
    [
      'NaN',
      `[${JSON.stringify(entry)}, ${JSON.stringify(entry).replace('0.236', 'NaN')}]`,
      "dt.json: [1].score: expected a finite number but received 'NaN'",
    ],
    ['text', [{ ...entry, score: 'high' }], "dt.json: [0].score: expected a finite number but received 'high'"],
    ['no score', [{ ...entry, score: undefined }], 'dt.json: [0].score: expected a finite number. The key is missing.'],
    [
      'no box',
      [entry, { ...entry, bbox: undefined }],
      'dt.json: [1].bbox: expected [x, y, width, height]. The key is missing.',
    ],
    [
      'negative height',
      [{ ...entry, bbox: [1, 2, 3, -0.5] }],
      'dt.json: [0].bbox[3]: expected a finite height of 0 or more but received -0.5',
    ],
    ['infinite', '[{"bbox": [1e999, 2, 3, 4]}]', "dt.json: [0].bbox[0]: expected a finite x but received 'Infinity'"],
    [
      'fractional category',
      [{ ...entry, category_id: 1.5 }],
      'dt.json: [0].category_id: expected a whole number but received 1.5',
    ],
    [
      'large category',
      [{ ...entry, category_id: 2 ** 40 }],
      'dt.json: [0].category_id: expected a whole number of 32 bits but received 1099511627776',
    ],
    ['no entry', [null], 'dt.json: [0]: expected an object but received null'],
    ['cut off', JSON.stringify([entry, entry]).slice(0, -20), 'dt.json: expected'],
    ['text behind it', '[] []', 'expected the end of the file at byte 3'],
  ];
  it.each(cases)('%s', async (_, value, message) => {
    expect(await mistakeOf(() => parse(value))).toContain(message);
  });
});

import { describe, expect, it } from 'vitest';
import { JsonReader } from '../../data/json_reader.js';
import { numberRecord } from '../../data/json_record.js';

const kinds = { id: 'number', box: 2, flag: 'optional', name: 'text', outline: 'passed' } as const;
/** The values of `text` if it is read at once, as it stands in a list; undefined where it is left to others. */
function read(text: string): readonly number[] | undefined {
  const record = numberRecord(kinds, ([id = 0]) => id >= 0);
  const json = new JsonReader(new TextEncoder().encode(`[${text}, 7]`), 'a.json');
  let values: readonly number[] | undefined;
  json.array((index) => {
    if (index === 0 && json.record(record)) values = [...record.values.subarray(0, 4)];
    else json.skip();
  });
  json.end();
  return values;
}

describe('an object of known keys is read at once', () => {
  it.each([
    ['{"id": 1, "box": [2, -3.5e1], "flag": 1}', [1, 2, -35, 1]],
    ['{"flag":0,"box":[2,3],"id":1}', [1, 2, 3, 0]],
    [' {\n"box" : [ 2 , 3 ] , "id" : 1 }', [1, 2, 3, 0]],
    ['{"id": 1, "outline": [[1, {"a]": "}\\""}]], "box": [2, 3], "name": "x y"}', [1, 2, 3, 0]],
    ['{"id": 1, "outline": "a\\"b", "box": [2, 3]}', [1, 2, 3, 0]],
  ])('%s', (text, values) => {
    expect(read(text)).toEqual(values);
  });

  it('with the characters of its texts', () => {
    const json = new JsonReader(
      new TextEncoder().encode('{"id": 1, "name": "traffic light", "box": [2, 3]}'),
      'a.json',
    );
    const record = numberRecord(kinds, () => true);
    expect(json.record(record)).toBe(true);
    expect(json.characters(record.values[4] ?? 0, record.values[5] ?? 0)).toBe('traffic light');
  });
});

describe('what differs is left to who can judge it, from its beginning', () => {
  it.each([
    ['a key that is not known', '{"id": 1, "box": [2, 3], "other": 1}'],
    ['a key twice', '{"id": 1, "box": [2, 3], "id": 1}'],
    ['a key that is missing', '{"id": 1}'],
    ['a list of another length', '{"id": 1, "box": [2, 3, 4]}'],
    ['a short list', '{"id": 1, "box": [2]}'],
    ['a number as text', '{"id": "1", "box": [2, 3]}'],
    ['null', '{"id": null, "box": [2, 3]}'],
    ['a text with an escape', '{"id": 1, "box": [2, 3], "name": "\\u0041"}'],
    ['a text beyond ASCII', '{"id": 1, "box": [2, 3], "name": "é"}'],
    ['a value that is not plain', '{"id": -1, "box": [2, 3]}'],
    ['no object', '[1]'],
    ['an empty object', '{}'],
  ])('%s', (_, text) => {
    expect(read(text)).toBeUndefined();
  });

  it.each(['{"id": 01, "box": [2, 3]}', '{"id": 1., "box": [2, 3]}', '{"id": NaN, "box": [2, 3]}'])('%s', (text) => {
    const json = new JsonReader(new TextEncoder().encode(text), 'a.json');
    expect(json.record(numberRecord(kinds, () => true))).toBe(false);
    expect(json.kind()).toBe('object');
  });
});

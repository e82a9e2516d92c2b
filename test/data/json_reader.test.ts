import { describe, expect, it } from 'vitest';
import { JsonReader } from '../../data/json_reader.js';
import { mistakeOf } from './temporary.js';

const reader = (text: string) => new JsonReader(new TextEncoder().encode(text), 'a.json');

function readAll(json: JsonReader): unknown {
  const kind = json.kind();
  if (kind === 'object') {
    const entries: [string, unknown][] = [];
    json.object((key) => entries.push([key, readAll(json)]));
    return Object.fromEntries(entries);
  }
  if (kind === 'array') {
    const list: unknown[] = [];
    json.array(() => list.push(readAll(json)));
    return list;
  }
  if (kind === 'string') return json.string();
  return kind === 'number' ? json.number() : json.value();
}

describe('reads what JSON.parse reads', () => {
  it.each([
    '{"a": [1, -2.5e3, true, false, null, "x"], "b": {}, "c": [], "d": {"e": [[]]}}',
    ' [ "\\u00e9\\n\\"\\\\", "é", "日本", "" , "a\\/b" ] ',
    '{"\\u0061b": 1, "é": 2, "": 3}',
    '[0, -0, 0.1, 1e22, 1e23, 123456789012345680, 9007199254740993, 5e-324, 1.7976931348623157e308, 1E+2, 4.35, 0.000001]',
    '"one"',
  ])('%s', (text) => {
    const json = reader(text);
    expect(readAll(json)).toEqual(JSON.parse(text));
    json.end();
    const skipped = reader(text);
    skipped.skip();
    skipped.end();
  });

  it('numbers of every length and scale, to the bit', () => {
    let state = 12345;
    const random = () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state / 2 ** 32;
    };
    for (let i = 0; i < 20000; i++) {
      const value = (random() - 0.5) * 10 ** Math.floor(random() * 44 - 22);
      const texts = [String(value), value.toExponential(), value.toPrecision(1 + Math.floor(random() * 20))];
      for (const text of texts) expect(Object.is(reader(text).number(), JSON.parse(text)), text).toBe(true);
    }
  });

  it('a byte order mark before it', () => {
    expect(reader('\ufeff{"a": 1}').kind()).toBe('object');
  });
});

it('reads what Python writes for what is no number', () => {
  const json = reader('[NaN, Infinity, -Infinity]');
  expect(readAll(json)).toEqual([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]);
});

describe('says where the text is wrong', () => {
  it.each([
    ['', 'a.json: expected a JSON file. It is empty (0 bytes).'],
    ['{"a": [1, 2', 'The file ends after 11 bytes in the middle of its JSON: it is cut off.'],
    ['{"a": "bc', 'a.json: expected the end of a string. The file ends after 9 bytes'],
    ['{"a', 'a.json: expected the end of a string. The file ends after 3 bytes'],
    ['[1 2]', "a.json: expected ',' or ']' at byte 3 but received '2]'. The file is no valid JSON."],
    ['{"a" 1}', "a.json: expected ':' at byte 5 but received '1}'"],
    ['{a: 1}', "a.json: expected a key in double quotes at byte 1 but received 'a: 1}'"],
    ['[1,]', "a.json: expected a value at byte 3 but received ']'"],
    ['{"a": 1,}', "a.json: expected a key in double quotes at byte 8 but received '}'"],
    ['[01]', 'expected a number without leading zeros'],
    ['[1.]', 'expected a digit behind the point'],
    ['[1e]', 'expected a digit in the exponent'],
    ['["\\x"]', 'expected a string with valid escapes at byte 1'],
    ['[1] x', "a.json: expected the end of the file at byte 4 but received 'x'"],
    ['<html>', "a.json: expected a value at byte 0 but received '<html>'"],
  ])('%j', async (text, message) => {
    const read = () => {
      const json = reader(text);
      readAll(json);
      json.end();
    };
    expect(await mistakeOf(read)).toContain(message);
  });

  it.each(['{"a": [[1, 2], "x', '[{"a": 1}, {'])('a cut inside of what is passed over: %j', async (text) => {
    expect(await mistakeOf(() => reader(text).skip())).toContain('it is cut off');
  });
});

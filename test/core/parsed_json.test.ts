import { expect, test } from 'vitest';
import { parsedJson } from '../../core/parsed_json.js';

test('values, and undefined for what is none', () => {
  expect(['{"a": [1]}', 'null', '', '{', 'NaN'].map(parsedJson)).toEqual([
    { a: [1] },
    null,
    undefined,
    undefined,
    undefined,
  ]);
});

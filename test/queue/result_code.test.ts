import { describe, expect, test } from 'vitest';
import { categoryId, classIndex } from '../../core/brands.js';
import { LowformerError } from '../../core/errors.js';
import type { Result } from '../../core/results.js';
import { decodeFailure, decodeResult, encodeFailure, encodeResult, outcomeSchema } from '../../queue/result_code.js';
import { seededRandom } from '../random.js';

const labels = Array.from({ length: 300 }, (_, i) => ({
  classIndex: classIndex(i),
  categoryId: categoryId(3 * i + 1),
  category: `class ${i}`,
}));
const label = (i: number) => labels[i] ?? expect.fail(`no class ${i}`);
const pixels = (index: number, count: number) => ({
  classIndex: classIndex(index),
  category: label(index).category,
  pixels: count,
});

/** To JSON and back, as Redis keeps it. */
function travelled(result: Result): Result {
  const encoded = outcomeSchema.parse(JSON.parse(JSON.stringify(encodeResult(result, []))));
  if (!('result' in encoded)) return expect.fail('no result');
  return decodeResult(encoded.result, labels);
}

describe('a result comes back to the bit', () => {
  test('boxes and scores', () => {
    const next = seededRandom(3);
    const detections = Array.from({ length: 50 }, (_, i) => ({
      box: [next() * 1e-9, Math.fround(next() * 900), next() * 1e4, next()] as const,
      score: Math.fround(next()),
      ...label(i),
    }));
    const result: Result = { kind: 'detection', width: 1333, height: 800, detections };
    expect(travelled(result)).toEqual(result);
  });

  test.each([
    ['8', Uint8Array.from([0, 1, 2, 2, 255, 1])],
    ['16', Uint16Array.from([0, 1, 299, 256, 65535, 1])],
  ])('label maps of %s bits', (_, map) => {
    const result: Result = {
      kind: 'segmentation',
      width: 3,
      height: 2,
      labels: map,
      classes: [pixels(1, 2), pixels(0, 1)],
    };
    expect(travelled(result)).toEqual(result);
  });

  test('rankings', () => {
    const ranking = [7, 2, 5].map((i) => ({ classIndex: classIndex(i), category: label(i).category, score: 1 / i }));
    const result: Result = { kind: 'classification', width: 5, height: 4, ranking };
    expect(travelled(result)).toEqual(result);
  });
});

test('a class that the network has not, and labels of another size, are refused', () => {
  const result: Result = { kind: 'segmentation', width: 2, height: 1, labels: new Uint8Array(3), classes: [] };
  expect(() => travelled(result)).toThrow('result of a worker: expected 2 bytes of labels but received 3');
  expect(() => decodeResult({ kind: 'classification', width: 1, height: 1, ranking: [[300, 1]] }, labels)).toThrow(
    'expected a class from 0 to 299 but received 300',
  );
});

test('an error is said of the picture as the user calls it', () => {
  const error = new LowformerError({
    code: 'out-of-memory',
    where: '/mnt/a.png',
    expected: 'a picture',
    hint: 'It is large.',
  });
  const encoded = outcomeSchema.parse(JSON.parse(JSON.stringify(encodeFailure(error, '/mnt/a.png'))));
  if (!('failure' in encoded)) return expect.fail('no failure');
  const told = decodeFailure(encoded.failure, 'a.png');
  expect([told.code, told.message]).toEqual(['out-of-memory', 'a.png: expected a picture. It is large.']);
});

/**
 * Read before each file of tests: `toEqual` looks at a typed array number by number, 10 microseconds each. Those that have the same
 * bytes are equal at once; all others it looks at as ever.
 */
import { isDeepStrictEqual, types } from 'node:util';
import { expect } from 'vitest';

expect.addEqualityTesters([
  (a, b) => (types.isTypedArray(a) && types.isTypedArray(b) && isDeepStrictEqual(a, b) ? true : undefined),
]);

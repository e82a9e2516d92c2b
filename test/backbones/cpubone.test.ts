import { expect, test } from 'vitest';
import { evaluateShapes } from '../../graph/shapes.js';
import { classifier } from './cpubone_parity.js';
import { VARIANTS } from './variants.js';

VARIANTS.cpubone.small();

test('a size that is no multiple of 32 is refused, with the next one that is', () => {
  expect(() => evaluateShapes(classifier('nano'), { input: [1, 3, 75, 96] })).toThrow(
    "input 'input': expected a height and width that are multiples of 32 but received '75x96'. " +
      'The next larger size is 96x96.',
  );
});

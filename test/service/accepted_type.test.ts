import { expect, test } from 'vitest';
import { acceptedType } from '../../service/accepted_type.js';

const OFFERED = ['application/json', 'image/png', 'image/webp'] as const;

test.each([
  [undefined, 'application/json'],
  ['', 'application/json'],
  ['*/*', 'application/json'],
  ['image/png', 'image/png'],
  ['IMAGE/PNG', 'image/png'],
  ['image/*', 'image/png'],
  ['image/webp, image/png;q=0.9', 'image/webp'],
  ['image/png, application/json', 'application/json'],
  ['application/json;q=0.5, image/png; q=0.8', 'image/png'],
  ['*/*;q=0.1, image/*;q=0.2, image/png;q=0', 'image/webp'],
  ['text/html,application/xhtml+xml,image/avif,image/webp,*/*;q=0.8', 'image/webp'],
  ['text/html', undefined],
  ['application/json;q=0', undefined],
  ['image/png;q=much', undefined],
  [', ;', undefined],
])('%j', (accept, type) => {
  expect(acceptedType(accept, OFFERED)).toBe(type);
});

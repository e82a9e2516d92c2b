/** Hovering a shipped config shows the name of its type: its declaration is one. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { SHIPPED_CONFIGS } from '../../configs/index.js';
import { ROOT } from '../workspace.js';

const declarations = readFileSync(`${ROOT}dist/configs/index.d.ts`, 'utf8');

test.each(Object.entries(SHIPPED_CONFIGS))('%s', (name, { model }) => {
  const types = {
    RetinaNet: 'DetectionConfig',
    EncoderDecoder: 'SegmentationConfig',
    ImageClassifier: 'ClassificationConfig',
  };
  const expected = new Map(Object.entries(types)).get(model.type) ?? 'DetectionConfig';
  expect(declarations).toMatch(new RegExp(`readonly ['"]?${name}['"]?: ${expected};\n`));
});

test('nothing is spelt out', () => {
  expect(declarations.length).toBeLessThan(160 * Object.keys(SHIPPED_CONFIGS).length);
});

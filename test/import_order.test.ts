import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { importsOf, ROWS, violations } from './import_order.js';

const root = new URL('../', import.meta.url);
const files = ROWS.flat().flatMap((folder) =>
  readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${folder}/${name}`),
);

test('every folder imports from lower rows alone, and Node’s modules only where they belong', () => {
  expect(files.length).toBeGreaterThan(50);
  const imports = files.flatMap((file) => importsOf(file, readFileSync(new URL(file, root), 'utf8')));
  expect(imports.length).toBeGreaterThan(100);
  expect(violations(imports)).toEqual([]);
});

test('packages with a native library are loaded when they are needed, each in one place', () => {
  const native =
    /^import (?!type\b).*from '(?:sharp|canvas|onnxruntime-node)';|(?<!typeof )\bimport\('(?:sharp|canvas|onnxruntime-node)'\)/gm;
  const found = files.flatMap((file) =>
    [...readFileSync(new URL(file, root), 'utf8').matchAll(native)].map(([text]) => `${file}: ${text}`),
  );
  expect(found.sort()).toEqual([
    "drawing/font.ts: import('canvas')",
    "engines/onnxruntime/package.ts: import('onnxruntime-node')",
    "images/load_sharp.ts: import('sharp')",
  ]);
});

describe('a planted violation is found', () => {
  test.each([
    ['graph/builder.ts', "import { fpn } from '../necks/fpn.js';", 'graph/ must not import from necks/'],
    ['necks/fpn.ts', "import { retinaHead } from '../heads/retina_head.js';", 'necks/ must not import from heads/'],
    ['core/tensor.ts', "import { readFileSync } from 'node:fs';", 'core/ must not use node:fs'],
    ['tasks/a.ts', "const x = await import('../tools/lowformer.js');", 'tasks/ must not import from tools/'],
    ['registry/a.ts', "export { type Model } from '../tasks/model.js';", 'registry/ must not import from tasks/'],
    ['heads/a.ts', "import {\n  type A,\n  b,\n} from '../configs/index.js';", 'heads/ must not import from configs/'],
    ['graph/passes/a.ts', "import '../../engines/engine.js';", 'graph/ must not import from engines/'],
  ])('%s: %s', (file, source, message) => {
    const [found, ...more] = violations(importsOf(file, source));
    expect(found).toContain(message);
    expect(more).toEqual([]);
  });
  test.each([
    ['necks/fpn.ts', "import { stride } from '../core/brands.js';"],
    ['tools/a.ts', "import fs from 'node:fs';"],
    ['heads/a.ts', "// import { fpn } from '../necks/fpn.js';\nimport { z } from 'zod';"],
  ])('and what is allowed is left alone: %s: %s', (file, source) => {
    expect(violations(importsOf(file, source))).toEqual([]);
  });
});

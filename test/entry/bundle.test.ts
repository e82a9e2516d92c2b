/** What a bundler makes of the sub-paths for a page: nothing of Node's is left, and what is not used falls away. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'vite';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { nodeUses, readFrom } from '../node_free.js';
import { ROOT } from '../workspace.js';
import { createConsumer } from './consumer.js';

vi.setConfig({ testTimeout: 180_000 });
const consumer = await createConsumer();
afterAll(() => consumer[Symbol.dispose]());

/** One minified file for a browser. Its code, and what the bundler had to leave out or warned of. */
async function bundle(name: string, code: string) {
  const entry = join(consumer.folder, `${name}.js`);
  writeFileSync(entry, code);
  const warnings: string[] = [];
  const result = await build({
    root: consumer.folder,
    configFile: false,
    logLevel: 'silent',
    build: {
      write: false,
      lib: { entry, formats: ['es'] },
      rolldownOptions: { onwarn: ({ message }) => void warnings.push(message) },
    },
  });
  const outputs = Array.isArray(result) ? result : [result];
  const chunks = outputs.flatMap((one) => ('output' in one ? one.output : []));
  const source = chunks.map((chunk) => (chunk.type === 'chunk' ? chunk.code : '')).join('\n');
  return { source, warnings, chunks: chunks.length };
}

/** Modules of Node's, or what Vite puts in their place. */
const NODE = /\bfrom\s*["'](?:node:|fs|path|os|url|worker_threads)|browser-external|\brequire\(["']/;

describe.each(['core', 'evaluation', 'geometry', 'tracking'])('lowformer/%s', (path) => {
  test('its sources lead to nothing of Node’s', () => {
    expect(nodeUses([`entry/${path}.ts`], readFrom(ROOT))).toEqual([]);
  });

  test('all of it is bundled for a page', async () => {
    const { source, warnings } = await bundle(path, `export * from 'lowformer/${path}';`);
    expect(source).not.toMatch(NODE);
    expect(warnings).toEqual([]);
  });
});

test('the sources of lowformer/web lead to nothing of Node’s', () => {
  expect(nodeUses(['entry/web.ts', 'web/network_worker.ts'], readFrom(ROOT))).toEqual([]);
});

test('building, optimising and writing ONNX costs less than half a megabyte', async () => {
  const used = 'buildModel, deploy, initialWeights, writeOnnx';
  const { source } = await bundle('onnx', `export { ${used} } from 'lowformer/core';`);
  expect(source.length).toBeLessThan(500_000);
  // Nothing of it is for training.
  expect(source).not.toMatch(/convWeightGradient|MaxIoUAssigner/);
});

describe('what is not used falls away', () => {
  test.each([
    ['geometry', 'intersectionOverUnion', 2_000],
    ['evaluation', 'createTopK', 10_000],
    ['images', 'resizeBilinear', 10_000],
    ['images', 'padRightBottom', 10_000],
    ['data', 'voc', 10_000],
  ])('lowformer/%s, %s', async (path, name, most) => {
    const { source } = await bundle(`${path}_${name}`, `export { ${name} } from 'lowformer/${path}';`);
    expect(source).not.toMatch(NODE);
    expect(source.length).toBeLessThan(most);
  });
});

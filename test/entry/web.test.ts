/** `lowformer/web` of the packed package in a project that Vite builds, opened in a real browser. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, preview } from 'vite';
import { afterAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { loadDetector } from '../../models/load_model.js';
import { documents } from '../docs/documents.js';
import { needs } from '../needs.js';
import { run } from '../run_program.js';
import { HAS_CHROMIUM, openPage } from '../tools/web/browser.js';
import { ROOT } from '../workspace.js';
import { createConsumer } from './consumer.js';

const consumer = await createConsumer();
afterAll(() => consumer[Symbol.dispose]());

/** With these, threads share memory. */
const ISOLATION = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

const TYPES = {
  resolveJsonModule: true,
  noEmit: true,
  module: 'ESNext',
  moduleResolution: 'Bundler',
  target: 'ES2022',
};

async function compilePage(file: string): Promise<string> {
  const lib = ['ES2023', 'ESNext.Disposable', 'DOM', 'DOM.Iterable'];
  const compilerOptions = { ...TYPES, strict: true, types: [], lib };
  const path = join(consumer.folder, `tsconfig.${file}.json`);
  writeFileSync(path, JSON.stringify({ compilerOptions, files: [file] }));
  const tsc = `${ROOT}node_modules/typescript/bin/tsc`;
  const { stdout } = await run(process.execPath, [tsc, '-p', path], consumer.folder);
  return stdout;
}

/** The blocks of the documents that are meant for a page. */
const examples = documents.flatMap(({ path, blocks }) =>
  blocks.filter(({ code }) => code.includes("'lowformer/web'")).map((block) => ({ path, ...block })),
);

test('its types are those of a page, without Node’s', { timeout: 180_000 }, async () => {
  expect(await compilePage('web.ts')).toBe('');
});

test('the examples of the documents compile', { timeout: 180_000 }, async () => {
  expect(examples.length).toBeGreaterThan(0);
  for (const [i, { code }] of examples.entries()) {
    writeFileSync(join(consumer.folder, `example_${i}.ts`), code);
    expect(await compilePage(`example_${i}.ts`)).toBe('');
  }
});

const outcomeSchema = z.object({
  detections: z.array(z.object({ score: z.number(), category: z.string() })),
  found: z.record(z.string(), z.number()),
  errors: z.record(z.string(), z.string()),
});

/** Builds a page as any project would: ES modules in workers are all that Vite has to be told. */
async function buildPage(name: string, program: string): Promise<string> {
  const root = join(consumer.folder, name);
  const files = [
    ['blood_cells.json', 'models/blood_cells.json'],
    ['blood_cells.safetensors', 'models/blood_cells.safetensors'],
    ['blood_cells.jpg', 'pictures/cells.jpg'],
  ] as const;
  for (const [asset, address] of files) cpSync(join(ROOT, 'assets', asset), join(root, 'public', address));
  writeFileSync(join(root, 'main.ts'), program);
  const page = '<!doctype html><link rel="icon" href="data:," /><script type="module" src="/main.ts"></script>';
  writeFileSync(join(root, 'index.html'), page);
  const outDir = join(root, 'dist');
  const target = 'es2022';
  await build({ root, configFile: false, logLevel: 'error', worker: { format: 'es' }, build: { outDir, target } });
  return root;
}

/** What a page leaves as `globalThis.outcome`, and what went wrong. */
async function outcomeOf(root: string, headers: Record<string, string>) {
  // A file that is not there is no page.
  const served = { port: 0, host: '127.0.0.1', headers };
  const server = await preview({ root, appType: 'mpa', configFile: false, logLevel: 'error', preview: served });
  try {
    const [address = ''] = server.resolvedUrls?.local ?? [];
    await using opened = await openPage({ address, [Symbol.asyncDispose]: async () => {} }, '');
    const { page, faults } = opened;
    await page.waitForFunction('globalThis.outcome !== undefined', undefined, { timeout: 200_000 });
    const outcome: unknown = await page.evaluate('globalThis.outcome');
    return { outcome, faults };
  } finally {
    await server.close();
  }
}

describe('in Chromium', needs('browser', HAS_CHROMIUM), () => {
  test.each([
    ['threads', ISOLATION],
    ['one thread', {}],
  ])('loads, predicts from every source and disposes: %s', { timeout: 300_000 }, async (_, headers) => {
    const root = await buildPage('page', readFileSync(join(consumer.folder, 'web.ts'), 'utf8'));
    const { outcome, faults } = await outcomeOf(root, headers);
    await using inNode = await loadDetector('blood-cells');
    const expected = (await inNode.predict(`${ROOT}assets/blood_cells.jpg`)).detections;
    const sure = expected.filter(({ score }) => score > 0.5).length;
    const { detections, found, errors } = outcomeSchema.parse(outcome);
    expect(outcome).toMatchObject({
      task: 'detection',
      device: 'cpu',
      classes: inNode.classes,
      parameters: inNode.parameters,
      loaded: inNode.report?.loaded.length,
      stages: 8,
      many: ['detection', 'unreadable-file'],
      drawn: true,
      inPage: sure,
      disposed: expect.stringMatching(/^disposed: /),
    });
    expect(detections.map(({ category }) => category)).toEqual(expected.map(({ category }) => category));
    for (const [i, { score }] of detections.entries()) expect(score).toBeCloseTo(expected[i]?.score ?? 0, 3);
    expect([...new Set(Object.values(found))]).toEqual([sure]);
    expect(errors).toMatchObject({
      config: expect.stringContaining("Did you mean 'retinanet_lowformer-b0_fpn_1x_coco'?"),
      weights: expect.stringMatching(/^invalid-argument: checkpoint: expected trained weights/),
      task: expect.stringMatching(/^invalid-config: model.type: expected a model for detection/),
      checkpoint: expect.stringMatching(/^unreadable-file: .*none.safetensors/),
      source: expect.stringMatching(/^invalid-argument: picture: expected an address/),
      aborted: 'no more',
    });
    expect(faults.filter((fault) => !/404|nothing\.jpg|none\.safetensors/.test(fault))).toEqual([]);
  });

  test.each(examples)('the example of $path, line $line', { timeout: 300_000 }, async ({ code }) => {
    const told = 'Object.assign(globalThis, { outcome: { device: model.device, boxes: detections.length } });';
    const { outcome, faults } = await outcomeOf(await buildPage('example', `${code}\n${told}`), {});
    expect(outcome).toEqual({ device: 'cpu', boxes: expect.toSatisfy((count: number) => count > 9) });
    expect(faults).toEqual([]);
  });
});

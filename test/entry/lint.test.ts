/** What publint and Are The Types Wrong say of the packed package: nothing. */
import { readFileSync } from 'node:fs';
import { publint } from 'publint';
import { afterAll, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { run } from '../run_program.js';
import { ROOT } from '../workspace.js';
import { createConsumer } from './consumer.js';

vi.setConfig({ testTimeout: 180_000 });
const consumer = await createConsumer();
afterAll(() => consumer[Symbol.dispose]());

test('publint, suggestions included', async () => {
  const tarball = Uint8Array.from(readFileSync(consumer.tarball)).buffer;
  const { messages } = await publint({ pack: { tarball }, strict: true });
  expect(messages).toEqual([]);
});

const report = z.object({
  analysis: z.object({
    entrypoints: z.record(z.string(), z.unknown()),
    problems: z.array(z.object({ kind: z.string() })).optional(),
  }),
  problems: z.record(z.string(), z.array(z.object({ entrypoint: z.string().optional() }))).optional(),
});

test('Are The Types Wrong, in every resolution', async () => {
  const attw = `${ROOT}node_modules/@arethetypeswrong/cli/dist/index.js`;
  // The one rule left out warns that CommonJS finds an ES module: Node requires one since 20.19, the oldest that the
  // package takes, and test/entry/consumer.test.ts does so.
  const args = [attw, consumer.tarball, '--format', 'json', '--ignore-rules', 'cjs-resolves-to-esm'];
  const { code, stdout, stderr } = await run(process.execPath, args, consumer.folder);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const { analysis } = report.parse(JSON.parse(stdout));
  expect(Object.keys(analysis.entrypoints).sort()).toEqual(
    Object.keys(
      z
        .object({ exports: z.record(z.string(), z.unknown()) })
        .parse(JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8'))).exports,
    ).sort(),
  );
  const kinds = new Set((analysis.problems ?? []).map(({ kind }) => kind));
  expect([...kinds].filter((kind) => kind !== 'CJSResolvesToESM')).toEqual([]);
});

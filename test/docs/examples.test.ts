/** Every TypeScript block of the documents compiles against the package, and runs, in a project that has it installed. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { installPacked } from '../packed_package.js';
import { compile, run } from '../run_program.js';
import { createWorkspace, tsconfigFor } from '../workspace.js';
import { documents, writeBlocks } from './documents.js';

const workspace = createWorkspace();
beforeAll(() => installPacked(join(workspace.folder, 'node_modules/lowformer')));
afterAll(() => workspace[Symbol.dispose]());

const examples = documents.map(({ path, name, blocks }) => {
  // Those for pages run in a browser: test/entry/web.test.ts.
  const typescript = blocks.filter(({ language, code }) => language === 'ts' && !code.includes("'lowformer/web'"));
  const folder = workspace.addReader(name);
  const files = writeBlocks(folder, typescript);
  return { path, folder, blocks: typescript.map((block, i) => ({ ...block, file: files[i] ?? '' })) };
});

test('there are examples, all in TypeScript', () => {
  expect(examples.flatMap(({ blocks }) => blocks).length).toBeGreaterThan(8);
  const languages = documents.flatMap(({ blocks }) => blocks.map(({ language }) => language));
  expect([...new Set(languages)].sort()).toEqual(['json', 'python', 'sh', 'text', 'ts', 'yaml']);
});

test('they compile against the sources', async () => {
  expect(await compile(tsconfigFor(workspace.folder, true))).toBe('');
});

test('a mistake in an example would be found', async () => {
  using other = createWorkspace();
  const code = "import { loadDetektor } from 'lowformer';\nconsole.log(loadDetektor);\n";
  writeBlocks(other.folder, [{ language: 'ts', fileName: undefined, line: 1, code }]);
  expect(await compile(tsconfigFor(other.folder, false))).toContain("'loadDetector'");
});

describe('against the package as it is published', () => {
  let compiled: Promise<string>;
  beforeAll(() => {
    compiled = compile(tsconfigFor(workspace.folder, false));
  });
  test('they compile', async () => expect(await compiled).toBe(''));

  describe.each(examples.filter(({ blocks }) => blocks.length > 0))('$path', ({ path, folder, blocks }) => {
    test.each(blocks)('line $line runs', async ({ file, fileName }) => {
      await compiled;
      const { code, stdout, stderr } = await run(process.execPath, [file.replace(/\.ts$/, '.js')], folder);
      expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
      // A block with a name is a module that others import.
      if (fileName === undefined) expect(stdout).not.toBe('');
      if (path === 'README.md')
        expect(stdout).toMatch(/^(?:(?:RBC|WBC|Platelets) (?:0\.[5-9]\d|1\.00)(?: \d+){4}\n){16,24}$/);
    });
  });
});

/** A stranger's project, in which the package lies as npm packs it: every sub-path resolves, compiles and runs. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { run } from '../run_program.js';
import { ROOT } from '../workspace.js';
import { createConsumer } from './consumer.js';

const consumer = await createConsumer();
afterAll(() => consumer[Symbol.dispose]());

vi.setConfig({ testTimeout: 180_000 });

/** The project's compiler, and an older one that knows `node10`. */
const TSC = `${ROOT}node_modules/typescript/bin/tsc`;
const TSC_5 = `${ROOT}node_modules/@arethetypeswrong/core/node_modules/typescript/bin/tsc`;

async function compile(compiler: string, name: string, compilerOptions: object, include: readonly string[]) {
  const path = join(consumer.folder, `tsconfig.${name}.json`);
  const common = { target: 'ES2022', lib: ['ES2023', 'ESNext.Disposable'], types: ['node'], strict: true };
  writeFileSync(path, JSON.stringify({ compilerOptions: { ...common, ...compilerOptions }, files: include }));
  const { stdout, stderr } = await run(process.execPath, [compiler, '-p', path], consumer.folder);
  return stdout + stderr;
}

const NODE = [
  'node.ts',
  'core.ts',
  'data.ts',
  'drawing.ts',
  'evaluation.ts',
  'geometry.ts',
  'images.ts',
  'tracking.ts',
  'training.ts',
];
const BROWSER = ['core.ts', 'evaluation.ts', 'geometry.ts', 'tracking.ts'];

describe('types', () => {
  const json = { resolveJsonModule: true, noEmit: true };
  test('NodeNext, CommonJS among it', async () => {
    const options = { ...json, module: 'NodeNext', moduleResolution: 'NodeNext' };
    expect(await compile(TSC, 'nodenext', options, [...NODE, 'required.cts'])).toBe('');
  });

  test('Bundler', async () => {
    const options = { ...json, module: 'ESNext', moduleResolution: 'Bundler' };
    expect(await compile(TSC, 'bundler', options, NODE)).toBe('');
  });

  test('Bundler of a page, without Node’s types', async () => {
    const options = {
      ...json,
      module: 'ESNext',
      moduleResolution: 'Bundler',
      types: [],
      lib: ['ES2023', 'ESNext.Disposable', 'DOM'],
    };
    expect(await compile(TSC, 'page', options, BROWSER)).toBe('');
  });

  test('node10, by an older compiler', async () => {
    const options = { noEmit: true, module: 'ESNext', moduleResolution: 'node10', skipLibCheck: true };
    expect(await compile(TSC_5, 'node10', options, ['old.ts'])).toBe('');
  });
});

describe('what runs', () => {
  const compiled = (async () => {
    const options = { module: 'NodeNext', moduleResolution: 'NodeNext', resolveJsonModule: true, skipLibCheck: true };
    return compile(TSC, 'emit', options, [...NODE, 'required.cts']);
  })();
  test('compiles', async () => expect(await compiled).toBe(''));

  test.each<[string, unknown]>([
    ['node.js', { found: true, classes: true, shipped: 'ImageClassifier' }],
    ['core.js', { task: 'detection', operations: true, classes: ['cat'] }],
    ['data.js', { classes: ['person'], boxes: [[1, 2, 3, 4]], notes: 1, coco: 80 }],
    ['drawing.js', { signature: 'PNG', map: true }],
    // Recall 0.5 at precision 1, the rest at 2/3: (51 + 50 * 2 / 3) / 101.
    ['evaluation.js', { AP: '0.834983', mAP: 1, mIoU: '0.583333', top1: 1 }],
    ['tracking.js', { names: ['cat 1', 'dog 2', 'dog 2', 'cat 1'], frame: 2, box: [50, 50, 70, 60] }],
    ['geometry.js', { kept: [0, 2], overlap: '0.6807', back: [1, 1, 11, 11] }],
    ['images.js', { size: [640, 480], bytes: [9216, 9216, 12288], order: 'rgb' }],
    [
      'training.js',
      { kinds: [], refused: expect.stringContaining('train_cfg: expected'), optimisers: ['SGD', 'Adam', 'AdamW'] },
    ],
    ['required.cjs', { stats: 12, sigmoid: 0.5 }],
  ])('%s', async (file, expected) => {
    await compiled;
    const { code, stdout, stderr } = await run(process.execPath, ['--no-warnings', file], consumer.folder);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject(expected ?? {});
  });

  test('nothing else of the package can be reached', async () => {
    const { stderr } = await run(process.execPath, ['-e', "import('lowformer/dist/index.js')"], consumer.folder);
    expect(stderr).toContain('ERR_PACKAGE_PATH_NOT_EXPORTED');
  });
});

/** What is meant for a browser as well leads to nothing of Node's, however long the way. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { NODE_FREE, nodeUses, readFrom } from './node_free.js';
import { ROOT } from './workspace.js';

const ROOMS = [...NODE_FREE, 'engines/onnxruntime_web'];
const read = readFrom(ROOT);

function filesIn(folder: string, ending: string): readonly string[] {
  return readdirSync(`${ROOT}${folder}`, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => `${folder}/${name}`);
}

test.each(ROOMS)('%s', (room) => {
  const files = filesIn(room, '.ts');
  expect(files.length).toBeGreaterThan(0);
  expect(nodeUses(files, read)).toEqual([]);
});

test('a step of training, and the optimiser', () => {
  const files = ['training/network/network_on_engine.ts', ...filesIn('training/optim_wrapper', '.ts')];
  expect(nodeUses([...files, ...filesIn('training/optimisers', '.ts')], read)).toEqual([]);
});

describe('the web pages', () => {
  test('all of their programs', () => {
    const files = filesIn('tools/web', '.ts');
    expect(files).toContain('tools/web/measuring/worker.ts');
    expect(nodeUses(files, read)).toEqual([]);
  });

  test.each(filesIn('tools/web', '.html'))('%s names files of its own alone', (page) => {
    const html = readFileSync(`${ROOT}${page}`, 'utf8');
    // The server answers the one that a link alone leads to.
    const named = [...html.matchAll(/\b(?:src|href)="([^"]*)"/g)]
      .map(([, address = '']) => address)
      .filter((address) => address !== 'openapi.json');
    expect(named.length).toBeGreaterThan(3);
    for (const address of named) {
      expect(address).toMatch(/^\.\//);
      expect(read(`tools/web/${address.slice(2)}`), address).toBeDefined();
    }
    expect(html).toMatch(/<script type="module" src="[^"]+"><\/script>\s*<\/body>/);
  });

  test.each(filesIn('tools/web', '.css'))('%s asks for no file', (style) => {
    expect(readFileSync(`${ROOT}${style}`, 'utf8')).not.toMatch(/url\(|@import/);
  });
});

describe('a planted violation is found, with the way to it', () => {
  const planted = (sources: Readonly<Record<string, string>>) => nodeUses(['a/a.ts'], (path) => sources[path]);
  test.each<[string, Record<string, string>, string]>([
    ['a module of Node’s', { 'a/a.ts': "import { cpus } from 'node:os';" }, 'a/a.ts: imports node:os'],
    ['a package for Node', { 'a/a.ts': "export { x } from 'sharp';" }, 'a/a.ts: imports sharp'],
    [
      'far away',
      {
        'a/a.ts': "import {\n  type A,\n  b,\n} from '../b/b.js';",
        'b/b.ts': "const c = await import('./c.js');",
        'b/c.ts': 'export const size = Buffer.from(text).length;',
      },
      'a/a.ts -> b/b.ts -> b/c.ts: uses Buffer',
    ],
    [
      'in a worker',
      { 'a/a.ts': "new Worker(new URL('./w.ts', import.meta.url));", 'a/w.ts': "import 'node:fs';" },
      'a/a.ts -> a/w.ts: imports node:fs',
    ],
    ['a name of Node’s', { 'a/a.ts': 'await new Promise((done) => setImmediate(done));' }, 'a/a.ts: uses setImmediate'],
    ['a file that is not there', { 'a/a.ts': "import './b.js';" }, 'a/a.ts -> a/b.ts: there is no such file'],
  ])('%s', (_, sources, line) => {
    expect(planted(sources)).toEqual([line]);
  });

  test.each([
    [
      'types',
      "import type { Stats } from 'node:fs';\nimport { type A, type B } from 'sharp';\nexport type { C } from './c.js';",
    ],
    ['comments and texts', "// import 'node:fs';\nconst text = 'process.env';\n/** Buffer.from */"],
    ['other things of that name', 'job.process(x);\nconst buffer = new ArrayBuffer(8);\nnode.require.x;'],
    [
      'packages for browsers, and copied files',
      "import { z } from 'zod';\nimport address from '../../assets/a.bin?url';",
    ],
  ])('and what is allowed is left alone: %s', (_, source) => {
    expect(planted({ 'a/a.ts': source })).toEqual([]);
  });
});

/** Steps of training in a page: the network, its losses and the optimiser lead to nothing of Node's. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, defaultClientConditions } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createEngine } from '../../../engines/index.js';
import { DEVICES_WANTED } from '../../devices/emulators.js';
import { needs } from '../../needs.js';
import { HAS_CHROMIUM, openPage, serveFiles } from '../../tools/web/browser.js';
import { createWorkspace, ROOT } from '../../workspace.js';
import { threeSteps } from './three_steps.js';

const lossesSchema = z.array(z.record(z.string(), z.number())).length(3);

describe('in Chromium', { timeout: 600_000, ...needs('browser', HAS_CHROMIUM) }, () => {
  const workspace = createWorkspace();
  const outDir = join(workspace.folder, 'site');
  afterAll(() => workspace[Symbol.dispose]());
  beforeAll(async () => {
    const root = workspace.folder;
    const program = `import { trainInPage } from '${ROOT}test/web/training_page.ts';\nvoid trainInPage();`;
    writeFileSync(join(root, 'main.ts'), program);
    const page = '<!doctype html><link rel="icon" href="data:," /><script type="module" src="/main.ts"></script>';
    writeFileSync(join(root, 'index.html'), page);
    await build({
      root,
      base: './',
      configFile: false,
      logLevel: 'error',
      resolve: { conditions: ['onnxruntime-web-use-extern-wasm', ...defaultClientConditions] },
      build: { outDir, target: 'es2022', assetsInlineLimit: 0, chunkSizeWarningLimit: 2000 },
    });
  }, 120_000);

  async function lossesIn(query: string, graphics: boolean) {
    await using site = await serveFiles(outDir);
    await using opened = await openPage(site, `index.html${query}`, { graphics });
    await opened.page.waitForFunction('globalThis.outcome !== undefined', undefined, { timeout: 500_000 });
    const outcome: unknown = await opened.page.evaluate('globalThis.outcome');
    expect(opened.faults).toEqual([]);
    return lossesSchema.parse(outcome);
  }

  test.each([['WebAssembly', '', false], ...(DEVICES_WANTED ? [['WebGPU', '?webgpu', true] as const] : [])] as const)(
    'three steps by %s have the losses that they have in Node',
    async (_, query, graphics) => {
      const expected = await threeSteps((network) =>
        createEngine('onnxruntime', network, { device: 'cpu', threads: 1 }),
      );
      const found = await lossesIn(query, graphics);
      for (const [i, losses] of expected.entries()) {
        for (const [name, loss] of Object.entries(losses)) {
          expect(Math.abs((found[i]?.[name] ?? Number.NaN) - loss) / loss, `${name} of step ${i}`).toBeLessThan(1e-4);
        }
      }
      const total = (losses: Readonly<Record<string, number>>) =>
        Object.values(losses).reduce((sum, loss) => sum + loss, 0);
      expect(total(found[2] ?? {})).toBeLessThan(total(found[0] ?? {}));
    },
  );
});

/** Optional packages: where they are looked for, and what is said of those that are missing or broken. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, it } from 'vitest';
import { createEngine } from '../../../engines/index.js';
import { graphBuilder } from '../../../graph/builder.js';
import { formulaNetwork } from '../../run_network.js';

const folder = mkdtempSync(join(tmpdir(), 'tfjs-packages-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const before = process.env.LOWFORMER_PACKAGES;
afterEach(() => {
  if (before === undefined) delete process.env.LOWFORMER_PACKAGES;
  else process.env.LOWFORMER_PACKAGES = before;
});

/** A folder with one package of this program. */
function withPackage(name: string, program: string): string {
  const place = join(folder, name.replaceAll('/', '_'));
  const files = join(place, 'node_modules', name);
  mkdirSync(files, { recursive: true });
  writeFileSync(join(files, 'index.js'), program);
  return place;
}

function open(device: string) {
  const g = graphBuilder();
  const graph = g.finish([{ name: 'y', value: g.relu(g.input('x', 1)) }]);
  return createEngine('tfjs', formulaNetwork(graph), { device });
}

it('a native library that cannot be loaded is named with its reason', async () => {
  process.env.LOWFORMER_PACKAGES = withPackage('@tensorflow/tfjs-node', "throw new Error('no libtensorflow here');");
  await expect(open('cpu')).rejects.toMatchObject({
    code: 'missing-package',
    path: 'tfjs',
    message:
      'tfjs: expected the package @tensorflow/tfjs-node in version 4.22.0. Install it with: ' +
      'npm rebuild @tensorflow/tfjs-node --build-addon-from-source (no libtensorflow here)',
  });
});

it('a package of that name that is another is not taken for it', async () => {
  process.env.LOWFORMER_PACKAGES = withPackage('@tensorflow/tfjs-node', 'module.exports = { version: 1 };');
  await expect(open('cpu')).rejects.toMatchObject({ code: 'missing-package' });
});

it('what WebGPU lacks is said with the command that installs it', async () => {
  process.env.LOWFORMER_PACKAGES = withPackage('webgpu', 'module.exports = {};');
  await expect(open('webgpu')).rejects.toMatchObject({
    code: 'missing-package',
    message: expect.stringContaining('npm install @tensorflow/tfjs-backend-webgpu@4.22.0 webgpu'),
  });
});

it('WebAssembly is taken with the core that lies beside it, and with no other', async () => {
  process.env.LOWFORMER_PACKAGES = withPackage('@tensorflow/tfjs-backend-wasm', 'module.exports = {};');
  await expect(open('cpu')).rejects.toMatchObject({
    code: 'missing-package',
    message: expect.stringMatching(
      /^tfjs: expected the package @tensorflow\/tfjs-core in version 4\.22\.0\. Install it with: npm install @tensorflow\/tfjs-core@4\.22\.0 @tensorflow\/tfjs-backend-wasm@4\.22\.0 \(/,
    ),
  });
});

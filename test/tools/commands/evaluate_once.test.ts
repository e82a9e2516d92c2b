/** What `evaluate` does once: in this process, so that calls can be counted. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test, vi } from 'vitest';

const calls = new Map<string, number>();

/** A module whose functions count how often they are called. */
async function counting(original: () => Promise<object>, ...names: readonly string[]): Promise<object> {
  const module = new Map(Object.entries(await original()));
  for (const name of names) {
    const inner: unknown = module.get(name);
    if (typeof inner !== 'function') throw new Error(`${name} is no function`);
    module.set(name, (...given: readonly unknown[]) => {
      calls.set(name, (calls.get(name) ?? 0) + 1);
      return inner(...given);
    });
  }
  return Object.fromEntries(module);
}

vi.mock('../../../models/open_config.js', (original) => counting(original, 'openConfig'));
vi.mock('../../../tasks/build_model.js', (original) => counting(original, 'buildModel'));
vi.mock('../../../models/require_weights.js', (original) => counting(original, 'requireWeights'));
vi.mock('../../../tasks/deploy.js', (original) => counting(original, 'deployLater'));
vi.mock('../../../graph/verify.js', (original) => counting(original, 'verifyGraph'));

const { evaluateCommand } = await import('../../../tools/commands/evaluate.js');

const folder = mkdtempSync(join(tmpdir(), 'lowformer-test-'));
afterAll(() => rmSync(folder, { recursive: true }));
const root = fileURLToPath(new URL('../../../', import.meta.url));

test('the config is opened, the network built and deployed, and the weights asked for once', async () => {
  mkdirSync(join(folder, 'cells'));
  symlinkSync(join(root, 'assets/blood_cells.jpg'), join(folder, 'cells/cells.jpg'));
  const categories = ['RBC', 'WBC', 'Platelets'].map((name, i) => ({ id: i + 1, name }));
  const annotation = { id: 1, image_id: 1, category_id: 2, bbox: [306, 63, 182, 176], area: 32032, iscrowd: 0 };
  const images = [{ id: 1, file_name: 'cells.jpg', width: 640, height: 480 }];
  const truth = join(folder, 'truth.json');
  writeFileSync(truth, JSON.stringify({ images, annotations: [annotation], categories }));
  const assets = join(root, 'assets/blood_cells');
  const model = [`${assets}.json`, '--checkpoint', `${assets}.safetensors`, '--quiet'];
  const data = ['--images', join(folder, 'cells'), '--annotations', truth, '--json', join(folder, 'figures.json')];
  await evaluateCommand(new AbortController().signal).parseAsync([...model, ...data], { from: 'user' });
  expect(JSON.parse(readFileSync(join(folder, 'figures.json'), 'utf8'))).toMatchObject({
    stats: { AP50: expect.closeTo(1, 9) },
  });
  expect(Object.fromEntries(calls)).toMatchObject({ openConfig: 1, buildModel: 1, requireWeights: 1, deployLater: 1 });
  // The graph as it is built, and after its passes: those for every size, the one for the sizes to come, and the engine's own.
  expect(calls.get('verifyGraph')).toBe(4);
});

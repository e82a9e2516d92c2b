/** docs/models.md lists what the table of published models has. `npx vitest run test/docs/models.test.ts -u` writes it anew. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type PublishedModel, publishedModels } from '../../configs/zoo/index.js';
import { countMacs } from '../../graph/count.js';
import { openGivenConfig } from '../../models/given_configs.js';
import { ROOT } from '../workspace.js';

const PAGE = 'docs/models.md';
const LISTED = /(<!-- published models: .* -->\n)[\s\S]*?(<!-- end -->)/;

async function row({ name, backbone, dataset, accuracy, parameters }: PublishedModel): Promise<readonly string[]> {
  const { model } = await openGivenConfig(name);
  const macs = countMacs(model.wholeGraph, { input: [1, 3, 512, 512] });
  const numbers = [accuracy.value, (parameters / 1e6).toFixed(1), (macs / 1e9).toFixed(1)];
  return [`\`${name}\``, backbone, dataset, ...numbers.map(String)];
}

async function listOf(task: PublishedModel['task'], metric: PublishedModel['accuracy']['metric']): Promise<string> {
  const rows = await Promise.all(publishedModels.filter((model) => model.task === task).map(row));
  const heading = ['name', 'backbone', 'trained on', metric, 'parameters M', 'MACs G'];
  const lines = [heading, ['---', '---', '---', '--:', '--:', '--:'], ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

test('every published model, with what it costs', async () => {
  const lists = [await listOf('detection', 'box AP'), await listOf('segmentation', 'mIoU')].join('\n\n');
  const page = readFileSync(ROOT + PAGE, 'utf8');
  expect(page).toMatch(LISTED);
  const written = page.replace(LISTED, (_, start: string, end: string) => `${start}\n${lists}\n\n${end}`);
  await expect(written).toMatchFileSnapshot(`../../${PAGE}`);
});

test('names in the text are those of published models', () => {
  const names = new Set(publishedModels.map(({ name }) => name));
  const text = readFileSync(ROOT + PAGE, 'utf8').replace(LISTED, '');
  const named = [...text.matchAll(/\b(?:retinanet|freeanchor|fpn)_[\w.-]+/g)].map(([name]) => name);
  expect(named.length).toBeGreaterThan(5);
  expect(named.filter((name) => !names.has(name))).toEqual([]);
});

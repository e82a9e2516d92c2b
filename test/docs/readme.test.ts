/** What the README says of the shipped configs is so, and links lead somewhere. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SHIPPED_CONFIGS } from '../../configs/index.js';
import { countMacs, countParameters } from '../../graph/count.js';
import { buildModel } from '../../tasks/build_model.js';
import { ROOT } from '../workspace.js';
import { documents } from './documents.js';

const [readme] = documents;

describe('the table of shipped configs', () => {
  const models = new Map(Object.entries(SHIPPED_CONFIGS).map(([name, { model }]) => [name, model]));
  const rows = [...(readme?.text ?? '').matchAll(/^\| ([be]\d+) \|(.*)\|$/gm)];

  test('has a row for each backbone', () =>
    expect(rows).toHaveLength([...models.keys()].filter((name) => name.startsWith('lowformer-')).length));

  test.each(rows.map(([, arch = '', cells = '']) => ({ arch, cells: cells.split('|').map(Number) })))(
    '$arch',
    ({ arch, cells }) => {
      const cost = (name: string, side: number, unit: number, digits: number) => {
        const { wholeGraph } = buildModel(models.get(name));
        const macs = countMacs(wholeGraph, { input: [1, 3, side, side] });
        return [(countParameters(wholeGraph) / 1e6).toFixed(2), (macs / unit).toFixed(digits)].map(Number);
      };
      expect(cells).toEqual([
        ...cost(`lowformer-${arch}_in1k`, 224, 1e6, 0),
        ...cost(`retinanet_lowformer-${arch}_fpn_1x_coco`, 512, 1e9, 2),
        ...cost(`sem-fpn_lowformer-${arch}_40k_ade20k-512x512`, 512, 1e9, 2),
      ]);
    },
  );
});

test.each(documents)('links of $path lead somewhere', ({ path, text }) => {
  const targets = [...text.matchAll(/\]\(([^)#\s]+)\)/g)].map(([, target = '']) => target);
  const local = targets.filter((target) => !/^https?:/.test(target));
  for (const target of local) expect(existsSync(join(ROOT, path, '..', target)), target).toBe(true);
});

test('docs/README.md names every other document', () => {
  const index = documents.find(({ path }) => path === 'docs/README.md')?.text ?? '';
  const others = documents.map(({ path }) => path).filter((path) => path !== 'README.md' && path !== 'docs/README.md');
  expect(others.filter((path) => !index.includes(`](${path.slice('docs/'.length)})`))).toEqual([]);
});

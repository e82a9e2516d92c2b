/** The table of published models against the metafiles that the wheels of mmdet 3.3.0 and mmsegmentation 1.2.2 carry. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { publishedModel, publishedModels } from '../../../configs/zoo/index.js';
import { ROOT } from '../../workspace.js';

const metafiles = z
  .record(z.string(), z.object({ dataset: z.string(), metrics: z.record(z.string(), z.number()), weights: z.url() }))
  .parse(JSON.parse(readFileSync(`${ROOT}test/fixtures/zoo/metafiles.json`, 'utf8')));

describe('as the metafile says it', () => {
  test.each(Object.entries(metafiles))('%s', (name, { dataset, metrics, weights }) => {
    const { accuracy, checkpoint, ...model } = publishedModel(name) ?? expect.fail('there is no such model');
    expect(model.dataset).toBe(dataset);
    expect(metrics[accuracy.metric]).toBe(accuracy.value);
    expect(checkpoint.address).toBe(weights);
    expect(weights.endsWith(`-${checkpoint.sha256}.pth`)).toBe(true);
  });
});

test('no other model says that it comes from there', () => {
  const names = publishedModels.filter(({ source }) => source.startsWith('mm')).map(({ name }) => name);
  expect(names.toSorted()).toEqual(Object.keys(metafiles).toSorted());
});

test.each(publishedModels)(
  '$name has one name, one file, and a licence',
  ({ name, parameters, checkpoint, licence }) => {
    expect(publishedModels.filter((other) => other.name === name)).toHaveLength(1);
    expect(publishedModels.filter((other) => other.checkpoint.address === checkpoint.address)).toHaveLength(1);
    expect(checkpoint.address).toMatch(/^https:\/\/[\w./-]+\.pth$/);
    expect(checkpoint.sha256).toMatch(/^[\da-f]{8,64}$/);
    expect(parameters).toBeGreaterThan(1e6);
    expect(['Apache-2.0', 'BSD-3-Clause']).toContain(licence);
  },
);

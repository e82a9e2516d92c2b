/** The key of a kept network: the same for the same, another for whatever decides about the numbers. */
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type Pass, switchedPasses } from '../../graph/passes/index.js';
import { keptNetwork, mostKeptBytes } from '../../models/kept_network.js';
import type { StoredWeights } from '../../models/network_weights.js';
import { openModelWeights } from '../../models/network_weights.js';
import { openConfig } from '../../models/open_config.js';
import type { LoadOptions } from '../../models/options.js';
import { filesIn, lowformer, temporaryFolder } from '../tools/command_line.js';
import { detector, drawPicture, writeModel, writePicture } from '../tools/tiny_models.js';

const folder = temporaryFolder();
beforeAll(() => writeModel(folder, 'det', detector));

interface Case {
  readonly changes?: readonly string[];
  readonly options?: LoadOptions;
  readonly code?: string;
  readonly settled?: boolean;
  readonly file?: string;
  readonly divisor?: number;
  readonly passes?: readonly Pass[];
  readonly part?: string;
}

async function kept({
  changes = [],
  options = {},
  code = 'code',
  settled = true,
  file = 'file',
  divisor = 32,
  passes = switchedPasses({ composeLinear: true }),
  part,
}: Case = {}) {
  const { model, ...opened } = await openConfig(join(folder, 'det.json'), changes);
  const checkpoint = join(folder, 'det.safetensors');
  using opened_ = await openModelWeights({ ...opened, model }, { checkpoint }, () => {});
  const weights: StoredWeights = { ...opened_, state: () => ({ text: file, settled }) };
  const inputs = { kind: 'fixed', sizes: [{ height: divisor, width: divisor }] } as const;
  return keptNetwork({ model, weights, inputs, passes, ...(part && { part }) }, { cache: folder, ...options }, code);
}

describe('the key', () => {
  test('is the same for the same network', async () => {
    const one = await kept();
    expect(one?.key).toMatch(/^[0-9a-f]{64}$/);
    expect(await kept()).toMatchObject({ key: one?.key, folder: join(folder, 'networks'), mostBytes: 2e9 });
    // Read by the decoder alone.
    expect((await kept({ changes: ['model.test_cfg.score_thr=0.3'] }))?.key).toBe(one?.key);
  });

  test.each<[string, Case]>([
    ['another build of the toolkit', { code: 'other' }],
    ['another file', { file: 'other' }],
    ['other weights of a file', { options: { checkpointKey: 'ema' } }],
    ['parts that need not be filled', { options: { allowMismatch: ['neck'] } }],
    ['another network', { changes: ['model.neck.relu_before_extra_convs=true'] }],
    ['other sizes', { divisor: 64 }],
    ['fewer passes', { passes: [] }],
    ['more passes', { passes: switchedPasses({ composeLinear: true, subPixel: true }) }],
    ['a part of it', { part: 'first' }],
  ])('is another for %s', async (_, other) => {
    expect((await kept(other))?.key).not.toBe((await kept())?.key);
  });

  test('holds while the file is the same', async () => {
    expect((await kept())?.holds()).toBe(true);
    const { model } = await openConfig(join(folder, 'det.json'));
    let text = 'file';
    const weights: StoredWeights = {
      report: undefined,
      parameters: () => ({ shape: [0], data: new Float32Array() }),
      state: () => ({ text, settled: true }),
      [Symbol.dispose]: () => {},
    };
    const network = keptNetwork({ model, weights, inputs: { kind: 'any' }, passes: [] }, { cache: folder }, 'code');
    expect(network?.holds()).toBe(true);
    text = 'written to';
    expect(network?.holds()).toBe(false);
  });
});

test('nothing is kept of a file that was just written, by sources, and where none is wanted', async () => {
  expect(await kept({ settled: false })).toBeUndefined();
  const { model } = await openConfig(join(folder, 'det.json'));
  const weights = await openModelWeights(await openConfig(join(folder, 'det.json')), {}, () => {});
  expect(keptNetwork({ model, weights, inputs: { kind: 'any' }, passes: [] }, {})).toBeUndefined();
});

test('LOWFORMER_MAX_NETWORKS', () => {
  expect(mostKeptBytes({})).toBe(2e9);
  expect(mostKeptBytes({ LOWFORMER_MAX_NETWORKS: '0.5' })).toBe(5e8);
  expect(mostKeptBytes({ LOWFORMER_MAX_NETWORKS: '0' })).toBe(0);
  for (const value of ['-1', 'much']) {
    expect(() => mostKeptBytes({ LOWFORMER_MAX_NETWORKS: value })).toThrow('a number of GB, or 0 to keep no networks');
  }
});

/** Of all boxes their numbers. */
const boxesSchema = z.array(
  z.object({ detections: z.array(z.object({ bbox: z.array(z.number()) })) }).transform(({ detections }) => {
    return detections.flatMap(({ bbox }) => bbox);
  }),
);

describe('lowformer detect', () => {
  const cwd = temporaryFolder();
  const cache = join(cwd, 'cache');
  const wide = {
    ...detector,
    model: {
      ...detector.model,
      neck: { ...detector.model.neck, out_channels: 256 },
      bbox_head: { ...detector.model.bbox_head, stacked_convs: 4, feat_channels: 256 },
    },
  };
  const detect = async (...more: readonly string[]) => {
    const args = ['detect', 'wide.json', 'a.png', '--checkpoint', 'wide.safetensors', '--threads', '1'];
    return lowformer([...args, ...more], { cwd, env: { LOWFORMER_CACHE: cache }, most: 300, process: 'own' });
  };

  test('finds the same from what was kept, and keeps nothing with --no-cache', { timeout: 600_000 }, async () => {
    await writeModel(cwd, 'wide', wide);
    await writePicture(join(cwd, 'a.png'), drawPicture(90, 60));
    // Until the next change of the file would have another time.
    await new Promise((resolve) => setTimeout(resolve, 2600));
    const without = await detect('--no-cache');
    expect(without.code, without.stderr).toBe(0);
    expect(() => filesIn(cache)).toThrow('ENOENT');
    expect(await detect()).toEqual(without);
    // Its two parts, and the tower everywhere: in so small a picture candidates are everywhere.
    const files = filesIn(cache);
    expect(files).toHaveLength(9);
    const used = () =>
      files.filter((file) => file.endsWith('facts.json')).map((file) => statSync(join(cache, file)).mtimeMs);
    const before = used();
    expect(await detect()).toEqual(without);
    expect(filesIn(cache)).toEqual(files);
    for (const [i, time] of used().entries()) expect(time).toBeGreaterThan(before[i] ?? Number.NaN);
    // And the network whole.
    const whole = await detect('--dense-boxes');
    expect(whole.code, whole.stderr).toBe(0);
    expect(filesIn(cache)).toHaveLength(12);
    expect(await detect('--dense-boxes')).toEqual(whole);
    expect(filesIn(cache)).toHaveLength(12);
    const [some, all] = [without, whole].map(({ stdout }) => boxesSchema.parse(JSON.parse(stdout)).flat());
    expect(some?.length).toBeGreaterThan(0);
    expect(all).toHaveLength(some?.length ?? 0);
    for (const [i, value] of some?.entries() ?? [])
      expect(Math.abs(value - (all?.[i] ?? Number.NaN))).toBeLessThan(0.01);
    // No folder can be made there.
    writeFileSync(join(cwd, 'file'), '');
    const args = ['detect', 'wide.json', 'a.png', '--checkpoint', 'wide.safetensors', '--threads', '1'];
    const refused = await lowformer(args, { cwd, env: { LOWFORMER_CACHE: join(cwd, 'file') }, most: 300 });
    expect(refused).toMatchObject({ code: 0, stdout: without.stdout });
    expect(refused.stderr).toContain('the network is not kept for the next start, in ');
  });
});

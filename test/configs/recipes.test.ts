/** Recipes of the shipped configs, and those of measured runs: every one is read, followed wholly, and builds what is trained. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, describe, expect, test } from 'vitest';
import { SHIPPED_CONFIGS } from '../../configs/index.js';
import { collectNotes } from '../../core/notes.js';
import { openConfig } from '../../models/open_config.js';
import { partAt } from '../../registry/config_places.js';
import { buildLosses } from '../../tasks/build_losses.js';
import type { LowformerConfig } from '../../tasks/config.js';
import { parseDatasetTree } from '../../training/data/dataset_tree.js';
import { trainPipeline } from '../../training/data/train_pipeline.js';
import { readTrainingData, trainedTask } from '../../training/data/training_data.js';
import { readValidationData } from '../../training/data/validation_data.js';
import { trainingLoader } from '../../training/loading/loader.js';
import { readTrainingRecipe } from '../../training/recipe/recipe.js';
import { ROOT } from '../workspace.js';

const configs: readonly (readonly [string, LowformerConfig])[] = Object.entries(SHIPPED_CONFIGS);
const trained = configs.filter(([, { train_dataloader }]) => train_dataloader !== undefined);
const names = trained.map(([name]) => name);
const measured = readdirSync(join(ROOT, 'benchmarks/recipes')).map((file) => join(ROOT, 'benchmarks/recipes', file));

test('every network of the paper has one', () => {
  const own = configs.map(([name]) => name).filter((name) => /lowformer-\w+_(fpn_1x_coco|40k_ade20k)/.test(name));
  expect(own).toHaveLength(16);
  expect(names).toEqual(expect.arrayContaining(own));
});

describe.each([...names, ...measured])('%s', (name) => {
  test('is read, followed wholly, and builds', async () => {
    const opened = await openConfig(name);
    const { config, model } = opened;
    expect(readTrainingRecipe(config).unfollowed).toEqual([]);
    const task = trainedTask(opened);
    const dataset = partAt(config, ['train_dataloader', 'dataset']);
    const tree = parseDatasetTree(dataset?.value, task, { path: 'train_dataloader.dataset' });
    const steps = trainPipeline(config, tree, task).map(({ type }) => type);
    expect(steps).toEqual(expect.arrayContaining(['LoadAnnotations', 'RandomFlip']));
    const losses = buildLosses(model, partAt(config, ['model'])?.value);
    expect(losses.losses.length).toBeGreaterThan(0);
    expect(losses.unfollowed).toEqual([]);
  });
});

const folder = mkdtempSync(join(tmpdir(), 'lowformer-recipes-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function picture(path: string, channels: 1 | 3): Promise<void> {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  const pixels = new Uint8Array(96 * 64 * channels).map((_, i) => i % 150);
  const image = sharp(pixels, { raw: { width: 96, height: 64, channels } });
  await (channels === 1 ? image.toColourspace('b-w').png() : image.jpeg()).toFile(join(folder, path));
}

test("the paper's detectors train and validate on COCO as it is distributed", async () => {
  for (const part of ['train2017', 'val2017']) {
    await picture(`${part}/1.jpg`, 3);
    const categories = SHIPPED_CONFIGS['retinanet_lowformer-b0_fpn_1x_coco'].metainfo.classes.map((one, i) => {
      return { id: SHIPPED_CONFIGS['retinanet_lowformer-b0_fpn_1x_coco'].metainfo.category_ids?.[i], name: one };
    });
    mkdirSync(join(folder, 'annotations'), { recursive: true });
    const images = [{ id: 1, width: 96, height: 64, file_name: '1.jpg' }];
    const annotations = [{ id: 1, image_id: 1, category_id: 90, bbox: [8, 8, 40, 40], area: 1600, iscrowd: 0 }];
    const json = JSON.stringify({ images, annotations, categories });
    writeFileSync(join(folder, 'annotations', `instances_${part}.json`), json);
  }
  const roots = ['train', 'val'].map((part) => `${part}_dataloader.dataset.data_root=${folder}`);
  const opened = await openConfig('retinanet_lowformer-b0_fpn_1x_coco', [...roots, 'train_dataloader.num_workers=0']);
  const { loop } = readTrainingRecipe(opened.config);
  const { loader, unfollowed } = await readTrainingData(opened, { seed: 0, notes: collectNotes(), loop });
  expect(unfollowed).toEqual([]);
  await using batches = trainingLoader(loader);
  for await (const { input, objects } of batches.batches()) {
    expect(input.shape).toEqual([1, 3, 800, 1216]);
    expect([...(objects?.[0]?.labels ?? [])]).toEqual([79]);
    break;
  }
  expect((await readValidationData(opened, { notes: collectNotes() }))?.data.dataset.samples).toHaveLength(1);
});

test("the paper's segmentors train and validate on ADE20K as it is distributed", async () => {
  for (const part of ['training', 'validation']) {
    await picture(`images/${part}/1.jpg`, 3);
    await picture(`annotations/${part}/1.png`, 1);
  }
  const roots = ['train', 'val'].map((part) => `${part}_dataloader.dataset.data_root=${folder}`);
  const small = ['train_dataloader.num_workers=0', 'train_dataloader.batch_size=2'];
  const opened = await openConfig('sem-fpn_lowformer-b0_40k_ade20k-512x512', [...roots, ...small]);
  const { loop } = readTrainingRecipe(opened.config);
  const { loader, unfollowed } = await readTrainingData(opened, { seed: 0, notes: collectNotes(), loop });
  expect(unfollowed).toEqual([]);
  await using batches = trainingLoader(loader);
  for await (const { input, labels } of batches.batches()) {
    expect(input.shape).toEqual([2, 3, 512, 512]);
    expect(labels?.shape).toEqual([2, 512, 512]);
    expect(labels?.data.every((label) => label < 150 || label === 255)).toBe(true);
    break;
  }
  expect((await readValidationData(opened, { notes: collectNotes() }))?.data.dataset.samples).toHaveLength(1);
});

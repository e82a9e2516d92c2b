/**
 * Shipped configs that say how they are trained, tried for a few steps: whole networks, losses, optimisers and schedules, on
 * drawn pictures that lie where the config looks for them, much smaller than its own.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { afterAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { SHIPPED_CONFIGS } from '../../configs/index.js';
import { openConfig } from '../../models/open_config.js';
import { type ConfigObject, type ConfigValue, isConfigList, isConfigObject } from '../../registry/config_tree.js';
import { dryRun } from '../../training/dry_run/dry_run.js';
import { timedValidation } from '../../training/dry_run/timed_validation.js';
import { openTraining } from '../../training/open_training.js';
import { needs } from '../needs.js';
import { drawPicture, writePicture } from '../tools/tiny_models.js';

const WIDTH = 96;
const HEIGHT = 64;
const PICTURES = 4;

const folder = mkdtempSync(join(tmpdir(), 'lowformer-recipes-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const partsSchema = z.looseObject({
  model: z.looseObject({
    type: z.string(),
    backbone: z.looseObject({ type: z.string() }),
    bbox_head: z.looseObject({ type: z.string() }).optional(),
  }),
});

/** All of LowFormer, and of the other backbones the first with each head; with LOWFORMER_TEST_ALL every one. */
function chosenNames(): readonly string[] {
  const seen = new Set<string>();
  return Object.entries<object>(SHIPPED_CONFIGS).flatMap(([name, config]) => {
    if (!('train_dataloader' in config)) return [];
    const { type, backbone, bbox_head: head } = partsSchema.parse(config).model;
    const parts = `${type} ${head?.type} ${backbone.type}`;
    const isChosen = process.env.LOWFORMER_TEST_ALL || backbone.type === 'LowFormer' || !seen.has(parts);
    seen.add(parts);
    return isChosen ? [name] : [];
  });
}

const names = chosenNames();

test('there are some', () => {
  expect(names.length).toBeGreaterThan(1);
});

describe.each(names)('%s', needs('training', process.env.LOWFORMER_TEST_TRAINING !== undefined), (name) => {
  test('makes steps whose losses are numbers, and validates', { timeout: 600_000 }, async () => {
    const root = join(folder, name);
    const { config, metaInfo } = await openConfig(name);
    const classes = metaInfo?.classes ?? [];
    for (const key of ['train_dataloader', 'val_dataloader']) {
      await writeData(root, partOf(config.value, key), { classes, ids: metaInfo?.category_ids });
    }
    const file = join(root, 'config.json');
    writeFileSync(file, JSON.stringify(inSmall(config.value, root)));
    const opened = await openConfig(file);
    const timed = timedValidation();
    await using training = await openTraining(opened, { watcher: timed.watcher });
    const { setup, workers } = training;
    const { validate } = setup;
    expect(validate).toBeDefined();
    const found = await dryRun({
      ...setup,
      workers,
      validation: validate === undefined ? undefined : { validate, timed },
    });
    expect(Object.keys(found.losses).length).toBeGreaterThan(0);
    for (const loss of Object.values(found.losses)) expect(loss).toBeGreaterThan(0);
    expect(Object.values(found.losses).every(Number.isFinite)).toBe(true);
    expect(found.validation?.pictures).toBe(PICTURES);
  });
});

const datasetSchema = z.looseObject({
  type: z.string(),
  data_root: z.string().default(''),
  ann_file: z.string().default(''),
  data_prefix: z.looseObject({
    img: z.string().optional(),
    img_path: z.string().optional(),
    seg_map_path: z.string().optional(),
  }),
  img_suffix: z.string().optional(),
  seg_map_suffix: z.string().optional(),
  reduce_zero_label: z.boolean().optional(),
});

/** The data set of a loader. */
function partOf(config: ConfigObject, key: string): z.output<typeof datasetSchema> {
  const loader = config[key];
  return datasetSchema.parse(isConfigObject(loader) ? loader.dataset : undefined);
}

/** Pictures, and boxes or label maps, where a data set looks for them below `root` in place of its own. */
async function writeData(
  root: string,
  {
    type,
    ann_file,
    data_prefix: prefix,
    img_suffix,
    seg_map_suffix,
    reduce_zero_label,
  }: z.output<typeof datasetSchema>,
  { classes, ids }: { readonly classes: readonly string[]; readonly ids: readonly number[] | undefined },
): Promise<void> {
  const suffix = img_suffix ?? '.jpg';
  const images = join(root, prefix.img ?? prefix.img_path ?? '');
  mkdirSync(images, { recursive: true });
  for (let i = 0; i < PICTURES; i++) {
    await writePicture(join(images, `${i}${suffix}`), drawPicture(WIDTH, HEIGHT, 20 * i));
  }
  if (prefix.seg_map_path !== undefined) {
    const labels = join(root, prefix.seg_map_path);
    mkdirSync(labels, { recursive: true });
    const first = reduce_zero_label === true || type === 'ADE20KDataset' ? 1 : 0;
    for (let i = 0; i < PICTURES; i++) {
      const map = new Uint8Array(WIDTH * HEIGHT).map((_, at) => first + ((at >> 5) % classes.length));
      await sharp(map, { raw: { width: WIDTH, height: HEIGHT, channels: 1 } })
        .png()
        .toColourspace('b-w')
        .toFile(join(labels, `${i}${seg_map_suffix ?? '.png'}`));
    }
    return;
  }
  const file = join(root, ann_file);
  if (existsSync(file)) return;
  mkdirSync(dirname(file), { recursive: true });
  const bbox = [WIDTH / 6, HEIGHT / 20, WIDTH / 3, HEIGHT / 2] as const;
  const json = {
    images: Array.from({ length: PICTURES }, (_, id) => {
      return { id, width: WIDTH, height: HEIGHT, file_name: `${id}${suffix}` };
    }),
    annotations: Array.from({ length: PICTURES }, (_, i) => {
      const category_id = ids?.[i % classes.length] ?? (i % classes.length) + 1;
      return { id: i + 1, image_id: i, category_id, bbox, area: bbox[2] * bbox[3], iscrowd: 0 };
    }),
    categories: classes.map((category, i) => ({ id: ids?.[i] ?? i + 1, name: category })),
  };
  writeFileSync(file, JSON.stringify(json));
}

/** Sizes of pictures, crops and padding; batches of two, prepared in this thread. */
const CHANGES: Readonly<Record<string, ConfigValue>> = {
  scale: [WIDTH, HEIGHT],
  scales: [[WIDTH, HEIGHT]],
  img_scale: [WIDTH, HEIGHT],
  crop_size: [HEIGHT, HEIGHT],
  size: [HEIGHT, HEIGHT],
  batch_size: 2,
  num_workers: 0,
  persistent_workers: false,
};

/** Keys below which these stand for something else. */
const KEPT = ['backbone', 'neck', 'bbox_head', 'decode_head', 'metainfo', 'optim_wrapper', 'param_scheduler'];

function inSmall(config: ConfigObject, root: string): ConfigObject {
  const changed = Object.entries(config).map(([key, value]): readonly [string, ConfigValue] => {
    if (KEPT.includes(key)) return [key, value];
    if (key === 'data_root') return [key, `${root}/`];
    // The data set's own annotations count.
    if (key === 'val_evaluator' && isConfigObject(value) && 'ann_file' in value) {
      return [key, { ...value, ann_file: null }];
    }
    const change = value === null ? undefined : CHANGES[key];
    return [key, change ?? smaller(value, root)];
  });
  return Object.fromEntries(changed);
}

function smaller(value: ConfigValue, root: string): ConfigValue {
  if (isConfigList(value)) return value.map((item) => smaller(item, root));
  return isConfigObject(value) ? inSmall(value, root) : value;
}

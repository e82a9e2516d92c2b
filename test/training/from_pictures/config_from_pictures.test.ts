/** From folders to a config that the rest of training takes. */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { collectNotes } from '../../../core/notes.js';
import { readLabelMap } from '../../../data/label_map.js';
import { openConfig } from '../../../models/open_config.js';
import { parseTrainingPipeline } from '../../../steps/training/pipeline.js';
import { buildLosses } from '../../../tasks/build_losses.js';
import {
  type AnnotatedFolder,
  type ConfigFromPictures,
  configFromPictures,
} from '../../../training/from_pictures/config_from_pictures.js';
import type { MeasuredBatch } from '../../../training/from_pictures/measured_step.js';
import { readTrainingRecipe } from '../../../training/recipe/recipe.js';
import { BOXES, emptyFolder, SIZES, writeCoco, writeLabels, writePictures } from '../loading/small_set.js';

const folder = emptyFolder();
const images = join(folder, 'images');
beforeAll(() => writePictures(folder));
afterAll(() => rmSync(folder, { recursive: true }));

async function made(
  pictures: Omit<AnnotatedFolder, 'images'>,
  measure?: (config: ConfigFromPictures, batch: MeasuredBatch) => Promise<number>,
) {
  const notes = collectNotes();
  const run = join(folder, 'run');
  const options = { folder: run, seed: 3, notes, measure };
  const found = await configFromPictures({ images, ...pictures }, options);
  return { ...found, notes: notes.list(), run };
}

/** As whoever trains reads it. */
async function opened(config: Awaited<ReturnType<typeof made>>['config']) {
  const read = await openConfig(JSON.parse(JSON.stringify(config)));
  const recipe = readTrainingRecipe(read.config);
  const { value } = read.config;
  parseTrainingPipeline(value.train_pipeline, read.model.task, { path: 'train_pipeline' });
  return { recipe, losses: buildLosses(read.model, value.model).losses, labels: read.labels };
}

const cocoSchema = z.object({
  images: z.array(z.object({ id: z.number(), file_name: z.string(), width: z.number(), height: z.number() })),
  annotations: z.array(
    z.object({
      ...{ id: z.number(), image_id: z.number(), category_id: z.number() },
      bbox: z.tuple([z.number(), z.number(), z.number(), z.number()]),
    }),
  ),
  categories: z.array(z.object({ id: z.number(), name: z.string() })),
});
const readCocoPart = (run: string, part: string) =>
  cocoSchema.parse(JSON.parse(readFileSync(join(run, 'annotations', `${part}.json`), 'utf8')));

describe('boxes', () => {
  test('of a COCO file: two parts, a detector, a recipe that is followed whole', async () => {
    const { config, told, notes, run, plan } = await made({ annotations: writeCoco(folder, BOXES) });
    const { recipe, losses, labels } = await opened(config);
    expect(recipe.unfollowed).toEqual([]);
    expect(recipe.loop.length).toBe(plan.epochs);
    expect(recipe.seed).toBe(3);
    expect(losses).toEqual(['loss_cls', 'loss_bbox']);
    expect(labels?.map(({ category }) => category)).toEqual(['round', 'square']);
    expect(notes).toEqual([]);
    expect(told[0]).toBe('Task: detection of 2 classes (round, square), 12 objects.');
    const [train, val] = ['train', 'val'].map((part) => readCocoPart(run, part));
    expect([train?.images.length, val?.images.length]).toEqual([6, 1]);
    expect((train?.annotations.length ?? 0) + (val?.annotations.length ?? 0)).toBe(12);
    expect(config.train_dataloader).toMatchObject({
      batch_size: 2,
      dataset: { type: 'CocoDataset', ann_file: join(run, 'annotations/train.json'), data_prefix: { img: images } },
    });
    expect(config.val_evaluator).toEqual({ type: 'CocoMetric', metric: 'bbox' });
  });

  test('the same seed gives the same config', async () => {
    const annotations = writeCoco(folder, BOXES);
    expect((await made({ annotations })).config).toEqual((await made({ annotations })).config);
  });

  test("of Pascal VOC's XML and of YOLO's text files", async () => {
    const [xml, text] = ['xml', 'txt'].map((name) => join(folder, name));
    for (const path of [xml, text]) mkdirSync(path ?? '');
    SIZES.forEach(([width, height], i) => {
      const object = `<object><name>cell</name><bndbox><xmin>2</xmin><ymin>2</ymin><xmax>20</xmax><ymax>15</ymax></bndbox></object>`;
      const size = `<size><width>${width}</width><height>${height}</height><depth>3</depth></size>`;
      writeFileSync(
        join(xml ?? '', `${i}.xml`),
        `<annotation><filename>${i}.png</filename>${size}${object}</annotation>`,
      );
      writeFileSync(join(text ?? '', `${i}.txt`), '0 0.5 0.5 0.4 0.4\n');
    });
    for (const pictures of [{ annotations: xml ?? '' }, { annotations: text ?? '', classes: 'cell' }]) {
      const { config, run } = await made(pictures);
      expect((await opened(config)).labels?.map(({ category }) => category)).toEqual(['cell']);
      expect(readCocoPart(run, 'train').annotations).toHaveLength(6);
    }
    await expect(made({ annotations: text ?? '' })).rejects.toThrow('--classes');
  });

  test("YOLO's classes keep the order of their numbers, whichever occur first or come first in the alphabet", async () => {
    const labels = join(folder, 'numbered');
    mkdirSync(labels);
    // 2, 0, 1, 2 …: the number says the width.
    for (const i of SIZES.keys()) {
      const number = (i + 2) % 3;
      writeFileSync(join(labels, `${i}.txt`), `${number} 0.5 0.5 0.${number + 2} 0.4\n`);
    }
    const names = ['zebra', 'ant', 'mole'];
    const listed = join(folder, 'names.yaml');
    writeFileSync(listed, `names:\n${names.map((name, i) => `  ${i}: ${name}\n`).join('')}`);
    for (const classes of [names.join(), listed]) {
      const { config, run } = await made({ annotations: labels, classes });
      expect(config.metainfo.classes).toEqual(names);
      const parts = ['train', 'val'].map((part) => readCocoPart(run, part));
      const found = parts.flatMap(({ images: pictures, annotations, categories }) =>
        annotations.map(({ image_id, category_id, bbox: [, , width] }) => {
          const share = width / (pictures.find(({ id }) => id === image_id)?.width ?? Number.NaN);
          const category = categories.find(({ id }) => id === category_id)?.name;
          return `${category} ${share.toFixed(1)}`;
        }),
      );
      expect(found.toSorted()).toEqual(
        SIZES.map((_, i) => ['zebra 0.2', 'ant 0.3', 'mole 0.4'][(i + 2) % 3] ?? '').toSorted(),
      );
    }
    rmSync(labels, { recursive: true });
  });

  test('pictures of a list alone', async () => {
    const list = join(folder, 'listed.txt');
    writeFileSync(list, '0.png\n1.png\n3.png\n4.png\n');
    const { run, told } = await made({ annotations: writeCoco(folder, BOXES), list });
    const names = ['train', 'val'].flatMap((part) => readCocoPart(run, part).images.map(({ file_name }) => file_name));
    expect(names.toSorted()).toEqual(['0.png', '1.png', '3.png', '4.png']);
    expect(told[0]).toContain('8 objects');
  });

  test('classes without any object are left out, with a note', async () => {
    const categories = ['round', 'square', 'flat'].map((name, i) => ({ id: i + 1, name }));
    const { config, notes } = await made({ annotations: writeCoco(folder, BOXES, { categories }) });
    expect(config.metainfo.classes).toEqual(['round', 'square']);
    expect(notes.map(({ kind, examples }) => [kind, examples])).toEqual([['unused-class', ["'flat'"]]]);
  });

  test('nothing to train on, a class that is nowhere listed, a picture that is missing', async () => {
    await expect(made({ annotations: writeCoco(folder, [[]]) })).rejects.toThrow('expected an object to train on');
    const unknown = writeCoco(folder, BOXES, { categories: [{ id: 1, name: 'round' }] });
    await expect(made({ annotations: unknown })).rejects.toThrow('category_id');
    const listed = [{ id: 0, width: 40, height: 30, file_name: 'nowhere.png' }];
    const missing = writeCoco(folder, BOXES.slice(0, 1), { images: listed });
    await expect(made({ annotations: missing })).rejects.toThrow('nowhere.png');
  });
});

describe('label maps', () => {
  const labels = join(folder, 'labels');

  test('a segmentor with as many classes as there are labels', async () => {
    const { config, told, run } = await made({ annotations: labels });
    const { recipe, losses } = await opened(config);
    expect(recipe.unfollowed).toEqual([]);
    expect(losses).toEqual(['decode.loss_ce']);
    expect(config.metainfo.classes).toEqual(['class 0', 'class 1']);
    expect(told[0]).toContain('--classes');
    const lists = ['train', 'val'].map((part) =>
      readFileSync(join(run, 'annotations', `${part}.txt`), 'utf8')
        .trim()
        .split('\n'),
    );
    expect(lists.flat().toSorted()).toEqual(SIZES.map((_, i) => `${i}`));
    expect(config.train_dataloader).toMatchObject({
      dataset: {
        type: 'BaseSegDataset',
        ann_file: join(run, 'annotations/train.txt'),
        data_prefix: { img_path: images, seg_map_path: labels },
        img_suffix: '.png',
        seg_map_suffix: '.png',
        reduce_zero_label: false,
      },
    });
  });

  test('names that are given, or lie beside', async () => {
    expect((await made({ annotations: labels, classes: 'a,b,c' })).config.metainfo.classes).toEqual(['a', 'b', 'c']);
    writeFileSync(join(folder, 'label_names.txt'), 'ground\nstripe\n');
    expect((await made({ annotations: labels })).config.metainfo.classes).toEqual(['ground', 'stripe']);
    await expect(made({ annotations: labels, classes: 'one' })).rejects.toThrow(
      /7 mistakes in all:[\s\S]*0\.png: pixel \(1, 0\): expected a label from 0 to 0, or 255/,
    );
    rmSync(join(folder, 'label_names.txt'));
  });

  test('colours are written as class indices', async () => {
    const colors = join(folder, 'colors.txt');
    writeFileSync(colors, 'b 1 1 1\na 0 0 0\n');
    const labelMap = [
      [0, 1],
      [1, 0],
    ] as const;
    const { config, run } = await made({ annotations: labels, labelMap });
    expect(config.train_dataloader).toMatchObject({ dataset: { data_prefix: { seg_map_path: join(run, 'labels') } } });
    expect((await made({ annotations: labels, colors })).config.metainfo.classes).toEqual(['b', 'a']);
  });

  test('colours find their classes by name; those of others are ignored', async () => {
    const [own, colors] = [emptyFolder(), join(folder, 'named_colors.txt')];
    await writePictures(own);
    const [width, height] = SIZES[0];
    const pixels = Array.from({ length: width * height }, (_, at) => [
      at % 3 === 0 ? 200 : 0,
      at % 3 === 1 ? 200 : 0,
      0,
    ]);
    for (const name of ['images', 'labels']) {
      rmSync(join(own, name), { recursive: true });
      mkdirSync(join(own, name));
      const raw = { width, height, channels: 3 } as const;
      await sharp(Uint8Array.from(pixels.flat()), { raw })
        .png()
        .toFile(join(own, name, '0.png'));
    }
    writeFileSync(colors, 'background:0,0,0::\nred:200,0,0::\ngreen:0,200,0::\n');
    const pictures = { images: join(own, 'images'), annotations: join(own, 'labels'), colors, classes: 'green,red' };
    const { config, notes } = await configFromPictures(pictures, { folder: join(own, 'run'), seed: 1 });
    expect(config.metainfo.classes).toEqual(['green', 'red']);
    expect(notes.map(({ kind, examples }) => [kind, examples])).toEqual([['foreign-class', ["'background'"]]]);
    const written = await readLabelMap(join(own, 'run/labels/0.png'));
    expect([...written.labels.subarray(0, 4)]).toEqual([1, 0, 255, 1]);
    rmSync(own, { recursive: true });
  });

  test('numbers that stand for others, and one that does not count', async () => {
    const { config, run } = await made({ annotations: labels, labelMap: [[1, 3]], ignoreIndex: 3, classes: 'a,b' });
    expect(config.metainfo.classes).toEqual(['a', 'b']);
    const written = await readLabelMap(join(run, 'labels/0.png'));
    expect([...written.labels.subarray(0, 4)]).toEqual([0, 255, 0, 255]);
    const { told } = await made({ annotations: labels, ignoreIndex: 1 });
    expect(told[0]).toContain('2 classes (named by their labels');
    expect([...(await readLabelMap(join(run, 'labels/0.png'))).labels.subarray(0, 2)]).toEqual([0, 255]);
  });

  test('pictures of a list, and label maps whose names go on', async () => {
    const [own, list] = [emptyFolder(), join(folder, 'some.txt')];
    await writePictures(own);
    for (const i of SIZES.keys()) renameSync(join(own, `labels/${i}.png`), join(own, `labels/${i}_mask.png`));
    writeFileSync(list, '0\n2\n3\n5\n6\n');
    const pictures = { images: join(own, 'images'), annotations: join(own, 'labels'), labelSuffix: '_mask.png', list };
    const { config } = await configFromPictures(pictures, { folder: join(own, 'run'), seed: 1 });
    expect(config.train_dataloader).toMatchObject({ dataset: { img_suffix: '.png', seg_map_suffix: '_mask.png' } });
    const lists = ['train', 'val'].map((part) => readFileSync(join(own, `run/annotations/${part}.txt`), 'utf8'));
    expect(lists.join('').trim().split('\n').toSorted()).toEqual(['0', '2', '3', '5', '6']);
    await expect(
      configFromPictures({ ...pictures, labelSuffix: '.png' }, { folder: join(own, 'b'), seed: 1 }),
    ).rejects.toThrow('a label map NAME.png for every picture');
    rmSync(own, { recursive: true });
  });

  test('a label map of another size', async () => {
    const own = emptyFolder();
    await writePictures(own);
    await writeLabels(join(own, 'labels', '2.png'), 5, 6, () => 0);
    const pictures = { images: join(own, 'images'), annotations: join(own, 'labels') };
    const run = configFromPictures(pictures, { folder: own, seed: 1, notes: collectNotes() });
    await expect(run).rejects.toThrow(/2\.png: expected a label map of 48x32/);
    rmSync(own, { recursive: true });
  });
});

test('a measured step makes an end', async () => {
  const annotations = writeCoco(folder, BOXES);
  const { plan, told, config } = await made({ annotations }, async (_, batch) => {
    expect(batch).toEqual({ pictures: 2, width: 64, height: 64 });
    return 60;
  });
  expect(plan).toMatchObject({ cut: true, epochs: 40, steps: 120, seconds: 7200 });
  expect(told.at(-1)).toBe(
    'Length: 40 epochs, 120 steps of 2 pictures, fewer than the pictures are worth, so that it ends today; a step takes 60.00 s here, all of them about 2.0 h.',
  );
  expect(config.train_cfg).toMatchObject({ max_epochs: 40 });
});

test('a folder with a run in it is left alone', async () => {
  const folder = emptyFolder();
  writeFileSync(join(folder, 'last.safetensors'), '');
  const run = configFromPictures(
    { images, annotations: join(folder, 'x') },
    { folder, seed: 1, notes: collectNotes() },
  );
  await expect(run).rejects.toThrow('expected a folder without a training run');
  rmSync(folder, { recursive: true });
});

test('annotations that are none', async () => {
  await expect(made({ annotations: join(folder, 'nowhere') })).rejects.toThrow('There is no such file or folder');
  const empty = emptyFolder();
  await expect(made({ annotations: empty })).rejects.toThrow('Say with --format what it is');
  await writePictures(empty);
  const classes = { images: empty, annotations: empty, format: 'imagenet' };
  const run = configFromPictures(classes, { folder: join(empty, 'run'), seed: 1, notes: collectNotes() });
  await expect(run).rejects.toThrow('classifiers are not trained here');
  rmSync(empty, { recursive: true });
});

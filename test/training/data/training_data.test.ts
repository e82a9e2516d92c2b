/** What a config says of its data is read whole, or refused with its path. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { collectNotes, noteText } from '../../../core/notes.js';
import { type OpenedConfig, openConfig } from '../../../models/open_config.js';
import { readTrainingData } from '../../../training/data/training_data.js';
import { readValidationData } from '../../../training/data/validation_data.js';
import { trainingLoader } from '../../../training/loading/loader.js';
import { parseTrainLoop, type TrainLoop } from '../../../training/recipe/train_loop.js';
import { BOXES, emptyFolder, SIZES, writeCoco, writeLabels, writePictures } from '../loading/small_set.js';
import { detectionConfig, segmentationConfig } from './config.js';

const folder = emptyFolder();
beforeAll(async () => {
  await writePictures(folder);
  writeCoco(folder, BOXES);
});
afterAll(() => rmSync(folder, { recursive: true }));

const EPOCHS = parseTrainLoop({ type: 'EpochBasedTrainLoop', max_epochs: 1 }, { path: 'train_cfg' });
const ITERATIONS = parseTrainLoop({ type: 'IterBasedTrainLoop', max_iters: 4 }, { path: 'train_cfg' });

async function opened(config: object): Promise<OpenedConfig> {
  const file = join(folder, 'config.json');
  writeFileSync(file, JSON.stringify(config));
  return openConfig(file);
}

async function read(config: object, loop: TrainLoop = EPOCHS) {
  const notes = collectNotes();
  const source = await readTrainingData(await opened(config), { seed: 3, notes, loop });
  return { ...source, notes: notes.list().map(noteText) };
}

const train = (changes: object, dataset: object = {}) => {
  const { train_dataloader: own } = JSON.parse(JSON.stringify(detectionConfig(folder)));
  return { train_dataloader: { ...own, ...changes, dataset: { ...own.dataset, ...dataset } } };
};
const plain = () => train({}).train_dataloader.dataset;
const wrapped = (dataset: object, changes: object = {}) => {
  return { train_dataloader: { ...train({}).train_dataloader, dataset }, ...changes };
};

describe('detection', () => {
  test('data, batches and pipeline of mmdet become a loader', async () => {
    const { loader, unfollowed, notes } = await read(detectionConfig(folder));
    expect(unfollowed).toEqual([]);
    expect(loader.plan).toEqual({
      sampler: 'DefaultSampler',
      shuffle: true,
      seed: 3,
      batchSize: 2,
      dropLast: false,
      byAspectRatio: true,
    });
    expect(loader.data.files).toHaveLength(SIZES.length - 1);
    expect(loader.pipeline.map(({ type }) => type)).toEqual([
      'LoadImageFromFile',
      'LoadAnnotations',
      'Resize',
      'RandomFlip',
      'PackDetInputs',
    ]);
    expect(notes).toEqual([expect.stringContaining('Pictures without objects are left out')]);
    await using batches = trainingLoader(loader);
    for await (const batch of batches.batches()) {
      expect(batch.input.shape).toEqual([2, 3, 64, 64]);
      break;
    }
  });

  test('a sampler with a seed of its own, threads, and what is not followed', async () => {
    const own = { sampler: { type: 'DefaultSampler', shuffle: false, seed: 8 }, num_workers: 1, prefetch_factor: 3 };
    const other = { timeout: 5, collate_fn: { type: 'yolov5_collate' }, batch_sampler: null };
    const { loader, unfollowed } = await read(
      detectionConfig(folder, train({ ...own, ...other }, { backend_args: { backend: 'petrel' } })),
    );
    expect(loader.plan).toMatchObject({ seed: 8, shuffle: false, byAspectRatio: false });
    expect(loader).toMatchObject({ workers: 1, prefetch: 3 });
    expect(unfollowed).toEqual([
      'train_dataloader.collate_fn',
      'train_dataloader.timeout',
      'train_dataloader.dataset.backend_args',
    ]);
  });

  test('a pipeline in the data set counts where both are of one file', async () => {
    const pipeline = [{ type: 'LoadAnnotations' }, { type: 'Resize', scale: [32, 32] }];
    const { loader } = await read(detectionConfig(folder, train({}, { pipeline })));
    expect(loader.pipeline).toHaveLength(2);
  });

  test('data sets that repeat, balance, join and mix others', async () => {
    const repeat = { type: 'RepeatDataset', times: 3, dataset: plain() };
    expect((await read(detectionConfig(folder, wrapped(repeat)))).loader.places).toHaveLength(18);
    const balanced = { type: 'ClassBalancedDataset', oversample_thr: 1, dataset: plain() };
    expect([...(await read(detectionConfig(folder, wrapped(balanced)))).loader.places]).toEqual([0, 1, 2, 3, 4, 5]);
    const some = { ...plain(), indices: [4, 1] };
    const concat = { type: 'ConcatDataset', datasets: [some, { type: 'RepeatDataset', times: 2, dataset: plain() }] };
    const { loader } = await read(detectionConfig(folder, wrapped(concat)));
    expect([...loader.places]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 2, 3, 4, 5, 6, 7]);
    const { data } = loader;
    if (data.kind !== 'detection') throw new Error('no detection');
    expect(data.files.slice(0, 3).map((file) => file.at(-5))).toEqual(['4', '1', '0']);
    expect([...data.offsets]).toEqual([0, 2, 4, 6, 8, 10, 12, 14, 16]);
    expect([...data.boxes.subarray(0, 4)]).toEqual([1, 2, 15, 14]);
    expect([...data.sizes.subarray(0, 2)]).toEqual([33, 47]);

    const [load, annotations, ...rest] = [...JSON.parse(JSON.stringify(detectionConfig(folder).train_pipeline))];
    const mosaic = [{ type: 'Mosaic', img_scale: [32, 32] }, ...rest];
    const mixed = { type: 'MultiImageMixDataset', dataset: { ...plain(), pipeline: [load, annotations] } };
    const steps = (await read(detectionConfig(folder, wrapped({ ...mixed, pipeline: mosaic })))).loader.pipeline;
    expect(steps.map(({ type }) => type).slice(0, 4)).toEqual([
      'LoadImageFromFile',
      'LoadAnnotations',
      'Mosaic',
      'Resize',
    ]);
    const early = { ...mixed, dataset: { ...plain(), pipeline: [load, annotations, ...rest] }, pipeline: mosaic };
    await expect(read(detectionConfig(folder, wrapped(early)))).rejects.toThrow(
      "train_dataloader.dataset.dataset.pipeline: expected LoadImageFromFile and LoadAnnotations alone before pictures are mixed but received 'Resize'",
    );
  });

  test('classes that metainfo of the data set names are chosen, others are an error', async () => {
    const one = { model: { ...model(1) }, metainfo: { classes: ['square'] } };
    await expect(read(detectionConfig(folder, one))).rejects.toThrow(
      /The config lacks 'round'. To train on some of its classes, name them in train_dataloader.dataset.metainfo.classes/,
    );
    const { loader, notes } = await read(
      detectionConfig(folder, { ...one, ...train({}, { metainfo: { classes: ['square'] } }) }),
    );
    expect(loader.data.kind === 'detection' && [...loader.data.labels]).toEqual([0, 0, 0, 0, 0, 0]);
    expect(notes.join()).toContain("Objects of classes that metainfo does not name are left out (1: 'round')");
    await expect(
      read(detectionConfig(folder, train({}, { metainfo: { classes: ['square', 'round'] } }))),
    ).rejects.toThrow('train_dataloader.dataset.metainfo.classes: expected the classes of the config in their order');
  });

  test("Pascal VOC's files", async () => {
    const root = join(folder, 'voc');
    for (const name of ['Annotations', 'ImageSets']) mkdirSync(join(root, name), { recursive: true });
    const object = `<object><name>square</name><bndbox><xmin>2</xmin><ymin>3</ymin><xmax>9</xmax><ymax>9</ymax></bndbox></object>`;
    for (const id of ['0', '2']) {
      writeFileSync(join(root, 'Annotations', `${id}.xml`), `<annotation>${object}</annotation>`);
    }
    writeFileSync(join(root, 'ImageSets', 'train.txt'), '2\n0\n');
    const dataset = {
      type: 'mmdet.XMLDataset',
      data_root: folder,
      ann_file: 'voc/ImageSets/train.txt',
      data_prefix: { sub_data_root: 'voc' },
      img_subdir: '../images',
    };
    const { loader } = await read(detectionConfig(folder, wrapped(dataset)));
    expect(loader.data.files).toEqual([join(folder, 'images', '2.png'), join(folder, 'images', '0.png')]);
    expect(loader.data.kind === 'detection' && [...loader.data.boxes]).toEqual([1, 2, 8, 8, 1, 2, 8, 8]);
  });

  test.each([
    [{ train_dataloader: undefined }, 'train_dataloader: expected what to train on'],
    [{ train_pipeline: undefined }, 'train_pipeline: expected steps that prepare pictures'],
    [train({ batch_size: 0 }), 'train_dataloader.batch_size'],
    [train({ num_batch_per_epoch: 3 }), 'train_dataloader.num_batch_per_epoch'],
    [train({ sampler: { type: 'ClassAwareSampler' } }), 'train_dataloader.sampler.type'],
    [train({ sampler: { type: 'InfiniteSampler' } }), 'train_dataloader.sampler.type: expected DefaultSampler where'],
    [train({}, { ann_fil: 'x' }), 'train_dataloader.dataset.ann_fil'],
    [train({}, { type: 'CocoDatset' }), "received 'CocoDatset'. Did you mean 'CocoDataset'?"],
    [
      train({}, { type: 'ADE20KDataset' }),
      'train_dataloader.dataset.type: expected the type of a data set for detection',
    ],
    [train({}, { ann_file: 'none.json' }), 'none.json'],
    [train({}, { indices: [99] }), 'train_dataloader.dataset.indices: expected pictures from 0 to 5'],
    [train({}, { pipeline: [{ type: 'Reszie' }] }), 'train_dataloader.dataset.pipeline.0.type'],
    [wrapped({ type: 'RepeatDataset', times: 0, dataset: {} }), 'train_dataloader.dataset'],
    [{ metainfo: undefined }, 'metainfo'],
  ])('refused: %j', async (changes, message) => {
    await expect(read(detectionConfig(folder, changes))).rejects.toThrow(message);
  });
});

function model(numClasses: number) {
  const { model: own } = JSON.parse(JSON.stringify(detectionConfig(folder)));
  return { ...own, bbox_head: { ...own.bbox_head, num_classes: numClasses } };
}

describe('segmentation', () => {
  test('label maps of mmseg become a loader', async () => {
    const { loader } = await read(segmentationConfig(folder), ITERATIONS);
    expect(loader.data).toMatchObject({
      kind: 'segmentation',
      classCount: 2,
      ignoreIndex: 255,
      reduceZeroLabel: false,
    });
    await using batches = trainingLoader(loader);
    for await (const batch of batches.batches()) {
      expect(batch.input.shape).toEqual([3, 3, 32, 32]);
      expect(batch.labels?.shape).toEqual([3, 32, 32]);
      break;
    }
  });

  test('labels that count from 1 are lowered once, whichever says so', async () => {
    const counted = join(folder, 'counted');
    mkdirSync(counted);
    for (const [i, [width, height]] of SIZES.entries()) {
      await writeLabels(join(counted, `${i}.png`), width, height, (at) => at % 3);
    }
    const { train_dataloader: own } = JSON.parse(JSON.stringify(segmentationConfig(folder)));
    const dataset = { ...own.dataset, data_prefix: { img_path: 'images', seg_map_path: 'counted' } };
    const steps = (value: boolean) => [
      { type: 'LoadAnnotations', reduce_zero_label: value },
      { type: 'RandomCrop', crop_size: [16, 16] },
    ];
    const config = (of: boolean, train_pipeline: object) => {
      const train_dataloader = { ...own, dataset: { ...dataset, reduce_zero_label: of } };
      return segmentationConfig(folder, { train_pipeline, train_dataloader });
    };
    const { loader } = await read(config(true, steps(true)), ITERATIONS);
    await using batches = trainingLoader(loader);
    for await (const { labels } of batches.batches()) {
      expect([...new Set(labels?.data)].toSorted((a, b) => a - b)).toEqual([0, 1, 255]);
      break;
    }
    await expect(read(config(false, steps(true)), ITERATIONS)).rejects.toThrow(
      'train_dataloader.dataset.reduce_zero_label: expected true, as LoadAnnotations of the pipeline has it, but received false',
    );
    await expect(read(config(false, steps(false)), ITERATIONS)).rejects.toThrow(
      /counted.*pixel \(2, 0\): expected a label/,
    );
  });

  test('ADE20K names its classes', async () => {
    const { train_dataloader: own } = JSON.parse(JSON.stringify(segmentationConfig(folder)));
    const train_dataloader = { ...own, dataset: { ...own.dataset, type: 'ADE20KDataset', img_suffix: '.png' } };
    const train_pipeline = [{ type: 'LoadAnnotations' }];
    await expect(read(segmentationConfig(folder, { train_dataloader, train_pipeline }), ITERATIONS)).rejects.toThrow(
      /The dataset lacks 'round', 'square'.*Label numbers have to mean the classes of the config/s,
    );
  });
});

describe('validation', () => {
  const validation = async (config: object) => readValidationData(await opened(config), { notes: collectNotes() });

  test('the data set, its pipeline and what is measured', async () => {
    const read = await validation(detectionConfig(folder));
    expect(read).toMatchObject({ batchSize: 1, unfollowed: [], data: { task: 'detection' } });
    expect(read?.data.dataset.samples).toHaveLength(SIZES.length);
    expect(read?.data.evaluators).toHaveLength(1);
    expect(read?.pipeline).toHaveLength(3);
    const segmentation = await validation(segmentationConfig(folder));
    expect(segmentation?.data).toMatchObject({ task: 'segmentation', dataset: { ignoreIndex: 255 } });
  });

  test('none, where nothing is said', async () => {
    expect(
      await validation(detectionConfig(folder, { val_dataloader: undefined, val_evaluator: undefined })),
    ).toBeUndefined();
  });

  test('mmdet loads annotations in pipelines of validation, too', async () => {
    const { val_dataloader: own } = JSON.parse(JSON.stringify(detectionConfig(folder)));
    const pipeline = [{ type: 'LoadImageFromFile' }, { type: 'Resize', scale: [32, 32] }, { type: 'LoadAnnotations' }];
    const val_dataloader = { ...own, dataset: { ...own.dataset, pipeline } };
    expect((await validation(detectionConfig(folder, { val_dataloader })))?.pipeline).toHaveLength(3);
  });

  test.each([
    [{ val_dataloader: undefined }, 'val_dataloader: expected val_dataloader beside val_evaluator'],
    [{ val_evaluator: undefined }, 'val_evaluator: expected val_evaluator beside val_dataloader'],
    [{ val_evaluator: { type: 'IoUMetric' } }, 'val_evaluator.type'],
    [
      { val_evaluator: { type: 'CocoMetric', ann_file: 'other.json' } },
      'val_evaluator.ann_file: expected the annotations of',
    ],
    [{ val_cfg: { type: 'TestLoop' } }, 'val_cfg.type'],
  ])('refused: %j', async (changes, message) => {
    await expect(validation(detectionConfig(folder, changes))).rejects.toThrow(message);
  });
});

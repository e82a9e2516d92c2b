import { type ChildProcess, spawn } from 'node:child_process';
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { loadDetector } from '../../../models/load_model.js';
import { needs } from '../../needs.js';
import { parityFile } from '../../parity_file.js';
import { COMMAND, filesIn, folderIn, lowformer, temporaryFolder } from '../command_line.js';
import {
  classifier,
  detector,
  drawPicture,
  expectMistake,
  segmentor,
  writeModel,
  writePicture,
} from '../tiny_models.js';

const cwd = temporaryFolder();
const COUNT = 40;
/** Of two sizes, so that pictures of one batch pad each other. */
const sizeOf = (i: number) => (i % 3 === 0 ? ([64, 90] as const) : ([120, 80] as const));
const stem = (i: number) => `p${String(i).padStart(2, '0')}`;

const cocoSchema = z.strictObject({
  stats: z.record(z.string(), z.number()),
  per_category: z.record(z.string(), z.strictObject({ name: z.string(), AP: z.number() })),
});
const detectionsSchema = z.array(
  z.strictObject({
    image_id: z.union([z.number(), z.string()]),
    category_id: z.number(),
    category_name: z.string(),
    bbox: z.tuple([z.number(), z.number(), z.number(), z.number()]),
    score: z.number(),
  }),
);
const cocoLike = z.object({ per_category: z.record(z.string(), z.object({ name: z.string() })) });
const readJson = (name: string): unknown => JSON.parse(readFileSync(join(cwd, name), 'utf8'));

/** The config's ids, in another order than its classes. */
const categories = [
  { id: 12, name: 'ring' },
  { id: 7, name: 'disc' },
  { id: 3, name: 'square' },
];
const images = Array.from({ length: COUNT }, (_, i) => {
  const [width, height] = sizeOf(i);
  return { id: 100 + i, file_name: `${stem(i)}.png`, width, height };
});
interface Annotation {
  readonly id: number;
  readonly image_id: number;
  readonly category_id: number;
  readonly bbox: readonly [number, number, number, number];
  readonly area: number;
  readonly iscrowd: 0;
}
/** Every fourth box that the detector finds, in whole pixels: some are right, some are not. */
const annotations: Annotation[] = [];
const truth = { images, categories, annotations };

async function annotate(): Promise<void> {
  await using model = await loadDetector(join(cwd, 'det.json'), { checkpoint: join(cwd, 'det.safetensors') });
  for (const { id: image_id, file_name, width, height } of images) {
    const { detections } = await model.predict(join(cwd, 'images', file_name));
    for (const [i, { box, category }] of detections.entries()) {
      const category_id = categories.find(({ name }) => name === category)?.id;
      if (i % 4 !== 1 || category_id === undefined) continue;
      const [x1, y1] = [Math.max(0, Math.round(box[0])), Math.max(0, Math.round(box[1]))];
      const [w, h] = [Math.min(width, Math.ceil(box[2])) - x1, Math.min(height, Math.ceil(box[3])) - y1];
      const id = annotations.length + 1;
      annotations.push({ id, image_id, category_id, bbox: [x1, y1, w, h], area: w * h, iscrowd: 0 });
    }
  }
}

const detect = ['evaluate', 'det.json', '--checkpoint', 'det.safetensors', '--images', 'images'];
const detectCoco = [...detect, '--annotations', 'gt.json'];
const segment = [
  'evaluate',
  'seg.json',
  '--checkpoint',
  'seg.safetensors',
  '--images',
  'images',
  '--annotations',
  'labels',
];

beforeAll(async () => {
  await writeModel(cwd, 'det', detector);
  await writeModel(cwd, 'seg', segmentor);
  await writeModel(cwd, 'cls', classifier);
  const [pictures, labels] = [folderIn(cwd, 'images'), folderIn(cwd, 'labels')];
  for (let i = 0; i < COUNT; i++) {
    const [width, height] = sizeOf(i);
    await writePicture(join(pictures, `${stem(i)}.png`), drawPicture(width, height, 5 * i));
    const values = Uint8Array.from({ length: width * height }, (_, at) => (at % 97 === 0 ? 255 : (at + i) % 4));
    const grey = sharp(values, { raw: { width, height, channels: 1 } }).toColourspace('b-w');
    await grey.png().toFile(join(labels, `${stem(i)}.png`));
  }
  await annotate();
  writeFileSync(join(cwd, 'gt.json'), JSON.stringify(truth));
});

async function json(args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await lowformer([...args, '--json', '-', '--quiet'], { cwd });
  expect([code, stderr]).toEqual([0, '']);
  return stdout;
}

/** Starts the command and ends it as a power cut would, once its journal has `pictures` pictures. */
function killed(args: readonly string[], journal: string, pictures: number): Promise<NodeJS.Signals | null> {
  const child: ChildProcess = spawn(process.execPath, [COMMAND, ...args], { cwd, stdio: 'ignore' });
  const watch = setInterval(() => {
    const lines = existsSync(journal) ? readFileSync(journal, 'utf8').split('\n').length - 2 : 0;
    if (lines >= pictures) child.kill('SIGKILL');
  }, 2);
  return new Promise((resolve) =>
    child.on('exit', (_, signal) => {
      clearInterval(watch);
      resolve(signal);
    }),
  );
}

describe('lowformer evaluate, a detector', () => {
  test('COCO figures, with classes matched by name; the detections kept give the same again', async () => {
    const { code, stdout, stderr } = await lowformer(
      [...detectCoco, '--predictions', 'all.json', '--json', 'all_figures.json'],
      { cwd },
    );
    expect([code, stdout], stderr).toEqual([0, '']);
    expect(stderr).toContain('classes are in another order than in the config');
    expect(stderr).toMatch(/\[40\/40\] .*p39\.png: \d+\.\d pictures\/s, 0 s left/);
    expect(stderr).toMatch(/40 pictures in \d+\.\d s: \d+\.\d pictures\/s/);
    const figures = cocoSchema.parse(readJson('all_figures.json'));
    expect(figures.stats.AP50).toBeGreaterThan(0.01);
    expect(figures.stats.AP50).toBeLessThan(0.99);
    expect(Object.entries(figures.per_category).map(([id, { name }]) => [id, name])).toEqual([
      ['3', 'square'],
      ['7', 'disc'],
      ['12', 'ring'],
    ]);
    const detections = detectionsSchema.parse(readJson('all.json'));
    expect(new Set(detections.map(({ image_id }) => image_id)).size).toBe(COUNT);
    const scored = await json(['score', 'coco', '--annotations', 'gt.json', '--predictions', 'all.json']);
    expect(JSON.parse(scored)).toEqual(figures);
    expect(filesIn(cwd).filter((name) => name.includes('journal'))).toEqual([]);
  });

  test('--metric voc, a folder of XML and YOLO labels', async () => {
    const voc = await json([...detectCoco, '--metric', 'voc', '--mode', '11points', '--predictions', 'voc_run.json']);
    const scored = ['score', 'voc', '--annotations', 'gt.json', '--predictions', 'voc_run.json', '--mode', '11points'];
    expect(voc).toBe(await json(scored));
    const [xml, yolo] = [folderIn(cwd, 'xml'), folderIn(cwd, 'yolo')];
    images.forEach(({ id, width, height }, i) => {
      const own = annotations.filter(({ image_id }) => image_id === id);
      const nameOf = (category: number) => categories.find((entry) => entry.id === category)?.name ?? '';
      const objects = own.map(({ category_id, bbox: [x, y, w, h] }) => {
        const box = `<xmin>${x + 1}</xmin><ymin>${y + 1}</ymin><xmax>${x + w + 1}</xmax><ymax>${y + h + 1}</ymax>`;
        return `<object><name>${nameOf(category_id)}</name><bndbox>${box}</bndbox></object>`;
      });
      const size = `<size><width>${width}</width><height>${height}</height></size>`;
      writeFileSync(join(xml, `${stem(i)}.xml`), `<annotation>${size}${objects.join('')}</annotation>`);
      const lines = own.map(({ category_id, bbox: [x, y, w, h] }) => {
        const index = detector.metainfo.classes.indexOf(nameOf(category_id));
        return `${index} ${(x + w / 2) / width} ${(y + h / 2) / height} ${w / width} ${h / height}`;
      });
      writeFileSync(join(yolo, `${stem(i)}.txt`), lines.join('\n'));
    });
    const coco = cocoSchema.parse(JSON.parse(await json([...detectCoco])));
    const byName = ({ per_category }: z.output<typeof cocoSchema>) =>
      Object.fromEntries(Object.values(per_category).map(({ name, AP }) => [name, AP]));
    for (const args of [
      ['--annotations', 'xml'],
      ['--annotations', 'yolo', '--format', 'yolo'],
    ]) {
      // The ids that the config lists are COCO's: these formats have none.
      const kept = `${args[1]}.json`;
      const other = cocoSchema.parse(JSON.parse(await json([...detect, ...args, '--predictions', kept])));
      for (const [name, AP] of Object.entries(byName(coco))) expect(byName(other)[name]).toBeCloseTo(AP, 9);
    }
    const again = await json(['score', 'coco', '--annotations', 'xml', '--predictions', 'xml.json']);
    expect(byName(cocoSchema.parse(JSON.parse(again)))).toEqual(byName(coco));
    writeFileSync(join(cwd, 'names.txt'), 'ring\nsquare\ndisc\n');
    const named = ['score', 'voc', '--annotations', 'xml', '--classes', 'names.txt', '--predictions', 'xml.json'];
    expect(Object.values(cocoLike.parse(JSON.parse(await json(named))).per_category).map(({ name }) => name)).toEqual([
      'ring',
      'square',
      'disc',
    ]);
  });

  test('a list of pictures of the VOC kit: other readers may count classes otherwise, and names hold', async () => {
    const [kit, lists] = [folderIn(cwd, 'kit'), folderIn(cwd, 'kit/ImageSets/Main')];
    for (const [name, from] of [
      ['Annotations', 'xml'],
      ['JPEGImages', 'images'],
    ] as const) {
      symlinkSync(join(cwd, from), join(kit, name));
    }
    writeFileSync(join(lists, 'val.txt'), images.map((_, i) => `${stem(i)}\n`).join(''));
    const list = join('kit', 'ImageSets', 'Main', 'val.txt');
    const run = ['evaluate', 'det.json', '--checkpoint', 'det.safetensors', '--images', join('kit', 'JPEGImages')];
    const own = cocoSchema.parse(JSON.parse(await json([...run, '--annotations', list, '--predictions', 'kit.json'])));
    // In the config's order, which is not the order of the alphabet that a reader of XML goes by.
    const kept = detectionsSchema.parse(readJson('kit.json'));
    const names = new Map(kept.map(({ category_id, category_name }) => [category_id, category_name]));
    expect(detector.metainfo.classes.map((_, i) => names.get(i + 1))).toEqual(detector.metainfo.classes);
    expect(detector.metainfo.classes.toSorted()).not.toEqual(detector.metainfo.classes);
    expect(own.stats.AP50).toBeGreaterThan(0.01);
    for (const annotations of [list, join('kit', 'Annotations')]) {
      const scored = await json(['score', 'coco', '--annotations', annotations, '--predictions', 'kit.json']);
      expect(cocoSchema.parse(JSON.parse(scored)).stats).toEqual(own.stats);
    }
    writeFileSync(join(cwd, 'kit_names.txt'), 'ring\nsquare\ndisc\n');
    const args = ['analyse', '--annotations', list, '--predictions', 'kit.json', '--out', 'kit.html', '--worst', '0'];
    const analysed = z
      .object({
        stats: z.record(z.string(), z.number()),
        per_category: z.record(z.string(), z.looseObject({ name: z.string() })),
      })
      .parse(JSON.parse(await json([...args, '--classes', 'kit_names.txt'])));
    // The classes are added up in another order.
    for (const [name, value] of Object.entries(own.stats)) expect(analysed.stats[name]).toBeCloseTo(value, 12);
    expect(Object.values(analysed.per_category).map(({ name }) => name)).toEqual(['ring', 'square', 'disc']);
  });

  test('killed and resumed, it ends with the same figures and the same detections', async () => {
    const args = [...detectCoco, '--batch-size', '3', '--predictions', 'resumed.json'];
    const whole = await json([...detectCoco, '--batch-size', '3', '--predictions', 'whole.json']);
    const journal = join(cwd, 'resumed.json.journal.jsonl');
    expect(await killed(args, journal, 13)).toBe('SIGKILL');
    const lines = readFileSync(journal, 'utf8').split('\n').length - 2;
    expect(lines).toBeGreaterThanOrEqual(12);
    expect(lines).toBeLessThan(COUNT);
    expect(existsSync(join(cwd, 'resumed.json'))).toBe(false);
    // What a kill in the middle of a write leaves behind.
    appendFileSync(journal, '{"picture":1');

    const again = expectMistake(await lowformer([...args, '--quiet'], { cwd }));
    expect(again).toMatch(/^resumed\.json\.journal\.jsonl: .*--resume/);
    const other = [...args.map((word) => (word === '3' ? '2' : word)), '--resume', '--quiet'];
    expect(expectMistake(await lowformer(other, { cwd }))).toContain('another run: batchSize was 3 and is 2');
    const damaged = readFileSync(journal, 'utf8').replace('"score":', '"score":"');
    writeFileSync(journal, damaged);
    const broken = expectMistake(await lowformer([...args, '--resume', '--quiet'], { cwd }));
    expect(broken).toMatch(/^resumed\.json\.journal\.jsonl:2: .*damaged/);
    writeFileSync(journal, damaged.replace('"score":"', '"score":'));
    writeFileSync(join(cwd, 'half.json'), JSON.stringify({ ...truth, annotations: truth.annotations.slice(1) }));
    const half = [...args.map((word) => (word === 'gt.json' ? 'half.json' : word)), '--resume', '--quiet'];
    expect(expectMistake(await lowformer(half, { cwd }))).toContain('another run: dataset was');
    const changed = [...args, '--resume', '--quiet', '--cfg-options', 'model.test_cfg.score_thr=0.2'];
    expect(expectMistake(await lowformer(changed, { cwd }))).toContain('another run: config was');

    const left = lines - (lines % 3);
    const resumed = await lowformer([...args, '--resume', '--json', '-'], { cwd });
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(resumed.stderr).toContain(`${left} of ${COUNT} pictures are done already`);
    expect(resumed.stderr).toContain(`[1/${COUNT - left}]`);
    expect(resumed.stdout).toBe(whole);
    expect(readFileSync(join(cwd, 'resumed.json'), 'utf8')).toBe(readFileSync(join(cwd, 'whole.json'), 'utf8'));
    expect(existsSync(journal)).toBe(false);
  });

  test('shards, merged in any order, give the figures of the whole; a missing, doubled or foreign one is a mistake', async () => {
    const args = [...detectCoco, '--batch-size', '2'];
    const whole = await json(args);
    mkdirSync(join(cwd, 'parts'));
    for (const [shard, name] of [
      ['2/3', 'parts/a.json'],
      ['3/3', 'parts/b.json'],
      ['1/3', 'parts/c.json'],
    ] as const) {
      const told: unknown = JSON.parse(await json([...args, '--shard', shard, '--predictions', name]));
      expect(told).toMatchObject({ shard: Number(shard[0]), of: 3 });
    }
    const merge = (...parts: string[]) => ['score', 'coco', '--annotations', 'gt.json', '--merge', ...parts];
    expect(await json(merge('parts/*'))).toBe(whole);
    expect(await json(merge('parts/b.json', 'parts/c.json', 'parts/a.json'))).toBe(whole);
    // A run that has not ended is no part.
    writeFileSync(join(cwd, 'parts/d.json.journal.jsonl'), '');
    expect(await json(merge('parts/*'))).toBe(whole);
    const mistake = async (...parts: string[]) => expectMistake(await lowformer(merge(...parts), { cwd }));
    expect(await mistake('parts/a.json', 'parts/b.json')).toMatch(/all 3 parts but received 2. Missing: 1\/3/);
    copyFileSync(join(cwd, 'parts/a.json'), join(cwd, 'again.json'));
    expect(await mistake('parts/*', 'again.json')).toMatch(/each part once but received 2\. again\.json is the same/);
    await json([...detectCoco, '--batch-size', '4', '--shard', '1/3', '--predictions', 'other_run.json']);
    expect(await mistake('parts/a.json', 'parts/b.json', 'other_run.json')).toContain('batch size differ');
    const foreign = z.looseObject({ dataset: z.string() }).parse(readJson('parts/c.json'));
    writeFileSync(join(cwd, 'foreign.json'), JSON.stringify({ ...foreign, dataset: 'other' }));
    expect(await mistake('parts/a.json', 'parts/b.json', 'foreign.json')).toContain('a part of another dataset');
    writeFileSync(join(cwd, 'cut.json'), JSON.stringify(foreign).slice(0, -9));
    expect(await mistake('parts/a.json', 'parts/b.json', 'cut.json')).toMatch(/^cut\.json: .*cut off/);
    const alone = await lowformer([...detectCoco, '--shard', '1/3'], { cwd });
    expect(expectMistake(alone)).toContain('--predictions');
    expect(expectMistake(await lowformer([...detectCoco, '--shard', '4/3'], { cwd }))).toContain('PART/PARTS');
  });

  test('classes of another name, and pictures of another size than annotated, are mistakes that name both', async () => {
    const renamed = categories.map((entry) => (entry.name === 'ring' ? { ...entry, name: 'cross' } : entry));
    writeFileSync(join(cwd, 'renamed.json'), JSON.stringify({ ...truth, categories: renamed }));
    const message = expectMistake(await lowformer([...detect, '--annotations', 'renamed.json', '--quiet'], { cwd }));
    expect(message).toContain("The dataset lacks 'ring'. The config lacks 'cross'.");
    expect(message).toContain('dataset (3): cross, disc, square');
    expect(message).toContain('config (3): disc, square, ring');
    const turned = images.map((image, i) => (i === 4 || i === 7 ? { ...image, width: 80, height: 120 } : image));
    writeFileSync(join(cwd, 'turned.json'), JSON.stringify({ ...truth, images: turned }));
    const sizes = expectMistake(await lowformer([...detect, '--annotations', 'turned.json', '--quiet'], { cwd }));
    expect(sizes).toMatch(
      /p04\.png: expected a picture of 80x120.*received '120x80'.*EXIF.*2 of 40 differ: .*p07\.png/,
    );
    const absent = { ...truth, images: [...images, { id: 1, file_name: 'gone.png', width: 5, height: 5 }] };
    writeFileSync(join(cwd, 'absent.json'), JSON.stringify(absent));
    expect(expectMistake(await lowformer([...detect, '--annotations', 'absent.json'], { cwd }))).toContain('gone.png');
    expect(expectMistake(await lowformer(detect, { cwd }))).toContain('--annotations');
    const format = await lowformer([...detectCoco, '--format', 'ade20k'], { cwd });
    expect(expectMistake(format)).toMatch(/coco, voc, yolo, .*: the config is for detection/);
    expect(filesIn(cwd).filter((name) => name.startsWith('evaluate'))).toEqual([]);
  });
});

describe('lowformer evaluate, a segmenter', () => {
  const schema = z.strictObject({
    mIoU: z.number(),
    mAcc: z.number(),
    aAcc: z.number(),
    mDice: z.number(),
    per_class: z.array(
      z.strictObject({ class: z.int(), name: z.string(), IoU: z.number().nullable(), Acc: z.number().nullable() }),
    ),
  });

  test('mIoU; the label maps kept give the same again; killed and resumed, too', async () => {
    const whole = await json([...segment, '--predictions', 'maps']);
    const { per_class, ...means } = schema.parse(JSON.parse(whole));
    expect(per_class.map(({ name }) => name)).toEqual(segmentor.metainfo.classes);
    const args = ['score', 'miou', '--labels', 'labels', '--predictions', 'maps', '--num-classes', '4'];
    expect(JSON.parse(await json(args))).toEqual({
      ...means,
      per_class: per_class.map(({ name: _, ...scores }) => scores),
    });
    const resumable = [...segment, '--predictions', 'resumed_maps/'];
    expect(await killed(resumable, join(cwd, 'resumed_maps.journal.jsonl'), 9)).toBe('SIGKILL');
    expect(existsSync(join(cwd, 'resumed_maps.journal.jsonl'))).toBe(true);
    expect(await json([...resumable, '--resume'])).toBe(whole);
    expect(filesIn(join(cwd, 'resumed_maps')).filter((name) => name.endsWith('.png'))).toEqual(
      filesIn(join(cwd, 'maps')),
    );
    expect(existsSync(join(cwd, 'resumed_maps.journal.jsonl'))).toBe(false);
  });

  test('--dense-boxes is for detectors', async () => {
    const wrong = await lowformer([...segment, '--dense-boxes'], { cwd });
    expect(expectMistake(wrong)).toBe("--dense-boxes: expected a config for detection but received 'segmentation'");
  });

  test('shards fill one folder; labels of another size and values outside the classes are mistakes', async () => {
    for (const shard of ['1/2', '2/2']) await json([...segment, '--shard', shard, '--predictions', 'shared_maps']);
    expect(filesIn(join(cwd, 'shared_maps'))).toHaveLength(COUNT);
    const small = folderIn(cwd, 'small');
    const few = folderIn(cwd, 'few');
    copyFileSync(join(cwd, 'images', 'p01.png'), join(few, 'a.png'));
    copyFileSync(join(cwd, 'labels', 'p00.png'), join(small, 'a.png'));
    const args = ['evaluate', 'seg.json', '--checkpoint', 'seg.safetensors', '--images', 'few', '--quiet'];
    const size = expectMistake(await lowformer([...args, '--annotations', 'small'], { cwd }));
    expect(size).toMatch(/small\/a\.png: expected a prediction of the labels' size 64x90 but received '120x80'/);
    renameSync(join(cwd, 'labels', 'p01.png'), join(small, 'a.png'));
    copyFileSync(join(small, 'a.png'), join(cwd, 'labels', 'p01.png'));
    const ignored = await lowformer([...args, '--annotations', 'small', '--ignore-index', '9'], { cwd });
    expect(expectMistake(ignored)).toMatch(/a\.png: label at x 0, y 0: .* but received 255/);
  });
});

test('lowformer evaluate, a classifier: top-1 and top-5 over class folders', async () => {
  const root = folderIn(cwd, 'classes');
  const shown: { readonly path: string; readonly name: string }[] = [];
  classifier.metainfo.classes.forEach((name, i) => {
    for (const picture of [i, i + 7, i + 14]) {
      copyFileSync(join(cwd, 'images', `${stem(picture)}.png`), join(folderIn(root, name), `${stem(picture)}.png`));
      shown.push({ path: join('classes', name, `${stem(picture)}.png`), name });
    }
  });
  const config = ['cls.json', '--checkpoint', 'cls.safetensors'];
  const figures = z
    .strictObject({ top1: z.number(), top5: z.number(), pictures: z.number() })
    .parse(JSON.parse(await json(['evaluate', ...config, '--images', 'classes'])));
  const ranked = z
    .array(z.object({ file: z.string(), top: z.array(z.object({ category: z.string() })) }))
    .parse(JSON.parse(await json(['classify', ...config, ...shown.map(({ path }) => path)])));
  const share = (k: number) => {
    const hits = ranked.filter(({ file, top }) => {
      const name = shown.find(({ path }) => path === file)?.name;
      return top.slice(0, k).some(({ category }) => category === name);
    });
    return hits.length / shown.length;
  };
  expect(figures).toEqual({ top1: share(1), top5: share(5), pictures: 21 });
  expect(figures.top5).toBeGreaterThan(0);
  renameSync(join(root, 'c'), join(root, 'x'));
  const message = expectMistake(await lowformer(['evaluate', ...config, '--images', 'classes', '--quiet'], { cwd }));
  expect(message).toContain("The dataset lacks 'c'. The config lacks 'x'.");
});

const blood = {
  config: parityFile('trained/config.json') ?? '',
  checkpoint: parityFile('trained/bccd_retinanet.pth') ?? '',
  images: parityFile('../datasets/bccd/images') ?? '',
  annotations: parityFile('../datasets/bccd/annotations/val.json') ?? '',
  expected: parityFile('trained/val_expected.json') ?? '',
};
const street = {
  config: parityFile('trained/camvid_config.json') ?? '',
  checkpoint: parityFile('trained/camvid_sem_fpn.pth') ?? '',
  images: parityFile('../datasets/camvid/images/val') ?? '',
  annotations: parityFile('../datasets/camvid/annotations/val') ?? '',
  expected: parityFile('trained/camvid_val_expected.json') ?? '',
};
const there = (files: object) => needs('datasets', !Object.values(files).includes(''));
const evaluate = ({ config, checkpoint, images: folder, annotations: path }: typeof blood) =>
  json(['evaluate', config, '--checkpoint', checkpoint, '--images', folder, '--annotations', path]);

test('a RetinaNet trained by mmdet on blood cells has its AP', there(blood), async () => {
  const { stats, per_category } = cocoSchema.parse(JSON.parse(await evaluate(blood)));
  const expected = z
    .object({ stats: z.record(z.string(), z.number()), per_category_AP: z.record(z.string(), z.number()) })
    .parse(JSON.parse(readFileSync(blood.expected, 'utf8')));
  for (const [name, value] of Object.entries(expected.stats)) expect(stats[name], name).toBeCloseTo(value, 6);
  for (const [id, AP] of Object.entries(expected.per_category_AP)) expect(per_category[id]?.AP, id).toBeCloseTo(AP, 6);
});

test('a Semantic FPN trained by mmseg on streets has its mIoU', there(street), async () => {
  const schema = z.object({ mIoU: z.number(), mAcc: z.number(), aAcc: z.number() });
  const figures = schema.parse(JSON.parse(await evaluate(street)));
  const expected = schema.parse(JSON.parse(readFileSync(street.expected, 'utf8')));
  for (const name of ['mIoU', 'mAcc', 'aAcc'] as const) expect(figures[name], name).toBeCloseTo(expected[name], 5);
});

import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { parityFile } from '../../parity_file.js';
import { folderIn, lowformer, temporaryFolder } from '../command_line.js';
import { expectMistake } from '../tiny_models.js';

const cwd = temporaryFolder();
const parse = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));

const cocoSchema = z.strictObject({
  stats: z.record(z.string(), z.number()),
  per_category: z.record(z.string(), z.strictObject({ name: z.string(), AP: z.number() })),
});
const cocoExpected = z.object({
  stats: z.array(z.number()),
  names: z.array(z.string()),
  per_category_AP: z.record(z.string(), z.number().nullable()),
});

const scene = {
  images: [{ id: 5 }, { id: 9 }],
  categories: [
    { id: 2, name: 'cat' },
    { id: 7, name: 'dog' },
  ],
  annotations: [
    { id: 1, image_id: 5, category_id: 2, bbox: [10, 10, 40, 40], area: 1600, iscrowd: 0 },
    { id: 2, image_id: 9, category_id: 7, bbox: [20, 30, 60, 20], area: 1200, iscrowd: 0, difficult: 1 },
    { id: 3, image_id: 9, category_id: 7, bbox: [90, 30, 60, 20], area: 1200, iscrowd: 0 },
  ],
};
const right = { image_id: 9, category_id: 7, bbox: [90, 30, 60, 20], score: 0.9 };
writeFileSync(join(cwd, 'gt.json'), JSON.stringify(scene));
writeFileSync(join(cwd, 'dt.json'), JSON.stringify([right]));

const CASES = ['crowds', 'integer_boxes', 'no_detections', 'no_ground_truth', 'small', 'sparse_ids', 'ties'];

describe('lowformer score coco', { concurrent: true }, () => {
  test.each([...CASES, 'eighty_categories', 'many_detections'])('%s: as pycocotools', async (name) => {
    const file = (base: string) => parityFile(`coco/${name}/${base}.json`) ?? base;
    const args = ['score', 'coco', '--annotations', file('gt'), '--predictions', file('dt'), '--json', '-', '--quiet'];
    const { code, stdout, stderr } = await lowformer(args, { cwd });
    expect([code, stderr]).toEqual([0, '']);
    const { stats, per_category } = cocoSchema.parse(JSON.parse(stdout));
    const expected = cocoExpected.parse(parse(file('expected')));
    expect(Object.keys(stats)).toEqual(expected.names);
    Object.values(stats).forEach((value, i) => {
      expect(Math.abs(value - (expected.stats[i] ?? Number.NaN)), expected.names[i]).toBeLessThan(1e-9);
    });
    expect(Object.keys(per_category).sort()).toEqual(Object.keys(expected.per_category_AP).sort());
    for (const [id, { AP }] of Object.entries(per_category)) {
      expect(Math.abs(AP - (expected.per_category_AP[id] ?? -1)), id).toBeLessThan(1e-9);
    }
  });
});

describe.concurrent('lowformer score coco, its output and mistakes', () => {
  const coco = (...args: string[]) => lowformer(['score', 'coco', '--annotations', ...args], { cwd });

  test('a table on stdout without --json, a file and one line with it', async () => {
    const shown = await coco('gt.json', '--predictions', 'dt.json');
    expect([shown.code, shown.stderr]).toEqual([0, '']);
    expect(shown.stdout).toMatch(/^2 pictures, 3 objects, 1 detections\n\nfigure +value\n-+ +-+\nAP +0\.2525\n/);
    expect(shown.stdout).toMatch(/\ncat +2 +0\.0000\ndog +7 +0\.5050\n$/);
    const written = await coco('gt.json', '--predictions', 'dt.json', '--json', 'out.json', '--device', 'cpu');
    expect(written).toEqual({ code: 0, stdout: '', stderr: 'AP 0.2525, AP50 0.2525, AP75 0.2525\n' });
    const { per_category } = cocoSchema.parse(parse(join(cwd, 'out.json')));
    expect(per_category['2']).toEqual({ name: 'cat', AP: 0 });
    expect(per_category['7']?.AP).toBeCloseTo(51 / 101, 12);
  });

  test.each([
    [
      'a picture that is not there',
      [right, { ...right, image_id: 6 }],
      /^bad0\.json: \[1\]\.image_id: .*2 pictures of gt\.json \(5, 9, …\) but received 6$/,
    ],
    [
      'a category that is not there',
      [{ ...right, category_id: 3 }],
      /^bad1\.json: \[0\]\.category_id: .*\(2 cat, 7 dog\) but received 3\. No detection is of a category/,
    ],
    ['a score that is no number', '[{"image_id":9,"category_id":7,"bbox":[1,1,2,2],"score":NaN}]', /^bad2\.json/],
    ['a negative size', [{ ...right, bbox: [1, 1, -2, 2] }], /^bad3\.json: \[0\]\.bbox.*-2/],
    ['a file that was cut off', '[{"image_id":9,"category_id":7,"bbox":[1,1', /^bad4\.json.*cut off/],
    ['annotations instead of detections', scene, /^bad5\.json: expected a list of detections.*annotations/],
  ])('%s is a mistake', async (_, content, message) => {
    const name = `bad${/bad(\d)/.exec(message.source)?.[1]}.json`;
    writeFileSync(join(cwd, name), typeof content === 'string' ? content : JSON.stringify(content));
    expect(expectMistake(await coco('gt.json', '--predictions', name))).toMatch(message);
  });

  test('no file, another format, and both or none of --predictions and --merge are mistakes', async () => {
    expect(expectMistake(await coco('none.json', '--predictions', 'dt.json'))).toContain('There is no such file');
    expect(expectMistake(await coco('dt.json', '--predictions', 'dt.json'))).toContain('looks like a results file');
    expect(expectMistake(await coco('gt.json'))).toContain("expected --predictions or --merge but received 'neither'");
    const both = await coco('gt.json', '--predictions', 'dt.json', '--merge', 'dt.json');
    expect(expectMistake(both)).toContain("received 'both'");
    expect(expectMistake(await coco('gt.json', '--merge', 'dt.json'))).toContain('looks like a results file');
    expect(expectMistake(await coco('gt.json', '--merge', 'nothing/*'))).toContain("received 'no file'");
  });
});

const vocSchema = z.strictObject({
  mAP: z.number(),
  per_category: z.record(z.string(), z.strictObject({ name: z.string(), AP: z.number().nullable() })),
});
const corners = z.tuple([z.number(), z.number(), z.number(), z.number()]);
const vocCase = z.object({
  classes: z.int(),
  ground_truth: z.array(z.array(z.object({ bbox_xyxy: corners, label: z.int(), difficult: z.boolean() }))),
  detections: z.array(z.array(z.object({ bbox_xyxy: corners, label: z.int(), score: z.number() }))),
  expected: z.record(z.string(), z.object({ mAP: z.number(), AP: z.array(z.number().nullable()) })),
});
const xywh = ([x1, y1, x2, y2]: z.output<typeof corners>) => [x1, y1, x2 - x1, y2 - y1];

type VocCase = z.output<typeof vocCase>;

const classNames = ({ classes }: VocCase) =>
  Array.from({ length: classes }, (_, i) => `class ${String(i).padStart(2, '0')}`);

/** A case's ground truth as COCO JSON: pictures and categories count from 1. */
function cocoTruth(data: VocCase) {
  const annotations = data.ground_truth.flatMap((list, i) =>
    list.map(({ bbox_xyxy, label, difficult }) => ({
      image_id: i + 1,
      category_id: label + 1,
      bbox: xywh(bbox_xyxy),
      difficult: Number(difficult),
    })),
  );
  return {
    images: data.ground_truth.map((_, i) => ({ id: i + 1 })),
    categories: classNames(data).map((name, i) => ({ id: i + 1, name })),
    annotations: annotations.map((annotation, i) => ({ id: i + 1, ...annotation })),
  };
}

describe.concurrent('lowformer score voc', () => {
  test.each(['plain', 'difficult'])('as mmdet’s eval_map, case %s, with boxes of negative size', async (name) => {
    const path = parityFile(`voc/${name}.json`);
    if (path === undefined) throw new Error(`voc/${name}.json is a fixture`);
    const data = vocCase.parse(parse(path));
    const [truth, found] = [`voc_${name}.json`, `voc_${name}_dt.json`];
    writeFileSync(join(cwd, truth), JSON.stringify(cocoTruth(data)));
    const detections = data.detections.flatMap((list, i) =>
      list.map(({ bbox_xyxy, label, score }) => ({
        image_id: i + 1,
        category_id: label + 1,
        bbox: xywh(bbox_xyxy),
        score,
      })),
    );
    const inverted = detections.filter(({ bbox: [, , w = 0, h = 0] }) => w < 0 || h < 0).length;
    expect(inverted).toBeGreaterThan(0);
    writeFileSync(join(cwd, found), JSON.stringify(detections));
    for (const [key, expected] of Object.entries(data.expected)) {
      const [mode = '', iou = ''] = key.split('@');
      const args = ['score', 'voc', '--annotations', truth, '--predictions', found, '--iou', iou, '--mode', mode];
      const { code, stdout, stderr } = await lowformer([...args, '--json', '-'], { cwd });
      expect(code, stderr).toBe(0);
      expect(stderr).toContain(`${inverted} detections have a negative width or height`);
      expect(Math.abs(vocSchema.parse(JSON.parse(stdout)).mAP - expected.mAP), key).toBeLessThan(1e-6);
    }
  });

  const path = parityFile('voc/sparse.json');

  test('as mmdet’s eval_map, by COCO JSON and by XML', async () => {
    const data = vocCase.parse(parse(path ?? ''));
    const folder = folderIn(cwd, 'xml');
    const names = classNames(data);
    writeFileSync(join(cwd, 'voc.json'), JSON.stringify(cocoTruth(data)));
    const stem = (i: number) => `p${String(i).padStart(4, '0')}`;
    data.ground_truth.forEach((list, i) => {
      const xml = list.map(({ bbox_xyxy: [x1, y1, x2, y2], label, difficult }) => {
        const bounds = `<xmin>${x1 + 1}</xmin><ymin>${y1 + 1}</ymin><xmax>${x2 + 1}</xmax><ymax>${y2 + 1}</ymax>`;
        return `<object><name>${names[label]}</name><difficult>${Number(difficult)}</difficult><bndbox>${bounds}</bndbox></object>`;
      });
      writeFileSync(join(folder, `${stem(i)}.xml`), `<annotation>${xml.join('')}</annotation>`);
    });
    // Without a list of classes, those that occur are numbered.
    const occurring = names.filter((_, label) =>
      data.ground_truth.some((list) => list.some((object) => object.label === label)),
    );
    const found = (id: (i: number) => number | string, category: (label: number) => number) =>
      JSON.stringify(
        data.detections.flatMap((list, i) =>
          list
            .filter(({ label }) => category(label) > 0)
            .map(({ bbox_xyxy, label, score }) => ({
              image_id: id(i),
              category_id: category(label),
              bbox: xywh(bbox_xyxy),
              score,
            })),
        ),
      );
    const numbered = (label: number) => occurring.indexOf(names[label] ?? '') + 1;
    writeFileSync(
      join(cwd, 'voc_dt.json'),
      found(
        (i) => i + 1,
        (label) => label + 1,
      ),
    );
    writeFileSync(join(cwd, 'xml_dt.json'), found(stem, numbered));
    for (const [key, expected] of Object.entries(data.expected)) {
      const [mode = '', iou = ''] = key.split('@');
      const run = async (truthPath: string, detections: string) => {
        const args = ['score', 'voc', '--annotations', truthPath, '--predictions', detections];
        const { code, stdout, stderr } = await lowformer([...args, '--iou', iou, '--mode', mode, '--json', '-'], {
          cwd,
        });
        expect(code, stderr).toBe(0);
        return vocSchema.parse(JSON.parse(stdout));
      };
      const byJson = await run('voc.json', 'voc_dt.json');
      expect(Math.abs(byJson.mAP - expected.mAP)).toBeLessThan(1e-6);
      expected.AP.forEach((value, label) => {
        const { name, AP = null } = byJson.per_category[label + 1] ?? {};
        expect(name).toBe(names[label]);
        expect(AP === null).toBe(value === null);
        expect(Math.abs((AP ?? 0) - (value ?? 0))).toBeLessThan(1e-6);
      });
      expect(Math.abs((await run('xml', 'xml_dt.json')).mAP - expected.mAP)).toBeLessThan(1e-6);
    }
  });

  test('a table says at which overlap; difficult objects do not count', async () => {
    const args = ['score', 'voc', '--annotations', 'gt.json', '--predictions', 'dt.json'];
    const { code, stdout } = await lowformer(args, { cwd });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^mAP 0\.5000 at IoU 0\.5 \(area\)\n/);
    expect(stdout).toMatch(/\ncat +2 +0\.0000 +1 +0\ndog +7 +1\.0000 +1 +1\n$/);
    expect(expectMistake(await lowformer([...args, '--iou', '0'], { cwd }))).toContain('above 0');
    expect(expectMistake(await lowformer([...args, '--mode', '12points'], { cwd }))).toContain('11points');
  });
});

const miouSchema = z.strictObject({
  mIoU: z.number().nullable(),
  mAcc: z.number().nullable(),
  aAcc: z.number().nullable(),
  mDice: z.number().nullable(),
  per_class: z.array(z.strictObject({ class: z.int(), IoU: z.number().nullable(), Acc: z.number().nullable() })),
});
const means = z.array(z.number().nullable());
const miouExpected = z.object({
  num_classes: z.int(),
  reduce_zero_label: z.boolean(),
  ignore_index: z.int(),
  metrics: z.object({ aAcc: means, IoU: means, Acc: means, Dice: means }),
});

/** A parity case as two folders of files of the same names. */
function labelFolders(name: string): { readonly folder: string; readonly args: readonly string[] } {
  const source = dirname(parityFile(`miou/${name}/expected.json`) ?? name);
  const folder = folderIn(cwd, `miou_${name}`);
  for (const [prefix, target] of Object.entries({ label: 'labels', pred: 'predictions' })) {
    for (const file of readdirSync(source).filter((entry) => entry.startsWith(`${prefix}_`))) {
      copyFileSync(join(source, file), join(folderIn(folder, target), file.slice(prefix.length + 1)));
    }
  }
  const args = ['score', 'miou', '--labels', join(folder, 'labels'), '--predictions', join(folder, 'predictions')];
  return { folder, args };
}

describe.skipIf(parityFile('miou/ade20k_like/expected.json') === undefined)(
  'lowformer score miou',
  { concurrent: true },
  () => {
    test.each(['ade20k_like', 'cityscapes_like', 'missing_classes'])('%s: as mmseg', async (name) => {
      const expected = miouExpected.parse(parse(parityFile(`miou/${name}/expected.json`) ?? name));
      const settings = ['--num-classes', `${expected.num_classes}`, '--ignore-index', `${expected.ignore_index}`];
      const zero = expected.reduce_zero_label ? ['--reduce-zero-label'] : [];
      const args = [...labelFolders(name).args, ...settings, ...zero];
      const { code, stdout, stderr } = await lowformer([...args, '--json', '-', '--quiet'], { cwd });
      expect([code, stderr]).toEqual([0, '']);
      const scores = miouSchema.parse(JSON.parse(stdout));
      const { metrics } = expected;
      const close = (value: number | null | undefined, wanted: number | null | undefined) => {
        expect(value === null).toBe((wanted ?? null) === null);
        expect(Math.abs((value ?? 0) - (wanted ?? 0))).toBeLessThan(1e-6);
      };
      close(scores.aAcc, metrics.aAcc[0]);
      expect(scores.per_class).toHaveLength(expected.num_classes);
      scores.per_class.forEach(({ class: index, IoU, Acc }, i) => {
        expect(index).toBe(i);
        close(IoU, metrics.IoU[i]);
        close(Acc, metrics.Acc[i]);
      });
      const mean = (values: readonly (number | null)[]) => {
        const known = values.flatMap((value) => value ?? []);
        return known.reduce((sum, value) => sum + value, 0) / known.length;
      };
      close(scores.mIoU, mean(metrics.IoU));
      close(scores.mAcc, mean(metrics.Acc));
      close(scores.mDice, mean(metrics.Dice));
      const table = await lowformer(args, { cwd });
      expect(table.stdout).toContain(`mIoU    ${(scores.mIoU ?? 0).toFixed(4)}\n`);
    });
  },
);

test.skipIf(parityFile('miou/missing_classes/expected.json') === undefined)(
  'label values outside the classes, a missing file and a missing number of classes are mistakes',
  async () => {
    const { args } = labelFolders('missing_classes');
    const few = expectMistake(await lowformer([...args, '--num-classes', '3'], { cwd }));
    expect(few).toMatch(/0\.png: (label|prediction) at x \d+, y \d+: expected a class from 0 to 2/);
    expect(expectMistake(await lowformer(args, { cwd }))).toContain('--num-classes');
    const [, , , labels = ''] = args;
    const other = ['score', 'miou', '--labels', labels, '--predictions', cwd, '--num-classes', '21'];
    expect(expectMistake(await lowformer(other, { cwd }))).toContain('prediction');
  },
);

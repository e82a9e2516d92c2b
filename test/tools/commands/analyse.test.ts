import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { DOMParser } from '@xmldom/xmldom';
import { chromium } from 'playwright-core';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parityFigures } from '../../evaluation/coco_cases.js';
import { needs } from '../../needs.js';
import { parityFile } from '../../parity_file.js';
import { filesIn, folderIn, lowformer, temporaryFolder } from '../command_line.js';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';

const cwd = temporaryFolder();
const annotations = join(cwd, 'gt.json');
const predictions = join(cwd, 'dt.json');
const against = join(cwd, 'other.json');
const report = join(cwd, 'report.html');
const json = join(cwd, 'report.json');

/** A name that would run a script, were it not escaped. */
const EVIL = '</svg><script>document.title="taken"</script>&"\'';

beforeAll(async () => {
  const images = folderIn(cwd, 'images');
  const background = { r: 120, g: 130, b: 140 };
  await sharp({ create: { width: 200, height: 100, channels: 3, background } })
    .jpeg()
    .toFile(join(images, 'a.jpg'));
  await sharp({ create: { width: 200, height: 100, channels: 3, background } })
    .png()
    .toFile(join(images, 'b.png'));
  const object = (id: number, image_id: number, category_id: number, bbox: readonly number[]) => ({
    id,
    image_id,
    category_id,
    bbox,
    area: 1600,
    iscrowd: 0,
  });
  const truth = {
    images: [
      { id: 1, file_name: 'a.jpg', width: 200, height: 100 },
      { id: 2, file_name: 'b.png', width: 200, height: 100 },
    ],
    categories: [
      { id: 3, name: 'cell' },
      { id: 7, name: EVIL },
    ],
    annotations: [
      object(1, 1, 3, [10, 10, 40, 40]),
      object(2, 1, 7, [100, 10, 40, 40]),
      object(3, 2, 3, [20, 20, 40, 40]),
    ],
  };
  const found = [
    { image_id: 1, category_id: 3, bbox: [10, 10, 40, 40], score: 0.9 },
    { image_id: 1, category_id: 3, bbox: [100, 10, 40, 40], score: 0.8 },
    { image_id: 1, category_id: 7, bbox: [150, 60, 20, 20], score: 0.6 },
  ];
  writeFileSync(annotations, JSON.stringify(truth));
  writeFileSync(predictions, JSON.stringify(found));
  const other = [found[0], { image_id: 2, category_id: 3, bbox: [20, 20, 40, 40], score: 0.7 }];
  writeFileSync(against, JSON.stringify(other));
});

const numbers = z.object({
  stats: z.record(z.string(), z.number()),
  per_category: z.record(
    z.string(),
    z.object({ name: z.string(), AP: z.record(z.string(), z.number().nullable()), best: z.unknown() }),
  ),
  tide: z.object({ kinds: z.record(z.string(), z.object({ count: z.int(), dAP: z.number() })) }),
  confusion: z.object({ matrix: z.array(z.array(z.int())), categories: z.array(z.int()) }),
  labels: z.object({
    missing: z.object({ count: z.int() }),
    never_found: z.object({ count: z.int(), list: z.array(z.object({ file: z.string(), overlap: z.number() })) }),
  }),
  against: z
    .object({
      AP: z.object({ difference: z.number(), verdict: z.string() }),
      per_category: z.record(z.string(), z.object({ ours: z.number(), against: z.number() })),
      pictures: z.object({ better: z.int(), worse: z.int(), same: z.int(), changed: z.array(z.unknown()) }),
    })
    .optional(),
  worst: z.array(z.object({ image_id: z.int(), file: z.string(), weight: z.number() })),
});

/** Sections by id; fails on markup that does not parse. */
function sectionsOf(html: string): readonly string[] {
  const onError = (level: string, message: string) => {
    if (level !== 'warning') throw new Error(message);
  };
  const document = new DOMParser({ onError }).parseFromString(html, 'text/html');
  return Array.from(document.getElementsByTagName('section'), (section) => section.getAttribute('id') ?? '');
}

/** Addresses that a browser would load. */
function loadedAddresses(html: string): readonly string[] {
  const found = [...html.matchAll(/\s(?:src|href|xlink:href|srcset|action|data)="([^"]*)"|url\(([^)]*)\)|@import/g)];
  return found
    .map(([whole, attribute, style]) => attribute ?? style ?? whole)
    .filter((address) => !/^(#|data:)/.test(address));
}

const DETECTION = [
  'figures',
  'against',
  'errors',
  'worst',
  'labels',
  'confusion',
  'thresholds',
  'classes',
  'curves',
  'scores',
  'calibration',
];

describe('lowformer analyse of a detector', () => {
  beforeAll(async () => {
    const given = ['--annotations', annotations, '--predictions', predictions, '--images', join(cwd, 'images')];
    given.push('--against', against);
    const { code, stderr } = await lowformer(['analyse', ...given, '--out', report, '--json', json], { cwd });
    expect(stderr).toContain('AP ');
    expect(code).toBe(0);
  });

  it('writes the numbers', () => {
    const { tide, confusion, worst, per_category } = numbers.parse(JSON.parse(readFileSync(json, 'utf8')));
    expect(confusion).toEqual({
      categories: [3, 7],
      matrix: [
        [1, 0, 1],
        [1, 0, 0],
        [0, 1, 0],
      ],
    });
    const counts = Object.entries(tide.kinds).map(([kind, { count }]) => [kind, count]);
    expect(Object.fromEntries(counts)).toEqual({
      classification: 1,
      localisation: 0,
      both: 0,
      duplicate: 0,
      background: 1,
      missed: 1,
    });
    expect(worst.map(({ file, weight }) => [file, Math.round(weight * 100)])).toEqual([
      ['a.jpg', 140],
      ['b.png', 100],
    ]);
    expect(per_category['7']?.name).toBe(EVIL);
    expect(per_category['7']?.best).toBeNull();
  });

  it('tells what the other run has better, and which labels to look at', () => {
    const { against: compared, labels } = numbers.parse(JSON.parse(readFileSync(json, 'utf8')));
    // Class 3: one of two found, for both of them; class 7: nothing.
    expect(compared?.per_category['3']?.ours).toBeCloseTo(51 / 101, 12);
    expect(compared?.per_category['3']?.against).toBe(1);
    expect(compared?.AP.difference).toBeCloseTo((51 / 101 - 1) / 2, 12);
    expect(compared?.AP.verdict).toBe('few');
    expect(compared?.pictures).toEqual({
      better: 0,
      worse: 1,
      same: 1,
      changed: [{ image_id: 2, file: 'b.png', errors: 1, errors_against: 0 }],
    });
    expect(labels).toEqual({
      missing: { count: 0 },
      never_found: { count: 1, list: [{ file: 'b.png', overlap: 0 }] },
    });
  });

  it('writes one file that has all sections, runs nothing but its own script and loads nothing', () => {
    const html = readFileSync(report, 'utf8');
    expect(sectionsOf(html)).toEqual(DETECTION);
    expect(loadedAddresses(html)).toEqual([]);
    expect(html.match(/<script/gi)).toHaveLength(1);
    expect(html).toMatch(/script-src 'sha256-[\w+/]{43}='"/);
    // Two pictures, a look at the object that nothing finds, and one picture as each of the two runs has it.
    expect(html.match(/data:image\/jpeg;base64,/g)).toHaveLength(5);
  });

  it('opens in a browser without a fault', needs('browser', existsSync(CHROMIUM)), async () => {
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
    try {
      for (const colorScheme of ['light', 'dark'] as const) {
        const page = await browser.newPage({ colorScheme, viewport: { width: 1000, height: 800 } });
        const faults: string[] = [];
        const requests: string[] = [];
        page.on('console', (message) => void faults.push(message.text()));
        page.on('pageerror', (error) => void faults.push(error.message));
        page.on('request', (request) => void requests.push(request.url()));
        await page.goto(pathToFileURL(report).href);
        expect(faults).toEqual([]);
        expect(requests.filter((url) => !url.startsWith('data:'))).toEqual([pathToFileURL(report).href]);
        expect(await page.title()).toBe('Detection report');
        expect(await page.locator('section').count()).toBe(DETECTION.length);
        expect(await page.locator('#worst figure image').count()).toBe(2);
        const [label, picture] = [
          page.locator('#worst figure text').first(),
          page.locator('#worst figure svg').first(),
        ];
        expect(await label.textContent()).toBe('Cls cell 0.80 (</svg><script>docum…)');
        const [text, around] = [await label.boundingBox(), await picture.boundingBox()];
        expect(text?.x).toBeGreaterThanOrEqual(around?.x ?? 0);
        expect((text?.x ?? 0) + (text?.width ?? 0)).toBeLessThanOrEqual((around?.x ?? 0) + (around?.width ?? 0));
        expect(await page.locator('.chart svg').count()).toBeGreaterThan(5);
        const box = await page.locator('#curves .chart svg').first().boundingBox();
        expect(box?.width).toBeGreaterThan(300);
        await page.close();
      }
    } finally {
      await browser.close();
    }
  });
});

it('has the figures of COCO, and shows eighty classes without pictures', async () => {
  const [gt, dt] = ['gt', 'dt'].map((name) => parityFile(`coco/eighty_categories/${name}.json`) ?? name);
  const [out, figures] = [join(cwd, 'eighty.html'), join(cwd, 'eighty.json')];
  const given = ['--annotations', gt ?? '', '--predictions', dt ?? '', '--worst', '3'];
  const { code, stderr } = await lowformer(['analyse', ...given, '--out', out, '--json', figures], { cwd });
  expect([code, stderr.split(';')[0]]).toEqual([0, 'AP 0.1043, AP50 0.3452']);
  const { stats, names } = parityFigures('eighty_categories');
  const found = numbers.parse(JSON.parse(readFileSync(figures, 'utf8')));
  names.forEach((name, i) => {
    expect(found.stats[name]).toBeCloseTo(stats[i] ?? Number.NaN, 9);
  });
  expect(sectionsOf(readFileSync(out, 'utf8'))).toEqual(DETECTION.filter((id) => id !== 'against'));
  if (!existsSync(CHROMIUM)) return;
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage();
    await page.goto(pathToFileURL(out).href);
    const table = page.locator('#classes table');
    const rows = table.locator('tbody tr:visible');
    expect(await rows.count()).toBe(15);
    await page.getByRole('button', { name: 'Show all 80 rows' }).last().click();
    await table.getByRole('button', { name: 'objects' }).click();
    const objects = await table.locator('tbody tr td:nth-child(2)').allTextContents();
    expect(objects.map(Number)).toEqual(objects.map(Number).toSorted((a, b) => b - a));
    expect(objects.length).toBe(80);
  } finally {
    await browser.close();
  }
});

describe('lowformer analyse of a segmenter', () => {
  const png = (values: readonly number[]) =>
    sharp(Uint8Array.from(values), { raw: { width: 4, height: 2, channels: 1 } })
      .toColourspace('b-w')
      .png();

  it('writes the report and the numbers', async () => {
    const [labels, predicted] = [folderIn(cwd, 'labels'), folderIn(cwd, 'predicted')];
    await png([0, 0, 1, 1, 0, 0, 1, 255]).toFile(join(labels, 'x.png'));
    await png([0, 1, 1, 1, 0, 0, 0, 0]).toFile(join(predicted, 'x.png'));
    const better = folderIn(cwd, 'better');
    await png([0, 0, 1, 1, 0, 0, 0, 0]).toFile(join(better, 'x.png'));
    writeFileSync(join(cwd, 'config.json'), JSON.stringify({ metainfo: { classes: ['sky', 'road'] } }));
    const given = ['--labels', labels, '--predictions', predicted, '--classes', 'config.json', '--against', better];
    const { code, stderr } = await lowformer(['analyse', ...given, '--out', report, '--json', json], { cwd });
    expect([code, stderr]).toEqual([0, `mIoU 0.5500, aAcc 0.7143; mIoU -0.1833 against the other run; ${report}\n`]);
    const html = readFileSync(report, 'utf8');
    expect(sectionsOf(html)).toEqual(['figures', 'against', 'worst', 'confusion']);
    expect(html).toMatch(/<small>truth<\/small>.*<small>prediction<\/small>/);
    expect(html).toContain('road taken for sky');
    expect(loadedAddresses(html)).toEqual([]);
    const record: unknown = JSON.parse(readFileSync(json, 'utf8'));
    expect(record).toMatchObject({
      against: {
        mIoU: { ours: 0.55, against: (4 / 5 + 2 / 3) / 2, interval: null, verdict: 'few' },
        pictures: { better: 0, worse: 1, same: 0, changed: [{ picture: 'x', ours: 2 / 7, against: 1 / 7 }] },
      },
      confusion: [
        [3, 1],
        [1, 2],
      ],
      per_class: [
        { class: 0, name: 'sky', IoU: 0.6, labelShare: 4 / 7 },
        { class: 1, name: 'road', IoU: 0.5, labelShare: 3 / 7 },
      ],
    });
  });
});

describe('mistakes', () => {
  const cases: readonly (readonly [string, readonly string[], RegExp])[] = [
    ['no ground truth', ['--predictions', 'dt.json'], /analyse: expected --annotations .* or --labels/],
    ['labels without a number of classes', ['--labels', '.', '--predictions', '.'], /--num-classes/],
    [
      'a folder without the pictures',
      ['--annotations', 'gt.json', '--predictions', 'dt.json', '--images', 'empty'],
      /the picture 'a.jpg'/,
    ],
    [
      'no such folder of pictures',
      ['--annotations', 'gt.json', '--predictions', 'dt.json', '--images', 'none'],
      /no such folder/,
    ],
    ['a results file that is none', ['--annotations', 'gt.json', '--predictions', 'gt.json'], /a list of detections/],
  ];
  it.each(cases)('%s', async (_, args, message) => {
    folderIn(cwd, 'empty');
    const before = filesIn(cwd);
    const { code, stderr } = await lowformer(['analyse', ...args, '--out', 'not_written.html'], { cwd });
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
    expect(filesIn(cwd)).toEqual(before);
  });
});

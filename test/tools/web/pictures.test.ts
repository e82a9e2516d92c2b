/** The page with pictures in a real browser, held to the results of Node. */
import { basename, join } from 'node:path';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { writeImage } from '../../../drawing/write_png.js';
import { decodeImage } from '../../../images/decode.js';
import { drawDemoScene } from '../../../tools/demo_scene.js';
import { loadClassifier, loadDetector, loadSegmentor } from '../../../tools/model/load_model.js';
import { parityFile } from '../../parity_file.js';
import { createWorkspace, ROOT } from '../../workspace.js';
import { classifier, detector, drawPicture, segmentor, writeModel, writePicture } from '../tiny_models.js';
import { buildPages, NO_CHROMIUM, openPage, type Site, savedFile, serveFiles, servePages } from './browser.js';

const workspace = createWorkspace();
afterAll(() => workspace[Symbol.dispose]());
const { folder } = workspace;
const pages = join(folder, 'pages');
const asset = (name: string) => join(ROOT, 'assets', name);
const scene = join(folder, 'scene.png');
const picture = join(folder, 'picture.png');

/** A network that mmseg trained, and what mmseg says of one picture. */
const trained = {
  config: parityFile('trained/camvid_config.json'),
  checkpoint: parityFile('trained/camvid_sem_fpn.pth'),
  street: parityFile('../datasets/camvid/images/val/0016E5_07959.jpg'),
  labels: parityFile('trained/camvid_val_predictions/0016E5_07959.png'),
};

const recordSchema = z.tuple([
  z.strictObject({
    file: z.string(),
    width: z.int(),
    height: z.int(),
    detections: z.array(
      z.strictObject({
        bbox: z.tuple([z.number(), z.number(), z.number(), z.number()]),
        score: z.number(),
        class_index: z.int(),
        category_id: z.int(),
        category: z.string(),
      }),
    ),
  }),
]);
const PICTURES = [
  'photo.png',
  'palette.png',
  'sixteen_bit.png',
  'gray.jpg',
  'jpeg_420.jpg',
  'jpeg_444.jpg',
  'jpeg_progressive.jpg',
  'exif_5.jpg',
  'exif_8.jpg',
  'photo.webp',
  'photo.bmp',
];

const classificationSchema = z.tuple([
  z.object({ top: z.array(z.object({ category: z.string(), score: z.number() })).length(5) }),
]);
type Found = z.output<typeof recordSchema>[0]['detections'];

/** Until the picture's result is there; an error is one of the test. */
async function settled(page: Page): Promise<void> {
  await page.waitForSelector('#save-json:enabled, #error:not([hidden])', { timeout: 150_000 });
  expect(await page.locator('#error-text').textContent()).toBe('');
}

async function savedDetections(page: Page): Promise<Found> {
  const [{ detections }] = recordSchema.parse(JSON.parse((await savedFile(page, '#save-json')).toString()));
  return detections;
}

/** Opens a picture and waits for its result. */
async function showPicture(page: Page, file: string): Promise<void> {
  await page.setInputFiles('#picture-file', file);
  await page.waitForSelector(`#picture-name:has-text("${basename(file)}")`);
  await settled(page);
}

/** Opens a tiny model and waits for its result. @param sign what the page says of it. */
async function showModel(page: Page, name: string, sign: string): Promise<void> {
  await page.setInputFiles('#model-files', [join(folder, `${name}.json`), join(folder, `${name}.safetensors`)]);
  await page.waitForSelector(`#model-facts:has-text("${sign}")`);
  await settled(page);
}

interface Bounds {
  readonly pixels: number;
  readonly score: number;
}
/** The processor computes as Node does; a graphics processor sums in another order. */
const BOUNDS = { wasm: { pixels: 0.01, score: 1e-4 }, webgpu: { pixels: 0.05, score: 1e-3 } } as const;

/** The same objects, best first. */
function expectSame(found: Found, expected: Found, bounds: Bounds): void {
  // A box at the config's lowest score may be in on one side and out on the other.
  const sure = (detections: Found) => detections.filter(({ score }) => score > 0.052);
  expect(sure(found).length).toBe(sure(expected).length);
  expect(sure(expected).length).toBeGreaterThan(5);
  for (const [i, { bbox, score, category }] of sure(expected).entries()) {
    const other = found[i];
    expect(other?.category).toBe(category);
    expect(Math.abs((other?.score ?? Number.NaN) - score)).toBeLessThan(bounds.score);
    const corners = ([x, y, width, height]: readonly number[] = []) =>
      [x, y, (x ?? 0) + (width ?? 0), (y ?? 0) + (height ?? 0)].map((value) => value ?? Number.NaN);
    const apart = corners(other?.bbox).map((value, k) => Math.abs(value - (corners(bbox)[k] ?? Number.NaN)));
    expect(Math.max(...apart)).toBeLessThan(bounds.pixels);
  }
}

async function inNode(config: string, checkpoint: string, file: string): Promise<Found> {
  await using model = await loadDetector(config, { checkpoint });
  const { detections } = await model.predict(file);
  return detections.map(({ box: [x1, y1, x2, y2], score, classIndex, categoryId, category }) => ({
    bbox: [x1, y1, x2 - x1, y2 - y1],
    score,
    class_index: classIndex,
    category_id: categoryId,
    category,
  }));
}

describe.skipIf(NO_CHROMIUM !== undefined)(`the page with pictures (${NO_CHROMIUM ?? 'in Chromium'})`, () => {
  let site: Site;
  beforeAll(async () => {
    await buildPages(pages);
    await writeImage(scene, drawDemoScene().image);
    await writePicture(picture, drawPicture(160, 120));
    await writeModel(folder, 'detector', detector);
    await writeModel(folder, 'segmentor', segmentor);
    await writeModel(folder, 'classifier', classifier);
    site = await servePages(pages);
  }, 180_000);
  afterAll(async () => {
    await site[Symbol.asyncDispose]();
  });

  test('finds in a PNG and in a JPEG what Node finds', { timeout: 300_000 }, async () => {
    await using opened = await openPage(site, '');
    const { page, faults } = opened;
    await settled(page);
    // The scene that the page draws itself has the pixels of Node's.
    const drawn = await savedDetections(page);
    const cells = [asset('blood_cells.json'), asset('blood_cells.safetensors')] as const;
    expectSame(drawn, await inNode(...cells, scene), BOUNDS.wasm);
    for (const file of [scene, join(ROOT, 'docs/images/cells.jpg')]) {
      await showPicture(page, file);
      expectSame(await savedDetections(page), await inNode(...cells, file), BOUNDS.wasm);
    }
    expect(await page.locator('#list li').count()).toBeGreaterThan(5);
    expect(await page.locator('#timings dt').allTextContents()).toEqual([
      'read',
      'resize, normalise',
      'network',
      'boxes',
      'draw',
      'together',
    ]);
    expect(await page.locator('#devices').textContent()).toMatch(/Processor(?:1 thread|\d+ threads)/);
    const annotated = await sharp(await savedFile(page, '#save-picture')).metadata();
    expect(annotated.width).toBeGreaterThan(100);
    expect(faults).toEqual([]);
  });

  test('reads files to the pixels of Node, profiles and orientations included', { timeout: 300_000 }, async () => {
    await using opened = await openPage(site, '');
    const { page, faults } = opened;
    await settled(page);
    // No score is higher: the picture that is saved is the one that was read.
    await page.locator('#threshold').fill('1');
    for (const name of PICTURES) {
      const file = join(ROOT, 'test/fixtures/images', name);
      await showPicture(page, file);
      const { width, height, data } = await decodeImage(file);
      const saved = sharp(await savedFile(page, '#save-picture')).removeAlpha();
      const found = await saved.raw().toBuffer({ resolveWithObject: true });
      expect([name, found.info.width, found.info.height]).toEqual([name, width, height]);
      expect(Buffer.compare(found.data, data), name).toBe(0);
    }
    expect(faults).toEqual([]);
  });

  test('gives Node’s label map', { timeout: 300_000 }, async () => {
    await using opened = await openPage(site, '');
    const { page, faults } = opened;
    await settled(page);
    await showPicture(page, picture);
    await showModel(page, 'segmentor', 'EncoderDecoder');
    const { data, info } = await sharp(await savedFile(page, '#save-labels'))
      .raw()
      .toBuffer({ resolveWithObject: true });
    await using model = await loadSegmentor(join(folder, 'segmentor.json'), {
      checkpoint: join(folder, 'segmentor.safetensors'),
    });
    const { width, height, labels, classes } = await model.predict(picture);
    expect([info.width, info.height]).toEqual([width, height]);
    expect(classes.length).toBeGreaterThan(1);
    const equal = Array.from(labels, (label, i) => data[i * info.channels] === label).filter(Boolean).length;
    expect(equal / labels.length).toBeGreaterThanOrEqual(0.999);
    expect(await page.locator('#list .name').allTextContents()).toEqual(classes.map(({ category }) => category));
    expect(faults).toEqual([]);
  });

  test('gives Node’s likeliest classes', { timeout: 300_000 }, async () => {
    await using opened = await openPage(site, '');
    const { page, faults } = opened;
    await settled(page);
    await showPicture(page, picture);
    await showModel(page, 'classifier', 'ImageClassifier');
    const { config, checkpoint } = {
      config: join(folder, 'classifier.json'),
      checkpoint: join(folder, 'classifier.safetensors'),
    };
    await using model = await loadClassifier(config, { checkpoint });
    const { ranking } = await model.predict(picture);
    const [{ top }] = classificationSchema.parse(JSON.parse((await savedFile(page, '#save-json')).toString()));
    expect(top.map(({ category }) => category)).toEqual(ranking.slice(0, 5).map(({ category }) => category));
    for (const [i, { score }] of top.entries()) expect(score).toBeCloseTo(ranking[i]?.score ?? Number.NaN, 3);
    expect(await page.locator('#threshold-field').isVisible()).toBe(false);
    expect(faults).toEqual([]);
  });

  test.skipIf(Object.values(trained).includes(undefined))(
    'reads a .pth of mmseg, and gives mmseg’s label map of a street',
    { timeout: 300_000 },
    async () => {
      await using opened = await openPage(site, '');
      const { page, faults } = opened;
      await settled(page);
      const { config = '', checkpoint = '', street = '', labels = '' } = trained;
      await page.setInputFiles('#model-files', [config, checkpoint]);
      await page.waitForSelector('#model-facts:has-text("EncoderDecoder")', { timeout: 60_000 });
      await settled(page);
      await showPicture(page, street);
      const saved = sharp(await savedFile(page, '#save-labels')).extractChannel(0);
      const found = await saved.raw().toBuffer();
      const expected = await sharp(labels).extractChannel(0).raw().toBuffer();
      expect(found.length).toBe(expected.length);
      const equal = expected.reduce((sum, label, i) => sum + (found[i] === label ? 1 : 0), 0);
      expect(equal / expected.length).toBeGreaterThanOrEqual(0.999);
      expect(faults).toEqual([]);
    },
  );

  test('runs on WebGPU, with Node’s boxes', { timeout: 300_000 }, async () => {
    await using opened = await openPage(site, '', { webgpu: true });
    const { page, faults } = opened;
    // A driver in software is there, and not chosen by itself: the demo would take it a minute.
    await settled(page);
    expect(await page.locator('#model-facts').textContent()).toContain('on the processor');
    await showPicture(page, picture);
    await showModel(page, 'detector', 'disc, square, ring');
    await page.check('input[value="webgpu"]');
    await page.waitForSelector('#model-facts:has-text("on WebGPU")', { timeout: 60_000 });
    await settled(page);
    const files = [join(folder, 'detector.json'), join(folder, 'detector.safetensors'), picture] as const;
    expectSame(await savedDetections(page), await inNode(...files), BOUNDS.webgpu);
    expect(faults).toEqual([]);
  });

  test('works as plain files in a folder of any server, with one thread', { timeout: 300_000 }, async () => {
    await using plain = await serveFiles(pages);
    await using opened = await openPage(plain, 'index.html');
    await settled(opened.page);
    expect((await savedDetections(opened.page)).length).toBeGreaterThan(15);
    expect(await opened.page.locator('#devices').textContent()).toContain('1 thread. The server does not send');
    expect(opened.faults).toEqual([]);
  });

  test('says in words what is wrong with a file, and goes on', { timeout: 300_000 }, async () => {
    await using opened = await openPage(site, '');
    const { page, faults } = opened;
    await settled(page);
    const fixture = (path: string) => join(ROOT, 'test/fixtures', path);
    const mistake = async (input: '#picture-file' | '#model-files', files: string | string[]) => {
      await page.setInputFiles(input, files);
      await page.waitForSelector('#error:not([hidden])', { timeout: 60_000 });
      const text = await page.locator('#error-text').textContent();
      await page.click('#error-close');
      return text;
    };
    expect(await mistake('#picture-file', fixture('images/not_an_image.jpg'))).toMatch(
      /^not_an_image\.jpg: expected a picture .*This browser cannot read it/,
    );
    expect(await mistake('#picture-file', fixture('images/empty.png'))).toContain('It is empty (0 bytes).');
    expect(await mistake('#model-files', join(ROOT, 'index.ts'))).toContain('A page runs no code');
    const checkpoint = fixture('checkpoints/truncated.pth');
    expect(await mistake('#model-files', [join(folder, 'detector.json'), checkpoint])).toMatch(
      /^truncated\.pth: expected a whole zip archive .* The file is truncated or damaged/,
    );
    // A sound .pth of another network is read, and refused by its names.
    const other = fixture('checkpoints/extra/views_zip.pth');
    expect(await mistake('#model-files', [join(folder, 'detector.json'), other])).toMatch(
      /^views_zip\.pth: expected tensors for all \d+ parameters of the network but received 0/,
    );
    // A checkpoint may come before its config, and the other way round.
    await page.selectOption('#config', 'demo');
    await page.waitForSelector('#model-facts:has-text("RBC")');
    await page.setInputFiles('#model-files', join(folder, 'detector.safetensors'));
    await page.waitForSelector('.wait:has-text("Now choose its config")');
    await page.setInputFiles('#model-files', join(folder, 'detector.json'));
    await page.waitForSelector('#model-facts:has-text("disc, square, ring")');
    await settled(page);
    await page.setInputFiles('#model-files', join(folder, 'segmentor.json'));
    await page.waitForSelector('.wait:has-text("Now give its checkpoint")');
    expect(faults).toEqual([]);
  });

  test('shows a box of the list on the picture, and fits a phone', { timeout: 300_000 }, async () => {
    await using opened = await openPage(site, '', { viewport: { width: 390, height: 800 }, colorScheme: 'dark' });
    const { page, faults } = opened;
    await settled(page);
    await page.locator('#list li').first().focus();
    expect(await page.locator('#mark').isVisible()).toBe(true);
    const all = await page.locator('#list li').count();
    await page.locator('#threshold').fill('0.9');
    await expect.poll(() => page.locator('#list li').count()).toBeLessThan(all);
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBe(0);
    expect(faults).toEqual([]);
  });
});

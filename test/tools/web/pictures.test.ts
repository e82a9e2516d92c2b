/** The page with pictures in a real browser, held to the results of Node. */
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { drawDemoScene } from '../../../drawing/demo_scene.js';
import { writeImage } from '../../../drawing/write_png.js';
import { loadClassifier, loadSegmentor } from '../../../models/load_model.js';
import { needs } from '../../needs.js';
import { parityFile } from '../../parity_file.js';
import { createWorkspace, ROOT } from '../../workspace.js';
import { classifier, detector, drawPicture, segmentor, writeModel, writePicture } from '../tiny_models.js';
import { buildPages, HAS_CHROMIUM, openPage, type Site, savedFile, serveFiles, servePages } from './browser.js';
import { BOUNDS, expectSame, inNode, savedDetections } from './page_detections.js';
import { settled, showModel, showPicture } from './pictures_page.js';

const workspace = createWorkspace();
afterAll(() => workspace[Symbol.dispose]());
const { folder } = workspace;
const pages = join(folder, 'pages');
const picture = join(folder, 'picture.png');
const scene = join(folder, 'scene.png');
const asset = (name: string) => join(ROOT, 'assets', name);

/** A network that mmseg trained, and what mmseg says of one picture. */
const trained = {
  config: parityFile('trained/camvid_config.json'),
  checkpoint: parityFile('trained/camvid_sem_fpn.pth'),
  street: parityFile('../datasets/camvid/images/val/0016E5_07959.jpg'),
  labels: parityFile('trained/camvid_val_predictions/0016E5_07959.png'),
};

const classificationSchema = z.tuple([
  z.object({ top: z.array(z.object({ category: z.string(), score: z.number() })).length(5) }),
]);
describe('the page with pictures, in Chromium', needs('browser', HAS_CHROMIUM), () => {
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
    for (const file of [scene, join(ROOT, 'assets/blood_cells.jpg')]) {
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

  test('asks another host for published weights where it is told to, and holds them to their digits', async () => {
    await using opened = await openPage(site, '');
    const { page } = opened;
    await settled(page);
    const asked: string[] = [];
    await page.route('https://download.openmmlab.com/**', async (route) => {
      asked.push(route.request().url());
      await route.fulfill({ body: 'PK', headers: { 'access-control-allow-origin': '*' } });
    });
    await page.selectOption('#config', 'retinanet_r50_fpn_1x_coco');
    await page.waitForSelector('#fetch-weights');
    expect(await page.locator('#model-facts').textContent()).toContain(
      'Its weights (about 151.9 MB, Apache-2.0, published by mmdetection) can be downloaded, or drop the file on the page.',
    );
    expect(asked).toEqual([]);
    await page.click('#fetch-weights');
    await page.waitForSelector('#error:not([hidden])');
    expect(await page.locator('#error-text').textContent()).toMatch(
      /-c2398f9e\.pth: expected a file whose SHA-256 begins with c2398f9e but received '[0-9a-f]{16}'/,
    );
    expect(asked).toHaveLength(1);
  });

  test('gives Node’s label map', { timeout: 300_000 }, async () => {
    await using opened = await openPage(site, '');
    const { page, faults } = opened;
    await settled(page);
    await showPicture(page, picture);
    await showModel(page, join(folder, 'segmentor'), 'EncoderDecoder');
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
    await showModel(page, join(folder, 'classifier'), 'ImageClassifier');
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

  test('reads a .pth of mmseg, and gives mmseg’s label map of a street', {
    timeout: 300_000,
    ...needs('datasets', !Object.values(trained).includes(undefined)),
  }, async () => {
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
  });

  test('runs on WebGPU, with Node’s boxes', { timeout: 300_000 }, async () => {
    await using opened = await openPage(site, '', { graphics: true });
    const { page, faults } = opened;
    // A driver in software is there, and not chosen by itself: the demo would take it a minute.
    await settled(page);
    expect(await page.locator('#model-facts').textContent()).toContain('on the processor');
    await showPicture(page, picture);
    await showModel(page, join(folder, 'detector'), 'disc, square, ring');
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
});

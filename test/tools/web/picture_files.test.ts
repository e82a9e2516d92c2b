/** What the page with pictures makes of the files that it is given, in a real browser. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeImage } from '../../../images/decode.js';
import { needs } from '../../needs.js';
import { createWorkspace, ROOT } from '../../workspace.js';
import { detector, drawPicture, segmentor, writeModel, writePicture } from '../tiny_models.js';
import { buildPages, HAS_CHROMIUM, openPage, type Site, savedFile, servePages } from './browser.js';
import { settled, showPicture } from './pictures_page.js';

const workspace = createWorkspace();
afterAll(() => workspace[Symbol.dispose]());
const { folder } = workspace;
const pages = join(folder, 'pages');
const picture = join(folder, 'picture.png');

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

/** The page reads a file to the bytes to which Node reads it. */
async function expectPixels(page: Page, file: string): Promise<void> {
  // No score is higher: the picture that is saved is the one that was read.
  await page.locator('#threshold').fill('1');
  await showPicture(page, file);
  const { width, height, data } = await decodeImage(file);
  const saved = sharp(await savedFile(page, '#save-picture')).removeAlpha();
  const found = await saved.raw().toBuffer({ resolveWithObject: true });
  expect([file, found.info.width, found.info.height]).toEqual([file, width, height]);
  expect(Buffer.compare(found.data, data), file).toBe(0);
}

describe('files given to the page with pictures, in Chromium', needs('browser', HAS_CHROMIUM), () => {
  let site: Site;
  beforeAll(async () => {
    await buildPages(pages);
    await writePicture(picture, drawPicture(160, 120));
    await writeModel(folder, 'detector', detector);
    await writeModel(folder, 'segmentor', segmentor);
    site = await servePages(pages);
  }, 180_000);
  afterAll(async () => {
    await site[Symbol.asyncDispose]();
  });

  test('reads files to the pixels of Node, EXIF orientations included', { timeout: 300_000 }, async () => {
    await using opened = await openPage(site, '');
    const { page, faults } = opened;
    await settled(page);
    for (const name of PICTURES) await expectPixels(page, join(ROOT, 'test/fixtures/images', name));
    expect(faults).toEqual([]);
  });

  test('drops transparency as Node does, where there is WebGL', { timeout: 300_000 }, async () => {
    await using opened = await openPage(site, '', { graphics: true });
    await settled(opened.page);
    await expectPixels(opened.page, join(ROOT, 'test/fixtures/images/alpha.png'));
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

  test('takes what is dropped on it', { timeout: 300_000 }, async () => {
    await using opened = await openPage(site, '');
    const { page, faults } = opened;
    await settled(page);
    const bytes = JSON.stringify([...readFileSync(picture)]);
    const dropped = await page.evaluateHandle(`(() => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([new Uint8Array(${bytes})], 'dropped.png', { type: 'image/png' }));
      return transfer;
    })()`);
    await page.dispatchEvent('main', 'dragenter', { dataTransfer: dropped });
    expect(await page.locator('#drop-shade').isVisible()).toBe(true);
    await page.dispatchEvent('main', 'drop', { dataTransfer: dropped });
    await page.waitForSelector('#picture-name:text-is("dropped.png, 160×120")');
    await settled(page);
    expect(await page.locator('#drop-shade').isVisible()).toBe(false);
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

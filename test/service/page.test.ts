/** The page of a server, in a real browser: what it shows is what the server answers. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseApiKeys } from '../../service/api_keys.js';
import { listen } from '../../service/listen.js';
import { needs } from '../needs.js';
import { HAS_CHROMIUM, type OpenPage, openPage, savedFile } from '../tools/web/browser.js';
import { createWorkspace } from '../workspace.js';
import { openService } from './open_service.js';
import { png } from './pictures.js';

const KEY = '0123456789abcdef0123456789abcdef';
/** The second class's colour. */
const ORANGE = '255 133 0 255';
const PHONE = { width: 390, height: 844 };

describe('the page of a server, in Chromium', needs('browser', HAS_CHROMIUM), () => {
  const workspace = createWorkspace();
  const picture = join(workspace.folder, "it's a cell.png");
  let service: Awaited<ReturnType<typeof openService>>;
  let opened: OpenPage;
  let page: Page;
  let address: string;

  beforeAll(async () => {
    writeFileSync(picture, await png(1600, 1200));
    service = await openService({}, {}, 1, { keys: parseApiKeys(KEY, 'keys') });
    address = await listen(service, { host: '127.0.0.1', port: 0 });
    opened = await openPage({ address: `${address}/`, [Symbol.asyncDispose]: async () => {} }, '');
    ({ page } = opened);
  }, 60_000);
  afterAll(async () => {
    await opened?.[Symbol.asyncDispose]();
    await service?.[Symbol.asyncDispose]();
    workspace[Symbol.dispose]();
  });

  const shown = (id: string) => page.locator(id).textContent();
  const settled = () => page.waitForSelector('#save-json:enabled, #error:not([hidden])');
  /** Of the canvas: red, green, blue, alpha. */
  const pixel = (x: number, y: number) =>
    page.evaluate(`document.querySelector('canvas').getContext('2d').getImageData(${x}, ${y}, 1, 1).data.join(' ')`);
  /** Whether it is the colour of the class 'bright', of which boxes are. */
  const isOrange = async (x: number, y: number) => (await pixel(x, y)) === ORANGE;

  test('asks for the key that the server asks for', async () => {
    await page.waitForSelector('#error:not([hidden])');
    expect(await shown('#error-text')).toContain('a key of this server');
    await page.fill('#key', 'wrong');
    await page.locator('#key').blur();
    await page.waitForSelector('#error-text:not(:has-text("Bearer"))');
    await page.fill('#key', KEY);
    await page.locator('#key').blur();
    await page.waitForSelector('#error', { state: 'hidden' });
    expect(await page.locator('#model option').allTextContents()).toEqual(['detect', 'segment', 'classify']);
    expect(await shown('#model-facts')).toBe('detection: dark, bright');
  });

  test('draws boxes and lists them, as many as the slider lets through', async () => {
    await page.setInputFiles('#picture-file', picture);
    await settled();
    expect(await shown('#error-text')).toBe('');
    expect(await shown('#picture-name')).toBe("it's a cell.png, 1600×1200");
    expect(await shown('#list-summary')).toBe('1 bright');
    expect(await page.locator('#list .value').allTextContents()).toEqual(['0.75']);
    // The box is from (1, 2) to (1600, 1200).
    expect([await isOrange(1, 600), await isOrange(800, 600)]).toEqual([true, false]);
    await page.hover('#list li');
    expect(await page.locator('#mark').isVisible()).toBe(true);
    await page.hover('h1');
    expect(await page.locator('#mark').isVisible()).toBe(false);
    await page.fill('#threshold', '0.2');
    await page.waitForSelector('#list-summary:has-text("2 bright")');
    await page.fill('#threshold', '0.9');
    await page.waitForSelector('#list-summary:has-text("nothing found")');
    expect(await shown('#list')).toContain('Nothing over this score');
    expect(await isOrange(1, 600)).toBe(false);
    await page.fill('#threshold', '0.5');
    const saved = JSON.parse((await savedFile(page, '#save-json')).toString());
    expect(saved).toMatchObject([
      { file: "it's a cell.png", width: 1600, detections: [{ score: 0.75 }, { score: 0.25 }] },
    ]);
  });

  test('says how a shell asks, without the key', async () => {
    expect(await shown('#curl')).toBe(
      `curl --data-binary '@it'\\''s a cell.png' --header 'content-type: image/png' ` +
        `--header "authorization: Bearer $LOWFORMER_KEY" '${address}/v1/models/detect/detect?score-thr=0.5'`,
    );
  });

  test('shows classes over the picture by one request, and likeliest classes', async () => {
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url().slice(address.length)));
    await page.selectOption('#model', 'segment');
    await settled();
    expect(asked).toEqual(['/v1/models/segment/segment?masks=rle']);
    expect(await page.locator('#list .value').allTextContents()).toEqual(['100.0 %']);
    expect(await shown('#threshold-label')).toBe('Colour');
    // 200 of the picture, half covered by the colour of the class.
    expect(await pixel(800, 600)).toBe('228 167 100 255');
    await page.fill('#threshold', '1');
    await expect.poll(() => pixel(800, 600)).toBe(ORANGE);
    const record = JSON.parse((await savedFile(page, '#save-json')).toString());
    expect(record).toMatchObject([{ classes: [{ category: 'bright', class_index: 1, pixels: 1600 * 1200 }] }]);
    expect(record[0].classes[0]).not.toHaveProperty('segmentation');
    const labels = sharp(await savedFile(page, '#save-labels'));
    expect(await labels.metadata()).toMatchObject({ width: 1600, height: 1200 });
    expect((await labels.stats()).channels.slice(0, 3).map(({ min, max }) => [min, max])).toEqual(
      Array(3).fill([1, 1]),
    );
    await page.selectOption('#model', 'classify');
    await settled();
    expect(await page.locator('#list .name').allTextContents()).toEqual(['bright', 'dark']);
    expect(await page.locator('#threshold-field').isVisible()).toBe(false);
    expect(await pixel(800, 600)).toBe('200 200 200 255');
  });

  test('shows one of several pictures after the other', async () => {
    const names = ['dark.png', 'large.png', 'bright.png'];
    const files = names.map((name) => join(workspace.folder, name));
    // Beyond 2048 pixels a picture is shown smaller than it is.
    const drawn = await Promise.all([png(64, 48, 20), png(2560, 1280, 200), png(64, 48, 200)]);
    for (const [i, file] of files.entries()) writeFileSync(file, drawn[i] ?? '');
    await page.selectOption('#model', 'segment');
    await page.setInputFiles('#picture-file', files);
    await settled();
    const sizes = ['64×48', '2560×1280', '64×48'];
    for (const [i, name] of names.entries()) {
      await page.waitForSelector(`#picture-name:has-text("${name}, ${sizes[i]}")`);
      expect(await shown('#place')).toBe(`${i + 1} of 3`);
      expect(await page.locator('#list .name').allTextContents()).toEqual([i === 0 ? 'dark' : 'bright']);
      expect(await page.locator('#previous').isDisabled()).toBe(i === 0);
      expect(await page.locator('#next').isDisabled()).toBe(i === 2);
      if (i === 1) expect(await page.evaluate("document.querySelector('canvas').width")).toBe(2048);
      if (i < 2) await page.click('#next');
    }
    await page.click('#previous');
    await page.waitForSelector('#picture-name:has-text("large.png, 2560")');
    // One alone has no turn.
    await page.setInputFiles('#picture-file', picture);
    await page.waitForSelector('#turn', { state: 'hidden' });
    await settled();
  });

  test('shows a photograph as its camera was held, and boxes where no browser shows the file', async () => {
    const [turned, unseen] = ['turned.jpg', 'unseen.tif'].map((name) => join(workspace.folder, name));
    const drawn = sharp(await png(400, 300, 200));
    await drawn
      .clone()
      .jpeg()
      .withMetadata({ orientation: 6 })
      .toFile(turned ?? '');
    await drawn
      .clone()
      .tiff()
      .toFile(unseen ?? '');
    const size = "(({ width, height }) => [width, height])(document.querySelector('canvas'))";
    await page.selectOption('#model', 'detect');
    await page.setInputFiles('#picture-file', turned ?? '');
    await page.waitForSelector('#picture-name:has-text("turned.jpg, 300×400")');
    expect(await page.evaluate(size)).toEqual([300, 400]);
    await page.setInputFiles('#picture-file', unseen ?? '');
    await page.waitForSelector('#status:has-text("this browser cannot show such a file")');
    expect(await shown('#picture-name')).toBe('unseen.tif, 400×300');
    expect([await page.evaluate(size), await pixel(200, 150)]).toEqual([[400, 300], '136 136 136 255']);
    expect(await isOrange(1, 150)).toBe(true);
    await page.selectOption('#model', 'segment');
    await settled();
  });

  test('takes pictures that are dropped', async () => {
    const transfer = await page.evaluateHandle(
      `new Promise((done) => document.querySelector('#picture').toBlob((blob) => {
        const data = new DataTransfer();
        for (const name of ['one.png', 'two.png']) data.items.add(new File([blob], name, { type: 'image/png' }));
        done(data);
      }))`,
    );
    await page.dispatchEvent('body', 'dragenter', { dataTransfer: transfer });
    expect(await page.locator('#drop-shade').isVisible()).toBe(true);
    await page.dispatchEvent('body', 'drop', { dataTransfer: transfer });
    expect(await page.locator('#drop-shade').isVisible()).toBe(false);
    await page.waitForSelector('#picture-name:has-text("one.png, 400×300")');
    expect(await shown('#place')).toBe('1 of 2');
  });

  test('says in words what is wrong with a file', async () => {
    const wrong = join(workspace.folder, 'wrong.png');
    writeFileSync(wrong, 'no picture');
    await page.setInputFiles('#picture-file', wrong);
    await page.waitForSelector('#error:not([hidden])');
    expect(await shown('#error-text')).toContain('It is none, or damaged');
    expect(await page.locator('#save-json').isDisabled()).toBe(true);
  });

  test('is one column on a phone, and nothing is cut off', async () => {
    await page.setViewportSize(PHONE);
    await page.selectOption('#model', 'detect');
    await page.setInputFiles('#camera-file', picture);
    await settled();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(PHONE.width);
    const widths = await page.locator('.card').evaluateAll((cards) => cards.map(({ clientWidth }) => clientWidth));
    expect(widths.map((width) => width > 340)).toEqual([true, true, true, true]);
    const heights = await page
      .locator('.button:visible')
      .evaluateAll((all) => all.map(({ clientHeight }) => clientHeight));
    expect(Math.min(...heights)).toBeGreaterThanOrEqual(38);
  });

  test('does no more than its policy lets it', () => {
    // The browser itself tells of answers that are errors.
    expect(opened.faults.filter((fault) => !/the server responded with a status of 4(?:01|22)/.test(fault))).toEqual(
      [],
    );
  });
});

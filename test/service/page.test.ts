/** The page of a server, in a real browser: what it shows is what the server answers. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseApiKeys } from '../../service/api_keys.js';
import { listen } from '../../service/listen.js';
import { needs } from '../needs.js';
import { HAS_CHROMIUM, type OpenPage, openPage, savedFile } from '../tools/web/browser.js';
import { createWorkspace } from '../workspace.js';
import { openService } from './open_service.js';
import { png } from './pictures.js';

const KEY = '0123456789abcdef0123456789abcdef';
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
  /** Whether a pixel of the canvas is the colour of the class 'bright', of which boxes are. */
  const isOrange = async (x: number, y: number) => {
    const pixel = `document.querySelector('canvas').getContext('2d').getImageData(${x}, ${y}, 1, 1).data.join(' ')`;
    return (await page.evaluate(pixel)) === '255 133 0 255';
  };
  const CANVAS = "document.querySelector('canvas').toDataURL()";

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
    await page.fill('#threshold', '0.2');
    expect(await shown('#list-summary')).toBe('2 bright');
    await page.fill('#threshold', '0.9');
    expect(await shown('#list-summary')).toBe('nothing with such a score');
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

  test('shows classes over the picture, and likeliest classes', async () => {
    await page.selectOption('#model', 'segment');
    await settled();
    expect(await page.locator('#list .value').allTextContents()).toEqual(['100.0 %']);
    expect(await page.locator('#threshold-field').isVisible()).toBe(false);
    const before = await page.evaluate(CANVAS);
    await page.selectOption('#model', 'classify');
    await settled();
    expect(await page.locator('#list .name').allTextContents()).toEqual(['bright', 'dark']);
    expect(await page.evaluate(CANVAS)).not.toBe(before);
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

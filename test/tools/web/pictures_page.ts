/** The page with pictures, used as a person does. */
import { basename } from 'node:path';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

/** Until the picture's result is there; an error is one of the test. */
export async function settled(page: Page): Promise<void> {
  await page.waitForSelector('#save-json:enabled, #error:not([hidden])', { timeout: 150_000 });
  expect(await page.locator('#error-text').textContent()).toBe('');
}

/** Opens a picture and waits for its result. */
export async function showPicture(page: Page, file: string): Promise<void> {
  await page.setInputFiles('#picture-file', file);
  await page.waitForSelector(`#picture-name:has-text("${basename(file)}")`);
  await settled(page);
}

/**
 * Opens a model and waits for its result.
 * @param model path of config and checkpoint, without ending.
 * @param sign what the page says of it.
 */
export async function showModel(page: Page, model: string, sign: string): Promise<void> {
  await page.setInputFiles('#model-files', [`${model}.json`, `${model}.safetensors`]);
  await page.waitForSelector(`#model-facts:has-text("${sign}")`);
  await settled(page);
}

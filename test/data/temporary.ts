import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { onTestFinished } from 'vitest';
import { LowformerError } from '../../core/errors.js';

/** A folder with these files, by path; gone when the test ends. */
export function temporaryFolder(files: Readonly<Record<string, string | Uint8Array>>): string {
  const root = mkdtempSync(join(tmpdir(), 'lowformer-data-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return root;
}

export function temporaryFile(name: string, content: string | Uint8Array): string {
  return join(temporaryFolder({ [name]: content }), name);
}

/** A grey picture of one value. */
export function drawnPicture(width: number, height: number, format: 'png' | 'jpeg' = 'jpeg'): Promise<Buffer> {
  const create = { width, height, channels: 3, background: { r: 90, g: 90, b: 90 } } as const;
  return sharp({ create }).toFormat(format).toBuffer();
}

export function dataFixture(path: string): string {
  return fileURLToPath(new URL(`../fixtures/data/${path}`, import.meta.url));
}

/** A dataset beside the checkout; tests that need it are skipped where it is not. */
export function sharedFile(path: string): string {
  return fileURLToPath(new URL(`../../../shared/${path}`, import.meta.url));
}

/** The message of a user's mistake, with `folder` left out of it. */
export async function mistakeOf(work: () => unknown, folder = ''): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (error instanceof LowformerError) return folder === '' ? error.message : error.message.replaceAll(folder, '');
    throw error;
  }
  throw new Error('expected a LowformerError but nothing was thrown');
}

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { expandImages } from '../../tools/image_arguments.js';

const folder = mkdtempSync(join(tmpdir(), 'lowformer-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('pictures in formats that are not read are counted, in a folder and where it has no others', async () => {
  const empty = join(folder, 'phone');
  mkdirSync(empty);
  for (const name of ['a.jpg', 'b.HEIC', 'notes.txt', 'phone/c.heif', 'phone/d.cr2'])
    writeFileSync(join(folder, name), '');
  const { files, passedOver } = await expandImages([folder]);
  expect(files).toEqual([join(folder, 'a.jpg')]);
  expect(passedOver).toEqual(['b.HEIC', 'phone/c.heif', 'phone/d.cr2'].map((name) => join(folder, name)));
  await expect(expandImages([empty])).rejects.toThrow(/Those in it are in formats that are not read: .*c\.heif/);
});

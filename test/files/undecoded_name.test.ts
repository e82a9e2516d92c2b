import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listFiles, pathKind } from '../../data/files.js';
import { readPictureSize } from '../../data/picture_folder.js';
import { readRegularFile } from '../../files/regular_file.js';
import { expandImages } from '../../tools/image_arguments.js';
import { drawnPicture } from '../data/temporary.js';

const folder = mkdtempSync(join(tmpdir(), 'lowformer-names-'));
afterAll(() => rmSync(folder, { recursive: true }));
/** Latin-1, which Node shows as U+FFFD. */
const latin1 = (name: string) => Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(name, 'latin1')]);

// File systems of macOS and Windows take no such names.
describe.skipIf(process.platform !== 'linux')('names that are no UTF-8', () => {
  beforeAll(async () => {
    const picture = await drawnPicture(20, 10);
    writeFileSync(latin1('café.jpg'), picture);
    for (const name of ['\n.jpg', '-a.jpg', 'b*[0].jpg', 'new/c.jpg']) {
      mkdirSync(join(folder, 'new'), { recursive: true });
      writeFileSync(join(folder, name), picture);
    }
  });

  test('a file is found and read', async () => {
    const [name = ''] = (await listFiles(folder, ['.jpg'])).filter((one) => one.startsWith('caf'));
    expect(name).toBe('caf\ufffd.jpg');
    expect(await pathKind(join(folder, name))).toBe('file');
    expect(await readPictureSize(join(folder, name))).toEqual({ width: 20, height: 10 });
    expect((await readRegularFile(join(folder, name), { expected: 'a picture' })).length).toBeGreaterThan(100);
    const { files, bad } = await expandImages([folder, join(folder, name)]);
    expect([files.length, bad]).toEqual([5, []]);
    for (const file of files) expect(await readPictureSize(file), file).toEqual({ width: 20, height: 10 });
  });

  test('likewise in a folder; of two that look alike each is a mistake, with the way out', async () => {
    mkdirSync(latin1('été'));
    const path = Buffer.concat([latin1('été/'), Buffer.from('d.jpg')]);
    writeFileSync(path, await drawnPicture(20, 10));
    const { files } = await expandImages([folder]);
    expect(files).toContain(join(folder, '\ufffdt\ufffd/d.jpg'));
    for (const file of files) expect(await readPictureSize(file), file).toEqual({ width: 20, height: 10 });
    writeFileSync(latin1('cafè.jpg'), '');
    const terms = { expected: 'a picture' };
    await expect(readRegularFile(join(folder, 'caf\ufffd.jpg'), terms)).rejects.toThrow(/no UTF-8.* convmv/);
  });

  test('a link that leads in a circle ends', async () => {
    mkdirSync(join(folder, 'new', 'below'));
    symlinkSync('..', join(folder, 'new', 'below', 'circle'));
    const { files } = await expandImages([join(folder, 'new')]);
    expect(files).toEqual([join(folder, 'new', 'c.jpg')]);
  });
});

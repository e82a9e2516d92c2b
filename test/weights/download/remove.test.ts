import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { takeLock } from '../../../files/lock.js';
import { checkpointAddress } from '../../../weights/download/address.js';
import { cachedFile } from '../../../weights/download/cached_file.js';
import { download } from '../../../weights/download/download.js';
import { removeAllDownloads, removeDownload } from '../../../weights/download/remove.js';
import { fakeCheckpoint } from './fake_checkpoint.js';
import { sendFile, startServer } from './file_server.js';

const FILE = fakeCheckpoint(10_000);

async function filledCache() {
  const cache = mkdtempSync(join(tmpdir(), 'lowformer-cache-'));
  onTestFinished(() => rmSync(cache, { recursive: true, force: true }));
  const { base } = await startServer((request, response) => sendFile(request, response, FILE));
  const [a, b] = [checkpointAddress(`${base}/a.pth`), checkpointAddress(`${base}/b.pth`)];
  const paths = [(await download(a, { cache })).path, (await download(b, { cache })).path];
  return { cache, a: cachedFile(cache, a), b: cachedFile(cache, b), paths };
}

test('one file, with what is known of it', async () => {
  const { cache, a, b } = await filledCache();
  const removed = await removeDownload(a);
  expect(removed).toEqual({ path: a.path, bytes: expect.any(Number) });
  expect(removed?.bytes).toBeGreaterThan(FILE.length);
  expect(existsSync(a.folder)).toBe(false);
  expect(existsSync(b.path)).toBe(true);
  expect(await removeDownload(a)).toBeUndefined();
  expect(readdirSync(join(cache, 'checkpoints'))).toHaveLength(1);
});

test('what has come of one', async () => {
  const { a } = await filledCache();
  rmSync(a.path);
  writeFileSync(a.partial, 'xyz');
  expect(await removeDownload(a)).toMatchObject({ path: a.path });
});

test('all of them, and nothing else', async () => {
  const { cache, paths } = await filledCache();
  expect((await removeAllDownloads(cache)).map(({ path }) => path).sort()).toEqual(paths.sort());
  expect(existsSync(cache)).toBe(false);
  expect(await removeAllDownloads(cache)).toEqual([]);
  mkdirSync(join(cache, 'checkpoints', 'mine'), { recursive: true });
  expect(await removeAllDownloads(cache)).toEqual([]);
  expect(existsSync(join(cache, 'checkpoints', 'mine'))).toBe(true);
});

test('none that is being downloaded', async () => {
  const { a } = await filledCache();
  await using _lock = await takeLock(a.lock, 'download', 'wait');
  await expect(removeDownload(a)).rejects.toThrow(/expected no other download of that file at the same time/);
  expect(existsSync(a.path)).toBe(true);
});

test('a damaged file is found where it is asked for, and downloaded again', async () => {
  const { cache, a } = await filledCache();
  const { base } = await startServer((request, response) => sendFile(request, response, FILE));
  const address = checkpointAddress(`${base}/c.pth`);
  const { path } = await download(address, { cache });
  expect(await download(address, { cache, verify: true })).toMatchObject({ wasCached: true });
  writeFileSync(
    path,
    FILE.map((value) => value ^ 1),
  );
  expect(await download(address, { cache })).toMatchObject({ wasCached: true });
  expect(await download(address, { cache, verify: true })).toMatchObject({ wasCached: false });
  expect(await download(address, { cache, verify: true })).toMatchObject({ wasCached: true });
  expect(a.path).not.toBe(path);
});

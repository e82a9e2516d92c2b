/** A cache that cannot take a file: a disk that is full, a folder that is somebody else's. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { checkpointAddress } from '../../../weights/download/address.js';
import { download } from '../../../weights/download/download.js';
import { needs } from '../../needs.js';
import { fakeCheckpoint } from './fake_checkpoint.js';
import { sendFile, sha256, startServer } from './file_server.js';

const FILE = fakeCheckpoint(3_000_000);
const NAME = `a-${sha256(FILE).slice(0, 8)}.pth`;
const isRoot = process.platform === 'linux' && process.getuid?.() === 0;

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'lowformer-cache-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const get = (address: string, cache: string) => download(checkpointAddress(address), { cache, pause: 1 });
const serve = (request: Parameters<RequestListener>[0], response: Parameters<RequestListener>[1]) =>
  sendFile(request, response, FILE);

/** A disk of one megabyte. */
function smallDisk(): string {
  const folder = newFolder();
  spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'none', folder]);
  onTestFinished(() => void spawnSync('umount', [folder]));
  return folder;
}
const canMount =
  isRoot &&
  (() => {
    const folder = mkdtempSync(join(tmpdir(), 'lowformer-mount-'));
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'none', folder]).status === 0;
    if (mounted) spawnSync('umount', [folder]);
    rmSync(folder, { recursive: true });
    return mounted;
  })();

describe('a disk that is full', needs('root', canMount), () => {
  test('is found before anything is written, where the server says how much comes', async () => {
    const disk = smallDisk();
    const { base } = await startServer(serve);
    await expect(get(`${base}/${NAME}`, disk)).rejects.toThrow(
      /expected room for 3\.0 MB\. The disk has 1\.0 MB left\. Make room, or let LOWFORMER_CACHE name a folder on another disk\.$/,
    );
    expect(readdirSync(join(disk, 'checkpoints'))).toEqual([]);
  });

  test('is found while it fills', async () => {
    const disk = smallDisk();
    const { base } = await startServer((_, response) => {
      response.write(FILE);
      response.end();
    });
    await expect(get(`${base}/${NAME}`, disk)).rejects.toThrow(
      /expected a cache that can be written to\. The disk is full\. Let LOWFORMER_CACHE name another folder\.$/,
    );
    expect(readdirSync(join(disk, 'checkpoints'))).toEqual([]);
  });
});

test("another user's cache is read, and not written to", needs('root', isRoot), async () => {
  const folder = newFolder();
  chmodSync(folder, 0o755);
  const { base } = await startServer(serve);
  const { path } = await get(`${base}/${NAME}`, folder);
  process.seteuid?.(65_534);
  try {
    expect(await get(`${base}/${NAME}`, folder)).toMatchObject({ path, wasCached: true });
    await expect(get(`${base}/b.pth`, folder)).rejects.toThrow(
      `${join(folder, 'checkpoints')}: expected a cache that can be written to. Writing there is not permitted. Nothing was written. ${join(folder, 'checkpoints')} belongs to user 0, and this process is user 65534's. Let LOWFORMER_CACHE name another folder.`,
    );
  } finally {
    process.seteuid?.(0);
  }
});

test('a file where the cache would be', async () => {
  const file = join(newFolder(), 'cache');
  writeFileSync(file, '');
  const { base, requests } = await startServer(serve);
  await expect(get(`${base}/${NAME}`, file)).rejects.toMatchObject({
    code: 'unwritable-file',
    message: expect.stringContaining('There is a file where a folder is needed. Let LOWFORMER_CACHE name another'),
  });
  expect(requests).toEqual([]);
});

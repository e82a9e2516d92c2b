/** `lowformer models fetch` and `rm`, against a server on this machine. */
import { readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { publishedModel } from '../../../configs/zoo/index.js';
import { publishedAddress } from '../../../models/fetch_checkpoint.js';
import { cachedFile, writeFacts } from '../../../weights/download/cached_file.js';
import { fakeCheckpoint } from '../../weights/download/fake_checkpoint.js';
import { sendFile, sha256, startServer } from '../../weights/download/file_server.js';
import { folderIn, lowformer, temporaryFolder } from '../command_line.js';
import { expectMistake } from '../tiny_models.js';

const NAME = 'retinanet_r50_fpn_1x_coco';
const FILE = fakeCheckpoint(20_000);
const cwd = temporaryFolder();
let cache = '';
let count = 0;
beforeEach(() => {
  cache = folderIn(cwd, `cache ${++count}`);
});

function run(args: readonly string[], mirror = 'http://127.0.0.1:9') {
  const env = {
    http_proxy: '',
    HTTP_PROXY: '',
    LOWFORMER_OFFLINE: '',
    LOWFORMER_CACHE: cache,
    LOWFORMER_MIRROR: mirror,
  };
  return lowformer(['models', ...args], { cwd, env });
}

/** Puts a file into the cache as if it had been downloaded: nobody can make one with the published digits. */
async function putIntoCache(): Promise<string> {
  const model = publishedModel(NAME);
  if (model === undefined) throw new Error('no such model');
  const address = publishedAddress(model);
  const cached = cachedFile(cache, address);
  folderIn(cache, cached.folder.slice(cache.length + 1));
  writeFileSync(cached.path, FILE);
  await writeFacts(cached, {
    address: address.shown,
    bytes: FILE.length,
    sha256: `${address.checksum}${'0'.repeat(56)}`,
  });
  return cached.path;
}

test('fetch holds what comes to the published digits, and keeps nothing else', async () => {
  const { base, requests } = await startServer((request, response) => sendFile(request, response, FILE));
  const result = await run(['fetch', NAME], base);
  expect(expectMistake(result)).toMatch(
    new RegExp(`expected a file whose SHA-256 begins with c2398f9e but received '${sha256(FILE).slice(0, 16)}'`),
  );
  expect(requests).toHaveLength(1);
  expect(readdirSync(cache, { recursive: true })).toEqual(['checkpoints']);
});

test('fetch does not take a file that is no longer as it was published', async () => {
  await putIntoCache();
  const { base, requests } = await startServer((_, response) => response.writeHead(404).end());
  expect(expectMistake(await run(['fetch', NAME], base))).toMatch(/The server answers 404/);
  expect(requests).toHaveLength(1);
  expect(expectMistake(await run(['fetch', NAME, '--offline'], base))).toMatch(/nothing is downloaded offline/);
});

test('fetch says which name was meant, before anything is downloaded', async () => {
  const { base, requests } = await startServer((_, response) => response.writeHead(404).end());
  expect(expectMistake(await run(['fetch', NAME, 'retinanet_r50_fpn_1x_cocoo'], base))).toBe(
    "NAME: expected the name of a published model but received 'retinanet_r50_fpn_1x_cocoo'. Did you mean 'retinanet_r50_fpn_1x_coco'?",
  );
  expect(requests).toEqual([]);
});

test('rm removes one, and prints where it was', async () => {
  const path = await putIntoCache();
  expect(await run(['rm', NAME])).toMatchObject({ code: 0, stdout: `${path}\n` });
  const again = await run(['rm', NAME]);
  expect(again).toMatchObject({ code: 0, stdout: '' });
  expect(again.stderr).toContain(`${path}: was not there\n`);
});

test('rm --all removes everything, also as JSON', async () => {
  const path = await putIntoCache();
  const { code, stdout } = await run(['rm', '--all', '--json', '-']);
  expect({ code, list: JSON.parse(stdout) }).toEqual({ code: 0, list: [{ file: path, bytes: expect.any(Number) }] });
  expect(() => readdirSync(join(dirname(path), '..'))).toThrow(/ENOENT/);
});

test.each([[['rm']], [['rm', '--all', NAME]]])('%j', async (args) => {
  expect(expectMistake(await run(args))).toMatch(/^models rm: expected (names of published models|no names beside)/);
});

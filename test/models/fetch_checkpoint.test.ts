/** Weights by address in the library. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { loadClassifier, loadDetector } from '../../models/load_model.js';
import { sendFile, sha256, startServer } from '../weights/download/file_server.js';

const asset = (name: string) => fileURLToPath(new URL(`../../assets/${name}`, import.meta.url));
const FILE = readFileSync(asset('blood_cells.safetensors'));
const config = asset('blood_cells.json');

beforeEach(() => {
  for (const name of ['HTTP_PROXY', 'http_proxy', 'LOWFORMER_OFFLINE']) vi.stubEnv(name, '');
  vi.stubEnv('LOWFORMER_MIRROR', 'http://127.0.0.1:9');
  return () => vi.unstubAllEnvs();
});

function newCache(): string {
  const folder = mkdtempSync(join(tmpdir(), 'lowformer-cache-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test('a model is loaded with weights from an address, and without the server the next time', async () => {
  const cache = newCache();
  const { base, requests } = await startServer((request, response) => sendFile(request, response, FILE));
  const checkpoint = `${base}/cells.safetensors#sha256:${sha256(FILE)}`;
  const lines: string[] = [];
  const states: string[] = [];
  const onMessage = (line: string) => lines.push(line);
  const onDownload = ({ state, received, total }: { state: string; received: number; total: number | undefined }) =>
    states.push(`${state} ${received === total}`);
  await using model = await loadDetector(config, { checkpoint, cache, onMessage, onDownload });
  expect(model.report?.missing).toEqual([]);
  expect(lines[0]).toBe(`downloading ${base}/cells.safetensors`);
  expect(states.at(-1)).toBe('done true');
  await using again = await loadDetector(config, { checkpoint, cache, offline: true });
  const picture = asset('blood_cells.jpg');
  expect((await again.predict(picture)).detections).toEqual((await model.predict(picture)).detections);
  expect(requests).toHaveLength(1);
});

test('load_from may be an address', async () => {
  const { base } = await startServer((request, response) => sendFile(request, response, FILE));
  const cfgOptions = [`load_from=${base}/cells.safetensors`];
  await using model = await loadDetector(config, { cfgOptions, cache: newCache() });
  expect(model.report?.loaded.length).toBeGreaterThan(100);
});

test('what is larger than allowed is refused', async () => {
  const { base } = await startServer((request, response) => sendFile(request, response, FILE));
  const options = { checkpoint: `${base}/cells.safetensors`, cache: newCache(), maxDownload: 1000 };
  await expect(loadDetector(config, options)).rejects.toMatchObject({
    code: 'failed-download',
    message: expect.stringContaining('expected a file of at most 1.0 kB'),
  });
});

test('a published model asks for its own weights', async () => {
  await expect(loadDetector('retinanet_r50_fpn_1x_coco', { cache: newCache(), offline: true })).rejects.toThrow(
    /retinanet_r50_fpn_1x_coco_20200130-c2398f9e\.pth: expected a file in the cache, since nothing is downloaded offline/,
  );
});

test('where weights are to be had by hand alone, that is said', async () => {
  await expect(loadClassifier('lowformer-b0_in1k')).rejects.toThrow(
    'checkpoint: expected trained weights, but none are given. Name a file with the option checkpoint, or set load_from in the config. Its authors publish them on https://github.com/altair199797/LowFormer: save the file from there by hand.',
  );
});

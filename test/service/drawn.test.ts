/** Answers that are pictures, and what the server says of itself. */
import sharp from 'sharp';
import { afterAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { pageFiles } from '../../service/page_files.js';
import { openService } from './open_service.js';
import { FORM_TYPE, form, png } from './pictures.js';

const service = await openService();
const { app } = service;
afterAll(() => service[Symbol.asyncDispose]());
const picture = await png(160, 120, 60);

const post = (url: string, accept: string, payload = picture, type = 'image/png') =>
  app.inject({ method: 'POST', url, payload, headers: { 'content-type': type, accept } });

describe('a picture is answered with a picture', () => {
  test.each(['png', 'jpeg', 'webp'])('with its boxes, as %s', async (format) => {
    const response = await post('/v1/models/detect/detect', `image/${format}`);
    expect([response.statusCode, response.headers['content-type']]).toEqual([200, `image/${format}`]);
    const { data, info } = await sharp(response.rawPayload).raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height, info.channels]).toEqual([160, 120, 3]);
    expect(new Set(data).size).toBeGreaterThan(10);
  });

  test('whose boxes are those over the threshold: 0.3 unless another is given', async () => {
    const drawn = async (query: string) => (await post(`/v1/models/detect/detect${query}`, 'image/png')).rawPayload;
    expect((await drawn('')).equals(await drawn('?score-thr=0.3'))).toBe(true);
    expect((await drawn('')).equals(await drawn('?score-thr=0.2'))).toBe(false);
    const none = await sharp(await drawn('?score-thr=0.9'))
      .raw()
      .toBuffer();
    expect(new Set(none)).toEqual(new Set([60]));
  });

  test('with its classes over it, or its label map', async () => {
    const overlay = await post('/v1/models/segment/segment', 'image/jpeg');
    expect([overlay.statusCode, overlay.headers['content-type']]).toEqual([200, 'image/jpeg']);
    const bright = await png(20, 10, 200);
    const labels = await post('/v1/models/segment/segment?draw=labels', 'image/png', bright);
    expect(labels.statusCode).toBe(200);
    // The samples of a PNG with a palette are the class indices: libvips shows colours, the chunk of the header tells.
    expect(labels.rawPayload.subarray(24, 26)).toEqual(Buffer.from([8, 3]));
    const { width, height, channels } = await sharp(labels.rawPayload).metadata();
    expect([width, height, channels]).toEqual([20, 10, 3]);
  });

  test('where that is wanted more than JSON', async () => {
    expect((await post('/v1/models/detect/detect', '*/*')).headers['content-type']).toContain('application/json');
    const browser = 'text/html,image/webp,*/*;q=0.8';
    expect((await post('/v1/models/detect/detect', browser)).headers['content-type']).toBe('image/webp');
  });

  test.each<[string, number, string, string, Parameters<typeof post>]>([
    ['of a class', 406, 'not-acceptable', 'one of application/json', ['/v1/models/classify/classify', 'image/png']],
    ['in another format', 406, 'not-acceptable', 'image/webp', ['/v1/models/detect/detect', 'image/avif']],
    [
      'of numbers, in a lossy format',
      406,
      'not-acceptable',
      'image/png',
      ['/v1/models/segment/segment?draw=labels', 'image/jpeg'],
    ],
    ['of another kind', 400, 'invalid-option', 'overlay', ['/v1/models/segment/segment?draw=boxes', 'image/png']],
    [
      'with masks',
      400,
      'invalid-option',
      'accept: application/json',
      ['/v1/models/segment/segment?masks=rle', 'image/png'],
    ],
    [
      'in JSON',
      400,
      'invalid-option',
      'accept: image/png',
      ['/v1/models/segment/segment?draw=labels', 'application/json'],
    ],
    [
      'of several',
      400,
      'too-many-pictures',
      'one picture',
      [
        '/v1/models/detect/detect',
        'image/png',
        form(['a', 'b'].map((filename) => ({ filename, content: picture }))),
        FORM_TYPE,
      ],
    ],
  ])('not %s', async (_, status, code, message, request) => {
    const response = await post(...request);
    expect(response.json()).toMatchObject({ status, code, detail: expect.stringContaining(message) });
    expect(response.statusCode).toBe(status);
  });
});

test('classes are told with their masks where those are asked for', async () => {
  const ask = (query: string) => post(`/v1/models/segment/segment${query}`, 'application/json');
  const [plain] = (await ask('')).json();
  // All of the picture is of the class: no pixel before it, then 160 x 120 of them.
  const segmentation = { size: [120, 160], counts: '0Phb0' };
  expect((await ask('?masks=rle')).json()).toEqual([
    { ...plain, classes: [{ category: 'dark', class_index: 0, pixels: 19200, segmentation }] },
  ]);
  expect(plain.classes[0]).not.toHaveProperty('segmentation');
  expect((await ask('?masks=png')).json()).toMatchObject({ status: 400, detail: expect.stringContaining('rle') });
});

test('a checkout that was not built is told so', () => {
  expect(() => pageFiles(new URL('./nosuch/', import.meta.url))).toThrow(
    /nosuch\/dist\/service\/page\/served\.html: expected a file of the server's page, .* npm run build\./,
  );
});

describe('what can be asked', () => {
  test('is told as OpenAPI, with the options that requests are held to', async () => {
    const response = await app.inject('/openapi.json');
    const document = response.json();
    expect(document).toMatchObject({ openapi: '3.1.0', info: { title: 'lowformer' } });
    const paths = z.record(z.string(), z.looseObject({})).parse(document.paths);
    expect(Object.keys(paths).sort()).toEqual([
      '/healthz',
      '/metrics',
      '/readyz',
      '/v1/models',
      '/v1/models/{name}',
      '/v1/models/{name}/classify',
      '/v1/models/{name}/detect',
      '/v1/models/{name}/segment',
      '/v2',
      '/v2/health/live',
      '/v2/health/ready',
      '/v2/models/{name}',
      '/v2/models/{name}/infer',
      '/v2/models/{name}/ready',
    ]);
    expect(paths['/v1/models/{name}/detect']).toMatchObject({
      post: {
        parameters: [
          { name: 'name', in: 'path', schema: { enum: ['detect', 'segment', 'classify'] } },
          { name: 'score-thr', in: 'query', required: false, schema: { type: 'number', minimum: 0, maximum: 1 } },
        ],
      },
    });
    // Everything that it refers to is in it.
    const named = [...response.body.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name);
    expect(named.length).toBeGreaterThan(5);
    for (const name of named) expect(document.components.schemas).toHaveProperty(name ?? '');
  });

  test('is a page, which runs its own program alone', async () => {
    const page = await app.inject('/');
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(page.headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self';/);
    expect(page.body).not.toMatch(/https?:|<script>|style=/);
    const files = new Set([...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file]) => file));
    expect([...files].sort()).toEqual(['./icon.svg', './page.css', './page.js', 'openapi.json']);
    for (const [name, type] of [
      ['icon.svg', 'image/svg+xml'],
      ['page.css', 'text/css; charset=utf-8'],
      ['page.js', 'text/javascript; charset=utf-8'],
      ['Inter-Medium-subset.ttf', 'font/ttf'],
    ]) {
      const { statusCode, headers } = await app.inject(`/${name}`);
      expect([statusCode, headers['content-type']]).toEqual([200, type]);
    }
    // All that the program imports is in it, and what it names beside it is served.
    const { body } = await app.inject('/page.js');
    expect(body).not.toMatch(/\bfrom\s*["']|\bimport\s*(?:\(|["'])/);
    expect([...body.matchAll(/new URL\([`"']([^`"']+)[`"']/g)].map(([, name]) => name)).toEqual([
      'Inter-Medium-subset.ttf',
    ]);
  });
});

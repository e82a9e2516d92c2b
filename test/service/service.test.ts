/** What the server answers, to what is right and to what is wrong with a request. */
import type { InjectOptions } from 'fastify';
import { afterAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { openService } from './open_service.js';
import { FORM_TYPE, form, png } from './pictures.js';

const service = await openService({ bytes: 20_000, pixels: 64 * 64, pictures: 3 });
const { app } = service;
afterAll(() => service[Symbol.asyncDispose]());

const small = await png(4, 2);
const dark = await png(4, 2, 0);
const wide = await png(65, 64);
const bomb = await png(2000, 2000);
const IMAGE = { 'content-type': 'image/png' };

const post = (url: string, payload: Buffer = small, headers: InjectOptions['headers'] = IMAGE) =>
  app.inject({ method: 'POST', url, payload, ...(headers === undefined ? {} : { headers }) });

const problemSchema = z.strictObject({
  type: z.string(),
  title: z.string(),
  status: z.number(),
  detail: z.string(),
  code: z.string(),
  where: z.string(),
  expected: z.string(),
  received: z.string().optional(),
  hint: z.string().optional(),
  pictures: z.array(z.strictObject({ file: z.string(), code: z.string(), detail: z.string() })).optional(),
});

/** The problem that an answer tells, with all that belongs to one. */
function problemIn(response: Awaited<ReturnType<typeof post>>) {
  expect(response.headers['content-type']).toBe('application/problem+json; charset=utf-8');
  const problem = problemSchema.parse(response.json());
  expect(problem.status).toBe(response.statusCode);
  expect(problem.type).toBe(`urn:lowformer:problem:${problem.code}`);
  expect(problem.detail).toContain(problem.expected);
  return problem;
}

describe('pictures are answered', () => {
  const record = { file: 'picture', width: 4, height: 2 };
  const dog = { category_id: 8, category: 'bright', class_index: 1, bbox: [1, 2, 3, 0] };

  test.each([
    ['detect', { ...record, detections: [0.75, 0.25].map((score) => ({ ...dog, score })) }],
    ['segment', { ...record, classes: [{ class_index: 1, category: 'bright', pixels: 8 }] }],
    [
      'classify',
      {
        ...record,
        top: [
          { class_index: 1, category: 'bright', score: 0.75 },
          { class_index: 0, category: 'dark', score: 0.25 },
        ],
      },
    ],
  ])('%s', async (verb, expected) => {
    const response = await post(`/v1/models/${verb}/${verb}`);
    expect(response.statusCode).toBe(200);
    expect(response.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(response.json()).toEqual([expected]);
  });

  test('by the options of the query', async () => {
    const found = await post('/v1/models/detect/detect?score-thr=.5');
    expect(found.json()).toMatchObject([{ detections: [{ score: 0.75 }] }]);
    const told = await post('/v1/models/classify/classify?top=1');
    expect(told.json()).toMatchObject([{ top: [{ category: 'bright' }] }]);
    expect(told.json()[0].top).toHaveLength(1);
  });

  test('several, in their order', async () => {
    const body = form([
      { filename: 'b.png', content: dark },
      { filename: 'a.png', content: small },
    ]);
    const response = await post('/v1/models/classify/classify?top=1', body, { 'content-type': FORM_TYPE });
    expect(response.json()).toMatchObject([
      { file: 'b.png', top: [{ category: 'dark' }] },
      { file: 'a.png', top: [{ category: 'bright' }] },
    ]);
  });

  test('as bytes of any kind', async () => {
    const response = await post('/v1/models/detect/detect', small, { 'content-type': 'application/octet-stream' });
    expect(response.statusCode).toBe(200);
  });
});

describe('what is refused', () => {
  const detect = '/v1/models/detect/detect';
  const cut = small.subarray(0, small.length - 20);

  test.each<[string, number, string, string, Parameters<typeof post>]>([
    ['a path that there is not', 404, 'unknown-path', "received '/v1/nosuch'", ['/v1/nosuch?key=secret']],
    ['an address that is none', 404, 'unknown-path', 'a path that there is', ['/%zz']],
    ['a model that there is not', 404, 'unknown-model', 'detect, segment, classify', ['/v1/models/dogs/detect']],
    ['a model for another task', 404, 'wrong-task', 'POST /v1/models/segment/segment', ['/v1/models/segment/detect']],
    ['another method', 405, 'wrong-method', "expected GET but received 'POST'", ['/v1/models']],
    ['a misspelt option', 400, 'invalid-option', "Did you mean 'score-thr'", [`${detect}?score_thr=0.5`]],
    ['another option', 400, 'invalid-option', 'query.file', [`${detect}?file=/etc/passwd`]],
    ['an option of another verb', 400, 'invalid-option', 'query.top', [`${detect}?top=3`]],
    ['an option twice', 400, 'invalid-option', 'a number from 0 to 1', [`${detect}?score-thr=0&score-thr=1`]],
    ['an option without a value', 400, 'invalid-option', 'a number from 0 to 1', [`${detect}?score-thr=`]],
    ['an option out of range', 400, 'invalid-option', 'a number from 0 to 1', [`${detect}?score-thr=1.5`]],
    ['a hexadecimal number', 400, 'invalid-option', 'a whole number', ['/v1/models/classify/classify?top=0x2']],
    ['half a class', 400, 'invalid-option', 'a whole number', ['/v1/models/classify/classify?top=1.5']],
    ['no body', 400, 'no-picture', '0 bytes', [detect, Buffer.alloc(0)]],
    ['text', 415, 'wrong-type', "received 'text/plain'", [detect, small, { 'content-type': 'text/plain' }]],
    ['JSON', 415, 'wrong-type', 'image/*', [detect, Buffer.from('{}'), { 'content-type': 'application/json' }]],
    [
      'curl without a header',
      415,
      'wrong-type',
      '--header',
      [detect, small, { 'content-type': 'application/x-www-form-urlencoded' }],
    ],
    ['no type', 415, 'wrong-type', "received 'none'", [detect, small, {}]],
    [
      'a type that begins like one',
      415,
      'wrong-type',
      'image/*',
      [detect, small, { 'content-type': 'multipart/form-datax' }],
    ],
    [
      'a compressed body',
      415,
      'wrong-encoding',
      "received 'gzip'",
      [detect, small, { ...IMAGE, 'content-encoding': 'gzip' }],
    ],
    ['no picture', 422, 'unreadable-image', 'It is none, or damaged', [detect, Buffer.from('no picture')]],
    ['half a picture', 422, 'unreadable-image', 'cut off', [detect, cut]],
    ['too many bytes', 413, 'too-large', 'at most 20000 bytes', [detect, Buffer.alloc(20_001)]],
    ['too many pixels', 413, 'too-many-pixels', 'at most 4096 pixels but received 4160', [detect, wide]],
    ['a bomb', 413, 'too-many-pixels', 'received 4000000', [detect, bomb]],
    [
      'half a form',
      400,
      'malformed-body',
      'cut off',
      [detect, form([{ filename: 'a', content: small }], ''), { 'content-type': FORM_TYPE }],
    ],
    [
      'too many pictures',
      413,
      'too-many-pictures',
      'at most 3',
      [
        detect,
        form(Array.from({ length: 4 }, () => ({ filename: 'a', content: small }))),
        { 'content-type': FORM_TYPE },
      ],
    ],
    [
      'a length that lies',
      400,
      'malformed-body',
      'content-length',
      [detect, small, { ...IMAGE, 'content-length': '7' }],
    ],
    ['another host', 403, 'wrong-host', "received 'example.com'", [detect, small, { ...IMAGE, host: 'example.com' }]],
  ])('%s', async (_, status, code, message, request) => {
    const problem = problemIn(await post(...request));
    expect({ status: problem.status, code: problem.code }).toEqual({ status, code });
    expect(problem.detail).toContain(message);
    expect(problem.detail).not.toMatch(/secret|\n\s+at /);
  });

  test('some of several pictures: each is named', async () => {
    const body = form([
      { filename: 'a.png', content: small },
      { filename: 'b.png', content: 'no picture' },
      { filename: 'c.png', content: await png(70, 70) },
    ]);
    const problem = problemIn(await post(detect, body, { 'content-type': FORM_TYPE }));
    expect(problem).toMatchObject({ status: 422, code: 'unreadable-image' });
    expect(problem.detail).toContain('2 of 3 pictures cannot be used. b.png: expected');
    expect(problem.pictures?.map(({ file, code: kind }) => [file, kind])).toEqual([
      ['b.png', 'unreadable-image'],
      ['c.png', 'too-many-pixels'],
    ]);
  });

  test('the method, with those that are allowed', async () => {
    const get = await app.inject({ method: 'GET', url: detect });
    expect(problemIn(get).code).toBe('wrong-method');
    expect(get.headers.allow).toBe('POST');
    const options = await app.inject({ method: 'OPTIONS', url: '/healthz' });
    expect([options.statusCode, options.headers.allow]).toEqual([405, 'GET, HEAD']);
  });
});

describe('the server tells', () => {
  test('its models', async () => {
    const { models } = (await app.inject('/v1/models')).json();
    expect(models).toHaveLength(3);
    expect(models[0]).toEqual({
      name: 'detect',
      task: 'detection',
      verb: 'detect',
      classes: ['dark', 'bright'],
      colours: ['#0072ce', '#ff8500'],
      parameters: 1,
      device: 'cpu',
      queue: { waiting: 0, running: 0 },
    });
    expect((await app.inject('/v1/models/classify')).json()).toMatchObject({ name: 'classify', verb: 'classify' });
  });

  test('how it is', async () => {
    expect((await app.inject('/healthz')).json()).toEqual({ status: 'ok' });
    expect((await app.inject('/readyz')).json()).toEqual({
      status: 'ready',
      models: ['detect', 'segment', 'classify'],
    });
  });

  test.each(['/healthz', '/nosuch', '/%zz', '/v1/models/detect/detect'])(
    'browsers to do nothing with its answers: %s',
    async (url) => {
      const { headers } = await app.inject(url);
      expect(headers).toMatchObject({
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
        'content-security-policy': expect.stringContaining("default-src 'none'"),
      });
      expect(headers).not.toHaveProperty('access-control-allow-origin');
      expect(headers).not.toHaveProperty('x-powered-by');
    },
  );

  test.each(['localhost:8080', '127.0.0.1', '[::1]:8080', 'LOCALHOST'])(
    'whoever calls it by a name of its own: %s',
    async (host) => {
      expect((await app.inject({ url: '/healthz', headers: { host } })).statusCode).toBe(200);
    },
  );

  test.each(['localhost.example.com', '127.0.0.1.example.com', 'example.com:80', '10.0.0.1'])(
    'nobody else: %j',
    async (host) => {
      expect((await app.inject({ url: '/healthz', headers: { host } })).statusCode).toBe(403);
    },
  );
});

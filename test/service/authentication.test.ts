/** A server with keys: who is let in, what needs no key, and what is never written down. */
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, describe, expect, test } from 'vitest';
import { parseApiKeys } from '../../service/api_keys.js';
import { openService } from './open_service.js';
import { png } from './pictures.js';

const KEY = 'theirs-0123456789';
const NAMED = 'alices-0123456789';
const keys = parseApiKeys(`${KEY}\nalice ${NAMED}`, 'keys');
const service = await openService({}, {}, 1, { keys });
afterAll(() => service[Symbol.asyncDispose]());
const picture = await png(4, 2);

type Headers = Readonly<Record<string, string>>;
const DETECT = { method: 'POST', url: '/v1/models/detect/detect', payload: picture } as const;
const detect = (headers: Headers) =>
  service.app.inject({ ...DETECT, headers: { 'content-type': 'image/png', ...headers } });

test.each([KEY, NAMED])('whoever presents a key is answered', async (key) => {
  for (const scheme of ['Bearer', 'bearer']) {
    expect((await detect({ authorization: `${scheme} ${key}` })).statusCode).toBe(200);
  }
});

describe('who does not is not', () => {
  const none = 'Bearer realm="lowformer"';
  const wrong = 'Bearer realm="lowformer", error="invalid_token"';
  test.each<[string, Headers, string, string]>([
    ['no header', {}, 'no-key', none],
    ['a key without its scheme', { authorization: KEY }, 'no-key', none],
    ['another scheme', { authorization: `Basic ${KEY}` }, 'no-key', none],
    ['nothing behind the scheme', { authorization: 'Bearer ' }, 'no-key', none],
    ['two keys', { authorization: `Bearer ${KEY} ${KEY}` }, 'no-key', none],
    ['another header', { 'x-api-key': KEY }, 'no-key', none],
    ['a part of the key', { authorization: `Bearer ${KEY.slice(1)}` }, 'wrong-key', wrong],
    ['more than the key', { authorization: `Bearer ${KEY}0` }, 'wrong-key', wrong],
    ['a name', { authorization: 'Bearer alice' }, 'wrong-key', wrong],
    ['a digest', { authorization: `Bearer ${keys[0]?.digest.toString('hex')}` }, 'wrong-key', wrong],
  ])('%s', async (_, headers, code, challenge) => {
    const response = await detect(headers);
    expect([response.statusCode, response.json().code]).toEqual([401, code]);
    expect(response.headers['www-authenticate']).toBe(challenge);
    expect(response.headers['x-frame-options']).toBe('DENY');
    expect(response.body).not.toContain('0123456789');
  });

  test.each(['/v1/models', '/v1/models/detect', '/openapi.json', '/v1/nosuch', '/v1/models/dogs', '/metrics'])(
    '%s: whether it is there is not told',
    async (url) => {
      for (const method of ['GET', 'HEAD', 'POST', 'OPTIONS'] as const) {
        expect((await service.app.inject({ method, url })).statusCode).toBe(401);
      }
    },
  );

  test('nor with the key in the address', async () => {
    for (const name of ['key', 'access_token', 'authorization']) {
      expect((await service.app.inject(`/v1/models?${name}=${KEY}`)).statusCode).toBe(401);
    }
  });
});

test.each([
  '/healthz',
  '/readyz',
  '/v2/health/live',
  '/v2/health/ready',
  '/',
  '/page.js',
  '/page.css',
  '/icon.svg',
  '/Inter-Medium-subset.ttf',
])('%s needs no key, and says nothing of the models', async (url) => {
  const response = await service.app.inject(url);
  expect(response.statusCode).toBe(200);
  expect(response.body).not.toMatch(/classify|"detect"/);
});

test('the description says how a key is presented, where there are keys', async () => {
  await using open = await openService();
  const headers = { authorization: `Bearer ${KEY}` };
  const [locked, free] = await Promise.all([
    service.app.inject({ url: '/openapi.json', headers }),
    open.app.inject('/openapi.json'),
  ]);
  expect(locked.json()).toMatchObject({
    components: { securitySchemes: { key: { type: 'http', scheme: 'bearer' } } },
    security: [{ key: [] }],
    paths: { '/healthz': { get: { security: [] } }, '/readyz': { get: { security: [] } } },
  });
  expect(free.json()).not.toHaveProperty('security');
});

test('the log has names, and no key: neither of headers nor of addresses', async () => {
  const stream = new PassThrough();
  const log = text(stream);
  {
    await using logged = await openService({}, {}, 1, { keys, log: { stream, level: 'info' } });
    const ask = (url: string, headers: Headers = {}) => logged.app.inject({ url, headers });
    await ask('/v1/models?a=1', { authorization: `Bearer ${NAMED}` });
    await ask('/v1/models', { authorization: `Bearer ${KEY}` });
    await ask(`/v1/models?key=${KEY}`);
    await ask(`/?key=${KEY}`);
    await ask(`/%zz?key=${KEY}`);
    await ask('/v1/models', { authorization: `Bearer ${KEY}0` });
    await ask('/v1/models', { authorization: `Basic ${KEY}` });
  }
  stream.end();
  const lines = (await log).trim().split('\n');
  expect(lines.length).toBeGreaterThanOrEqual(6);
  expect(lines[0]).toMatch(/"url":"\/v1\/models\?a=1","key":"alice","status":200/);
  expect(lines.join('\n')).not.toContain('0123456789');
});

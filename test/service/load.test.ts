/** More than can be done at once, senders that are gone, and a server that ends. */
import type { LightMyRequestResponse } from 'fastify';
import { expect, test, vi } from 'vitest';
import { openService } from './open_service.js';
import { FORM_TYPE, form, png } from './pictures.js';

const picture = await png(4, 2);
const DETECT = { method: 'POST', url: '/v1/models/detect/detect', headers: { 'content-type': 'image/png' } } as const;

/** Holds runs until it is opened. */
function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, until: () => opened };
}

test('what finds no room is told when to come again; what waits is answered', async () => {
  const { open, until } = gate();
  await using service = await openService({ waiting: 3, pictures: 3 }, { until });
  const answers: LightMyRequestResponse[] = [];
  // Two are run or decoded, three wait.
  const asked = Array.from({ length: 8 }, async () => {
    answers.push(await service.app.inject({ ...DETECT, payload: picture }));
  });
  await vi.waitUntil(() => answers.length === 3);
  expect(answers.map(({ statusCode }) => statusCode)).toEqual([429, 429, 429]);
  expect(Number(answers[0]?.headers['retry-after'])).toBeGreaterThanOrEqual(1);
  expect(answers[0]?.json()).toMatchObject({ code: 'busy', where: 'detect' });
  // Another model has a queue of its own.
  const other = service.app.inject({ ...DETECT, url: '/v1/models/classify/classify', payload: picture });
  open();
  expect((await other).statusCode).toBe(200);
  await Promise.all(asked);
  expect(answers.slice(3).map(({ statusCode }) => statusCode)).toEqual([200, 200, 200, 200, 200]);
});

test('a request of several pictures has room for all of them, or is refused', async () => {
  const { open, until } = gate();
  await using service = await openService({ waiting: 3, pictures: 3 }, { until });
  const payload = form(['a', 'b', 'c'].map((filename) => ({ filename, content: picture })));
  const ask = () => service.app.inject({ ...DETECT, headers: { 'content-type': FORM_TYPE }, payload });
  const both = [ask(), ask()];
  expect((await Promise.race(both)).statusCode).toBe(429);
  open();
  expect((await Promise.all(both)).map(({ statusCode }) => statusCode).sort()).toEqual([200, 429]);
});

test('one that takes too long is given up', async () => {
  await using service = await openService({ time: 50 }, { until: () => new Promise(() => {}) });
  const response = await service.app.inject({ ...DETECT, payload: picture });
  expect(response.statusCode).toBe(503);
  expect(response.json()).toMatchObject({ code: 'too-slow', detail: expect.stringContaining('within 0.05 seconds') });
  expect(response.headers['retry-after']).toBe('10');
});

test('requests of one moment share a run', async () => {
  const { open, until } = gate();
  const batches: number[] = [];
  let names = 0;
  await using service = await openService(
    {},
    {
      onRun: () => {
        names++;
      },
      until: async () => {
        batches.push(names);
        names = 0;
        await until();
      },
    },
    4,
  );
  const asked = Array.from({ length: 4 }, () => service.app.inject({ ...DETECT, payload: picture }));
  setTimeout(open, 50);
  expect((await Promise.all(asked)).map(({ statusCode }) => statusCode)).toEqual([200, 200, 200, 200]);
  expect(batches).toEqual([4]);
});

test('a model that fails is a fault, of which nothing is told', async () => {
  await using service = await openService({}, { until: () => Promise.reject(new Error('secret inside')) });
  const response = await service.app.inject({ ...DETECT, payload: picture });
  expect(response.statusCode).toBe(500);
  expect(response.json()).toMatchObject({ code: 'fault', detail: 'The server has failed. Its log says how.' });
  expect(response.body).not.toContain('secret');
});

test('a server that is about to end is not ready, and takes nothing', async () => {
  await using service = await openService();
  service.refuse();
  for (const request of [{ ...DETECT, payload: picture }, { url: '/readyz' }]) {
    const response = await service.app.inject(request);
    expect([response.statusCode, response.json().code]).toEqual([503, 'stopping']);
  }
  expect((await service.app.inject('/healthz')).statusCode).toBe(200);
});

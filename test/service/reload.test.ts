/** Models that are loaded anew while they are asked: no request is lost, and each is answered by one of the two. */
import { setTimeout } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { z } from 'zod';
import { LowformerError } from '../../core/errors.js';
import { parseApiKeys } from '../../service/api_keys.js';
import { createService, type Service } from '../../service/create_service.js';
import { DEFAULT_LIMITS } from '../../service/limits.js';
import { openModels } from '../../service/open_models.js';
import { reloadModel } from '../../service/reload.js';
import { type FakeOptions, fakeModel } from './fake_model.js';
import { png } from './pictures.js';

/** On a busy machine all of this takes its time. */
const PATIENT = { timeout: 30_000 };
const KEY = 'theirs-0123456789';
const keys = parseApiKeys(KEY, 'keys');
const headers = { authorization: `Bearer ${KEY}` };
const payload = await png(4, 2);

/** A server of the models `cells` and `other`, each of which is loaded as the next of a list says. */
async function opened(cells: readonly (FakeOptions | LowformerError)[], asksForKeys = true) {
  let next = 0;
  const load = async ({ name }: { readonly name: string }) => {
    const options = name === 'cells' ? cells[next++] : {};
    await setTimeout(1);
    if (options instanceof LowformerError) throw options;
    return fakeModel('classification', options);
  };
  const arguments_ = ['cells', 'other'].map((name) => ({ name, config: name }));
  const served = await openModels(arguments_, load, { limits: DEFAULT_LIMITS, sessions: 1, maxBatch: 1, maxWait: 0 });
  const service: Service = await createService({
    models: served.models,
    limits: DEFAULT_LIMITS,
    ownNamesAlone: true,
    ...(asksForKeys ? { keys } : {}),
    reload: (name) => reloadModel(served, name, service.requestsOver),
  });
  const { app } = service;
  return {
    reload: (name = 'cells', query = '') =>
      app.inject({ method: 'POST', url: `/v1/models/${name}/reload${query}`, headers }),
    classes: async () =>
      z.array(z.string()).parse((await app.inject({ url: '/v1/models/cells', headers })).json().classes),
    /** What the picture shows, or the status of another answer. */
    async ask(): Promise<unknown> {
      const url = '/v1/models/cells/classify?top=1';
      const answer = await app.inject({
        method: 'POST',
        url,
        payload,
        headers: { ...headers, 'content-type': 'image/png' },
      });
      return answer.statusCode === 200 ? answer.json()[0].top[0].category : answer.statusCode;
    },
    async [Symbol.asyncDispose]() {
      await app.close();
      await served[Symbol.asyncDispose]();
    },
  };
}

function gate() {
  let open = () => {};
  const until = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, until: () => until };
}

const DAY = { classes: ['night', 'day'] } as const;
const BROKEN = new LowformerError({ code: 'unreadable-checkpoint', where: 'cells.pth', expected: 'a whole file' });

test('what is under way is answered by the model before, what comes by the new one', async () => {
  const { open, until } = gate();
  const ran: string[] = [];
  let disposed = 0;
  const before = { until, onRun: (name: string) => ran.push(name), onDispose: () => disposed++ };
  await using server = await opened([before, DAY]);
  const old = Array.from({ length: 5 }, server.ask);
  await vi.waitUntil(() => ran.length === 2, PATIENT);
  const reloaded = server.reload();
  await vi.waitUntil(async () => (await server.classes()).includes('day'), PATIENT);
  expect(await server.ask()).toBe('day');
  // The old ones are still at it, and the model with them.
  expect([ran.length, disposed]).toEqual([2, 0]);
  open();
  expect(await Promise.all(old)).toEqual(Array.from({ length: 5 }, () => 'bright'));
  const { statusCode, json } = await reloaded;
  expect([statusCode, disposed]).toEqual([200, 1]);
  expect(json()).toMatchObject({
    name: 'cells',
    task: 'classification',
    verb: 'classify',
    classes: ['night', 'day'],
    before: { classes: ['dark', 'bright'] },
  });
  expect(await server.ask()).toBe('day');
});

test('none is lost, however often it is loaded anew, and every model before is freed', async () => {
  let disposed = 0;
  const onDispose = () => disposed++;
  const models = Array.from({ length: 11 }, (_, i) => (i % 2 === 0 ? { onDispose } : { ...DAY, onDispose }));
  {
    await using server = await opened(models);
    let stop = false;
    const answers = new Map<unknown, number>();
    const asking = Array.from({ length: 4 }, async () => {
      while (!stop) {
        const answer = await server.ask();
        answers.set(answer, (answers.get(answer) ?? 0) + 1);
      }
    });
    for (let i = 1; i <= 10; i++) {
      expect((await server.reload()).statusCode).toBe(200);
      expect(disposed).toBe(i);
      expect(await server.ask()).toBe(i % 2 === 0 ? 'bright' : 'day');
    }
    stop = true;
    await Promise.all(asking);
    expect([...answers.keys()].sort()).toEqual(['bright', 'day']);
  }
  expect(disposed).toBe(11);
});

test('one that cannot be loaded is told, and the one before goes on', async () => {
  let disposed = 0;
  await using server = await opened([{ onDispose: () => disposed++ }, BROKEN, DAY]);
  const answer = await server.reload();
  expect([answer.statusCode, answer.json().code]).toEqual([500, 'not-reloaded']);
  expect(answer.json().detail).toContain('The one before goes on. cells.pth: expected a whole file');
  expect([await server.ask(), disposed]).toEqual(['bright', 0]);
  expect((await server.reload()).statusCode).toBe(200);
  expect([await server.ask(), disposed]).toEqual(['day', 1]);
});

test('one at a time', async () => {
  const { open, until } = gate();
  await using server = await opened([{ until }, DAY]);
  const old = server.ask();
  const first = server.reload();
  await setTimeout(20);
  for (const name of ['cells', 'other']) {
    const second = await server.reload(name);
    expect([second.statusCode, second.json().code, second.headers['retry-after']]).toEqual([409, 'reloading', '5']);
  }
  open();
  expect([await old, (await first).statusCode, (await server.reload('other')).statusCode]).toEqual([
    'bright',
    200,
    200,
  ]);
});

test('a server that ends meanwhile frees both', async () => {
  let disposed = 0;
  const onDispose = () => disposed++;
  const load = async () => {
    await setTimeout(20);
    return fakeModel('classification', { onDispose });
  };
  const options = { limits: DEFAULT_LIMITS, sessions: 1, maxBatch: 1, maxWait: 0 };
  const served = await openModels([{ name: 'cells', config: 'cells' }], load, options);
  const reloading = served.reload('cells', async () => {});
  const refused = expect(reloading).rejects.toMatchObject({ code: 'disposed' });
  await served[Symbol.asyncDispose]();
  await refused;
  expect(disposed).toBe(2);
});

test.each<[string, boolean, string, string, number, string]>([
  ['without keys', false, 'cells', '', 403, 'no-keys'],
  ['a model that there is not', true, 'dogs', '', 404, 'unknown-model'],
  ['an option', true, 'cells', '?checkpoint=other.pth', 400, 'invalid-option'],
])('refused: %s', async (_, asksForKeys, name, query, status, code) => {
  await using server = await opened([{}, BROKEN], asksForKeys);
  const answer = await server.reload(name, query);
  expect([answer.statusCode, answer.json().code]).toEqual([status, code]);
});

/** A server that listens: requests that are broken, late or given up, and its end. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { setImmediate } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { z } from 'zod';
import type { Service } from '../../service/create_service.js';
import { listen, stop } from '../../service/listen.js';
import type { FakeOptions } from './fake_model.js';
import { openService } from './open_service.js';
import { png } from './pictures.js';

const picture = await png(4, 2);
const HEAD = 'POST /v1/models/detect/detect HTTP/1.1\r\nhost: localhost\r\ncontent-type: image/png\r\n';
const WHOLE = `${HEAD}content-length: ${picture.length}\r\n\r\n`;

async function started(time = 60_000, fake: FakeOptions = {}) {
  const service = await openService({ time }, fake);
  const address = await listen(service, { host: '127.0.0.1', port: 0 });
  return { service, address, port: Number(new URL(address).port) };
}

/** What comes back on a connection of its own, until it is closed. */
async function raw(port: number, request: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(request);
  return await text(socket);
}

/** On a busy machine all of this takes its time. */
const PATIENT = { timeout: 30_000 };

/** Waits until the next request's headers have been looked at. */
async function nextRequest({ app }: Service): Promise<void> {
  await once(app.server, 'request');
  await setImmediate();
}

test('what is broken is told so, and the connection closed', async () => {
  const { service, port } = await started();
  await using _ = service;
  const [short, none] = await Promise.all([
    raw(port, `${HEAD}content-length: 1\r\n\r\nabc def\r\n\r\n`),
    raw(port, 'no HTTP\r\n\r\n'),
  ]);
  expect(short).toMatch(/HTTP\/1\.1 400 [\s\S]*"code":"malformed-body"/);
  expect(none).toMatch(/^HTTP\/1\.1 400 [\s\S]*x-frame-options: DENY[\s\S]*problem\+json/i);
});

test('so is what does not come whole in time', async () => {
  const { service, port } = await started(300);
  await using _ = service;
  const answer = await raw(port, `${HEAD}content-length: 1000\r\n\r\nabc`);
  expect(answer).toMatch(/^HTTP\/1\.1 (?:408|503) [\s\S]*problem\+json[\s\S]*"code":"too-slow"/i);
});

test('a picture whose sender is gone before its turn is not begun', async () => {
  const names: string[] = [];
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const { service, address } = await started(60_000, { onRun: (name) => names.push(name), until: () => opened });
  await using _ = service;
  const ask = (signal?: AbortSignal) =>
    fetch(`${address}/v1/models/detect/detect`, {
      method: 'POST',
      body: new Uint8Array(picture),
      headers: { 'content-type': 'image/png' },
      ...(signal === undefined ? {} : { signal }),
    });
  const facts = z.object({ queue: z.object({ waiting: z.number() }) });
  const queue = async () => facts.parse(await (await fetch(`${address}/v1/models/detect`)).json()).queue;
  const kept = [ask(), ask()];
  await vi.waitUntil(() => names.length === 2, PATIENT);
  const leaving = new AbortController();
  const left = ask(leaving.signal);
  await vi.waitUntil(async () => (await queue()).waiting === 1, PATIENT);
  leaving.abort();
  await expect(left).rejects.toThrow();
  await vi.waitUntil(async () => (await queue()).waiting === 0, PATIENT);
  open();
  expect((await Promise.all(kept)).map(({ status }) => status)).toEqual([200, 200]);
  expect(names).toHaveLength(2);
});

test('at its end it answers what was accepted, though its body is still on its way, and takes nothing more', async () => {
  const { service, address, port } = await started();
  const late = connect(port, '127.0.0.1');
  const answer = text(late);
  const accepted = nextRequest(service);
  late.write(WHOLE);
  late.write(picture.subarray(0, 20));
  await accepted;
  const ending = stop(service, 60_000);
  const refuses = () =>
    fetch(`${address}/healthz`).then(
      () => false,
      () => true,
    );
  await vi.waitUntil(refuses, PATIENT);
  late.write(picture.subarray(20));
  expect(await answer).toMatch(/^HTTP\/1\.1 200 [\s\S]*connection: close[\s\S]*"detections":/i);
  await ending;
});

test('it does not wait longer than it is told for a body that never comes', async () => {
  const { service, port } = await started();
  const accepted = nextRequest(service);
  const hanging = raw(port, `${WHOLE}abc`);
  await accepted;
  await stop(service, 100);
  expect(await hanging).toBe('');
});

test('an address that is taken is one line', async () => {
  const { service, port } = await started();
  await using _ = service;
  await using other = await openService();
  await expect(listen(other, { host: '127.0.0.1', port })).rejects.toMatchObject({
    code: 'unavailable-address',
    message: expect.stringContaining(`received '127.0.0.1:${port}'. Another program listens there. Name another`),
  });
});

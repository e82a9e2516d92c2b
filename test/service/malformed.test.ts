/** Requests that are wrong, in all ways that are known, and a good one behind them. */
import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { listen } from '../../service/listen.js';
import { seededRandom } from '../random.js';
import { OF_INFERENCE } from './malformed_inference.js';
import { malformedRequests, OF_ANY_ROUTE, OF_PICTURES, type Target } from './malformed_requests.js';
import { openService } from './open_service.js';
import { png } from './pictures.js';
import { send } from './send_request.js';

const picture = await png(40, 30);
const data = [picture.toString('base64')];
const inference = {
  inputs: [{ name: 'file', datatype: 'BYTES', shape: [1], parameters: { content_type: 'base64' }, data }],
};

test.each<[string, Target, number]>([
  [
    'a picture is the body',
    { path: '/v1/models/detect/detect', body: picture, kinds: { ...OF_ANY_ROUTE, ...OF_PICTURES } },
    // More announce much and send little than there is memory for.
    1000,
  ],
  [
    'a request for inference is',
    {
      path: '/v2/models/detect/infer',
      body: Buffer.from(JSON.stringify(inference)),
      kinds: { ...OF_ANY_ROUTE, ...OF_INFERENCE },
    },
    800,
  ],
])('%s: none is taken for a good one, none is a fault, and the next good one is answered', async (_, target, count) => {
  await using service = await openService();
  const address = await listen(service, { host: '127.0.0.1', port: 0 });
  const port = Number(new URL(address).port);
  const held = new Set<Socket>();
  const wrong = new Map<string, string>();
  const kinds = new Set<string>();
  let left = count;
  try {
    for (const request of malformedRequests(target, seededRandom(7))) {
      if (left-- === 0) break;
      kinds.add(request.kind);
      const { status, text } = await send(port, request, held);
      if (!request.statuses.includes(status)) {
        wrong.set(request.kind, `${status}: ${text.slice(-300)} to ${String(request.pieces[0]?.slice(0, 600))}`);
      }
    }
    expect(Object.fromEntries(wrong)).toEqual({});
    expect(held.size).toBeGreaterThan(5);
    const good = await fetch(address + target.path, {
      method: 'POST',
      body: new Uint8Array(target.body),
      headers: { 'content-type': target.body === picture ? 'image/png' : 'application/json' },
    });
    expect([good.status, kinds.size]).toEqual([200, Object.keys(target.kinds).length]);
  } finally {
    for (const socket of held) socket.destroy();
  }
});

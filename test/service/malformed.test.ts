/** Requests that are wrong, in all ways that are known, and a good one behind them. */
import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { listen } from '../../service/listen.js';
import { seededRandom } from '../random.js';
import { KINDS_OF_MISTAKES, malformedRequests } from './malformed_requests.js';
import { openService } from './open_service.js';
import { png } from './pictures.js';
import { send } from './send_request.js';

/** More announce much and send little than there is memory for. */
const REQUESTS = 1000;

test('none is taken for a good one, none is a fault of the server, and the next good one is answered', async () => {
  await using service = await openService();
  const address = await listen(service, { host: '127.0.0.1', port: 0 });
  const port = Number(new URL(address).port);
  const picture = await png(40, 30);
  const held = new Set<Socket>();
  const wrong = new Map<string, string>();
  const kinds = new Set<string>();
  let left = REQUESTS;
  try {
    for (const request of malformedRequests('/v1/models/detect/detect', picture, seededRandom(7))) {
      if (left-- === 0) break;
      kinds.add(request.kind);
      const { status, text } = await send(port, request, held);
      if (!request.statuses.includes(status)) wrong.set(request.kind, `${status}: ${text.slice(-300)}`);
    }
    expect(Object.fromEntries(wrong)).toEqual({});
    expect(held.size).toBeGreaterThan(5);
    const good = await fetch(`${address}/v1/models/detect/detect`, {
      method: 'POST',
      body: new Uint8Array(picture),
      headers: { 'content-type': 'image/png' },
    });
    expect([good.status, kinds.size]).toEqual([200, KINDS_OF_MISTAKES]);
  } finally {
    for (const socket of held) socket.destroy();
  }
});

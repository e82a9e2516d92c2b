/** Questions over a channel, as JSON as the channel between two processes is. */
import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { type Channel, link } from '../../../service/processes/link.js';

/** Two ends: what one sends comes as a message at the other. */
function channel(): readonly [Channel, Channel] {
  const [left, right] = [new EventEmitter(), new EventEmitter()];
  const end = (own: EventEmitter, other: EventEmitter): Channel => ({
    send: (message) => void queueMicrotask(() => other.emit('message', JSON.parse(JSON.stringify(message)))),
    onMessage: (listener) => void own.on('message', listener),
  });
  return [end(left, right), end(right, left)];
}

test('each side is answered what it asked', async () => {
  const [left, right] = channel();
  const above = link(left, async (what, about) => `above: ${what} ${about}`);
  const below = link(right, async (what, about) => (what === 'nothing' ? undefined : { what, about }));
  expect(await Promise.all([above.ask('a', [1]), below.ask('b', 'c'), above.ask('d'), above.ask('nothing')])).toEqual([
    { what: 'a', about: [1] },
    'above: b c',
    { what: 'd' },
    undefined,
  ]);
});

test('what fails there fails here, and what is cut is answered by nobody', async () => {
  const [left, right] = channel();
  const above = link(left, async () => undefined);
  link(right, async (what) => {
    if (what === 'fail') throw new RangeError('out of range');
    return new Promise(() => {});
  });
  // What is none of its messages is passed over.
  right.send({ cmd: 'NODE_CLUSTER' });
  await expect(above.ask('fail')).rejects.toThrow('out of range');
  const waiting = above.ask('wait');
  above.cut();
  await expect(waiting).rejects.toThrow('the process has ended');
  await expect(above.ask('again')).rejects.toThrow('the process has ended');
});

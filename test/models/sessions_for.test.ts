import { expect, test } from 'vitest';
import { threadLimit } from '../../engines/index.js';
import { sessionsFor } from '../../models/sessions_for.js';

const most = Math.min(threadLimit().threads, 4);

test.each([
  ['few pictures', 15, {}, 1],
  ['many', 16, {}, most],
  ['many, where threads are asked for', 1000, { threads: 2 }, 1],
  ['many on a graphics card', 1000, { device: 'webgpu' }, 1],
  ['many in TensorFlow.js', 1000, { engine: 'tfjs' }, 1],
  ['what is asked for', 1, { sessions: 3, threads: 2 }, 3],
] as const)('%s', (_, pictures, options, expected) => {
  expect(sessionsFor(pictures, options)).toBe(expected);
});

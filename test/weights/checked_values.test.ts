import { expect, test } from 'vitest';
import { checkedValues } from '../../weights/checked_values.js';
import type { StoredTensor } from '../../weights/state_dict.js';
import { failure } from './fixtures.js';

function stored(values: Float32Array): StoredTensor {
  return { shape: [values.length], dtype: 'float32', read: () => values };
}

/** Reads every tensor as loading a network does. */
function readAll(tensors: Readonly<Record<string, readonly number[]>>, names = Object.keys(tensors)) {
  const dict = new Map(Object.entries(tensors).map(([name, values]) => [name, stored(Float32Array.from(values))]));
  const read = checkedValues('w.pth', dict, names);
  return () => {
    for (const [name, tensor] of dict) if (names.includes(name)) read(name, tensor);
  };
}

test('a wrong value at any place is found', async () => {
  for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e300]) {
    for (let length = 1; length < 20; length++) {
      for (let place = 0; place < length; place++) {
        const values = new Array<number>(length).fill(-3e38);
        values[place] = wrong;
        expect(await failure(readAll({ a: values }))).toContain(`a (1 of ${length})`);
      }
    }
  }
});

test('what may stand in a network is no fault', () => {
  readAll({
    a: [3.4e38, -3.4e38, 1e-45, -0, 0],
    empty: [],
    'bn.running_var': [0, 1e-12],
    'bn.running_mean': [-1],
  })();
});

test('all of them are named, the first few in full', async () => {
  const { NaN: none } = Number;
  const bad = Object.fromEntries(Array.from({ length: 7 }, (_, i) => [`conv${i}.weight`, [1, none, none]]));
  const message = await failure(readAll({ fine: [1], ...bad, 'bn.running_var': [1, -0.5] }));
  expect(message).toBe(
    "checkpoint-values: w.pth: expected finite weights and variances from 0 up but received 'others in 8 of 9 " +
      "parameters'. NaN or infinite: conv0.weight (2 of 3), conv1.weight (2 of 3), conv2.weight (2 of 3), conv3.weight " +
      '(2 of 3), conv4.weight (2 of 3) and 2 more. Below zero: bn.running_var (1 of 2). Training has diverged, or the ' +
      'file is damaged: take an earlier checkpoint.',
  );
});

test('tensors that the network does not use may hold what they like', () => {
  readAll({ a: [1], ema: [Number.NaN] }, ['a'])();
});

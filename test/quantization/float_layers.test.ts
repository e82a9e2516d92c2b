import { expect, test } from 'vitest';
import { fewestFloatLayers } from '../../quantization/float_layers.js';

const costs = Array.from({ length: 20 }, (_, i) => ({ name: `layer ${i}`, outputSignalToNoise: i }));

test.each([0, 1, 2, 3, 5, 8, 13, 19])(
  'the %d most costly layers, and no more, where that many will do',
  async (needed) => {
    const tried: number[] = [];
    const found = await fewestFloatLayers(
      costs,
      async (float) => {
        tried.push(float.length);
        return float.length;
      },
      (count) => count >= needed,
    );
    expect(found).toEqual({ float: costs.slice(0, needed).map(({ name }) => name), result: needed });
    expect(tried.length).toBeLessThanOrEqual(10);
    expect(new Set(tried).size).toBe(tried.length);
  },
);

test('one layer at least stays in int8', async () => {
  const most: number[] = [];
  const found = await fewestFloatLayers(
    costs,
    async (float) => most.push(float.length),
    () => false,
  );
  expect(found).toBeUndefined();
  expect(
    await fewestFloatLayers(
      [],
      async () => 0,
      () => false,
    ),
  ).toBeUndefined();
});

import { describe, expect, it } from 'vitest';
import { logitSurelyBelow, sigmoid } from '../../geometry/sigmoid.js';
import { seededRandom } from '../random.js';
import { readSafetensors } from '../read_safetensors.js';

describe('sigmoid', () => {
  it("equals PyTorch's to the bit", () => {
    const reference = readSafetensors(new URL('../fixtures/boxes/torch_values.safetensors', import.meta.url));
    expect(reference.float32('sigmoid.in').data.map(sigmoid)).toEqual(reference.float32('sigmoid.out').data);
  });

  it('keeps NaN', () => {
    expect(sigmoid(Number.NaN)).toBeNaN();
  });

  it('is below a score for every logit that is surely below it, and the band above is narrow', () => {
    const random = seededRandom(2);
    const scores = [1e-29, 1e-6, 0.05, 0.3, 0.5, 0.9, 0.999, 1 - 2 ** -24, 1].map(Math.fround);
    for (const score of [...scores, ...Array.from({ length: 500 }, () => Math.fround(random()))]) {
      const floor = logitSurelyBelow(score);
      const last = Math.fround(floor) <= floor ? Math.fround(floor) : Math.fround(floor - 1e-6 * Math.abs(floor));
      expect(sigmoid(last)).toBeLessThan(score);
      // Where the sigmoid is steep, hardly a logit of a later class has to be computed in vain.
      if (score < 0.99) expect(sigmoid(Math.fround(floor + 1e-3))).toBeGreaterThan(score);
    }
  });

  it('is sure of nothing near a score of 0, and of everything above 1', () => {
    expect(logitSurelyBelow(0)).toBe(Number.NEGATIVE_INFINITY);
    expect(logitSurelyBelow(-1)).toBe(Number.NEGATIVE_INFINITY);
    expect(logitSurelyBelow(1.5)).toBe(Number.POSITIVE_INFINITY);
  });
});

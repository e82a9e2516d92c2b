import { describe, expect, it } from 'vitest';
import { normaliseImage, torchRules } from '../../images/normalise.js';

const f = Math.fround;

describe('torchRules', () => {
  it('rounds to float32 after the subtraction and after the division', () => {
    const [red] = torchRules({ mean: [123.675, 116.28, 103.53], std: [58.395, 57.12, 57.375] });
    expect([0, 1, 128, 255].map((value) => red?.(value))).toEqual([
      -2.1179039478302, -2.1007792949676514, 0.07406450808048248, 2.248908281326294,
    ]);
  });

  it('takes one number for all channels, and none for none', () => {
    expect(torchRules({ mean: [10], std: [4] }).map((rule) => rule(12))).toEqual([0.5, 0.5, 0.5]);
    expect(torchRules(undefined).map((rule) => rule(12))).toEqual([12, 12, 12]);
  });
});

describe('normaliseImage', () => {
  const image = { width: 1, height: 1, data: Uint8Array.of(30, 20, 10) };

  it('turns the channels where told, and multiplies by the float64 inverse as OpenCV does', () => {
    const normalisation = { mean: [1, 2, 3], std: [3, 7, 0.1] } as const;
    const rgb = normaliseImage(image, normalisation, true);
    expect([rgb.order, ...rgb.data]).toEqual(['rgb', f(29 / 3), f(18 * (1 / 7)), f(7 * (1 / f(0.1)))]);
    const bgr = normaliseImage(image, normalisation, false);
    expect([bgr.order, ...bgr.data]).toEqual(['bgr', f(9 / 3), f(18 * (1 / 7)), f(27 * (1 / f(0.1)))]);
  });

  it('turns back what was turned', () => {
    const once = normaliseImage(image, { mean: [0], std: [1] }, true);
    const twice = normaliseImage(once, { mean: [0], std: [1] }, true);
    expect([twice.order, ...twice.data]).toEqual(['bgr', 10, 20, 30]);
  });
});

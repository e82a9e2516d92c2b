import { describe, expect, it } from 'vitest';
import { centreCrop, padRightBottom } from '../../images/pad.js';
import { formulaPicture } from './formula_picture.js';

const two = { width: 2, height: 1, data: Uint8Array.of(1, 2, 3, 4, 5, 6) };

describe('padRightBottom', () => {
  it('puts columns at the right and rows below', () => {
    const { data } = padRightBottom(two, { width: 3, height: 2 }, 9);
    expect([...data]).toEqual([1, 2, 3, 4, 5, 6, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9]);
  });

  it('takes colours as BGR for 8 bits, clamped; as they are for normalised pixels', () => {
    expect([...padRightBottom(two, { width: 3, height: 1 }, [10, 300, -5]).data]).toEqual([
      1, 2, 3, 4, 5, 6, 0, 255, 10,
    ]);
    const floats = { width: 1, height: 1, data: Float32Array.of(1, 2, 3), order: 'rgb' as const };
    expect([...padRightBottom(floats, { width: 2, height: 1 }, [0.5, 300, -5]).data]).toEqual([1, 2, 3, 0.5, 300, -5]);
  });

  it('never cuts', () => {
    expect(padRightBottom(two, { width: 1, height: 1 }, 0)).toBe(two);
    expect(padRightBottom(two, { width: 1, height: 2 }, 0)).toMatchObject({ width: 2, height: 2 });
  });
});

describe('centreCrop', () => {
  it('rounds half offsets to even, as Python does', () => {
    const cut = (from: number, to: number) => centreCrop(formulaPicture(from, 9, 1), { width: to, height: 9 }).left;
    expect([cut(10, 9), cut(10, 7), cut(10, 5), cut(10, 3), cut(10, 8)]).toEqual([-0, -2, -2, -4, -1]);
  });

  it('puts zeros around a smaller picture, one more at the right of an odd number', () => {
    const { pixels, left, top } = centreCrop(two, { width: 5, height: 2 });
    expect({ left, top }).toEqual({ left: 1, top: 0 });
    expect([...pixels.data]).toEqual([0, 0, 0, 1, 2, 3, 4, 5, 6, ...new Array(21).fill(0)]);
  });

  it('cuts one way and pads the other', () => {
    const image = formulaPicture(5, 1, 3);
    const { pixels, left, top } = centreCrop(image, { width: 3, height: 3 });
    expect({ left, top }).toEqual({ left: -1, top: 1 });
    expect([...pixels.data]).toEqual([...new Array(9).fill(0), ...image.data.subarray(3, 12), ...new Array(9).fill(0)]);
  });
});
